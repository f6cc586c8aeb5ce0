"""A file that stays in the reader's folder."""

from pathlib import Path

if __name__ == "__main__":
    Path("left.txt").touch()
    print("done")
