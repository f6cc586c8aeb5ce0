"""One task blocks the loop, another is late."""

import asyncio
import time


def parse():
    time.sleep(0.1)


async def clock():
    for tick in range(3):
        print("tick", tick)
        await asyncio.sleep(0.03)


async def report():
    await asyncio.sleep(0.04)
    total = 1
    parse()
    print("report", total)


async def main():
    await asyncio.gather(clock(), report())


asyncio.run(main())
