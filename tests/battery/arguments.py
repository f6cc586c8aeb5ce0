"""A program sees the arguments and names that it would see alone."""

import asyncio
import sys


async def main():
    await asyncio.sleep(0)
    print(sys.argv[1:], __name__, __doc__)
    print(sys.excepthook is sys.__excepthook__, sys.stdout is sys.__stdout__)


if __name__ == "__main__":
    asyncio.run(main())
