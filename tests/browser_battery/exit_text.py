# /// script
# [tool.example]
# exit-code = 1
# ///

"""A program that ends with a sentence."""

import asyncio
import atexit


async def main():
    asyncio.create_task(asyncio.sleep(10))
    try:
        raise SystemExit("nothing to do")
    finally:
        print("finally")


atexit.register(print, "at exit")
asyncio.run(main())
