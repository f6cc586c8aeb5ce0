"""All go on when the last one has come."""

import asyncio


async def walk(name, seconds, barrier):
    await asyncio.sleep(seconds)
    async with barrier:
        print(name)


async def main():
    barrier = asyncio.Barrier(2)
    await asyncio.gather(walk("a", 0.02, barrier), walk("b", 0.05, barrier))


asyncio.run(main())
