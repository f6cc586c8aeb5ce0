"""The last line of a coroutine blocks, and then the first one."""

import asyncio
import time


async def ends():
    await asyncio.sleep(0.02)
    print("ending")
    time.sleep(0.06)


async def begins():
    time.sleep(0.05)
    await asyncio.sleep(0.02)


async def main():
    await asyncio.gather(begins(), ends())


asyncio.run(main())
