"""One at a time."""

import asyncio


async def enter(name, lock):
    async with lock:
        print(name)
        await asyncio.sleep(0.02)


async def main():
    lock = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(enter(name, lock), name=name)


asyncio.run(main())
