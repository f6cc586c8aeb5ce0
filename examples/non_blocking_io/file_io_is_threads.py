# /// script
# dependencies = ["aiofiles"]
#
# [tool.example]
# needs = ["files", "threads"]
# ///

"""To read a file without blocking is to read it in a thread."""

import asyncio
import os
import tempfile
import threading
from pathlib import Path

import aiofiles


def opener(path: str, flags: int) -> int:
    ours = threading.current_thread() is threading.main_thread()
    print("  opened in", "the loop's" if ours else "another", "thread")
    return os.open(path, flags)


def read(path: Path) -> str:
    with open(path, opener=opener) as file:
        return file.read()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        letter = Path(folder, "letter.txt")
        await asyncio.to_thread(letter.write_text, "Dear reader")

        print("a plain call:")
        print(" ", read(letter))  # the loop waits for the disk

        print("asyncio.to_thread:")
        print(" ", await asyncio.to_thread(read, letter))

        print("aiofiles:")
        async with aiofiles.open(letter, opener=opener) as file:
            print(" ", await file.read())


if __name__ == "__main__":
    asyncio.run(main())
