"""A hundred and twenty tasks, twenty at a time."""

import asyncio


async def fetch(n, limit):
    async with limit:
        await asyncio.sleep(0.02)
    return n


async def main():
    limit = asyncio.Semaphore(20)
    async with asyncio.TaskGroup() as group:
        for n in range(120):
            group.create_task(fetch(n, limit))
    print("all")


asyncio.run(main())
