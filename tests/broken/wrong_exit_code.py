"""A program that says that it failed."""

import sys

if __name__ == "__main__":
    print("done")
    sys.exit(3)
