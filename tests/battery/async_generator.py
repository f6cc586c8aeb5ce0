"""A task waits inside an async generator."""

import asyncio


async def ticks(count):
    for n in range(count):
        await asyncio.sleep(0.02)
        yield n


async def main():
    async for n in ticks(2):
        print(n)
    print([n async for n in ticks(1)])


asyncio.run(main())
