"""Prints to both streams, in pieces, and from a thread."""

import asyncio
import logging
import sys


def in_thread():
    print("from a thread")


async def main():
    print("to stderr", file=sys.stderr)
    print("one", end=" ")
    await asyncio.sleep(0.02)
    print("line")
    sys.stdout.writelines(["two\n", "lines\n"])
    logging.warning("logged")
    await asyncio.to_thread(in_thread)
    print("no newline", end="")


print("before")
asyncio.run(main())
