"""A group waits for its tasks."""

import asyncio


async def work(n):
    await asyncio.sleep(n / 50)
    return n


async def main():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(n), name=f"w{n}") for n in (1, 2)]
        print("body done")
    print([task.result() for task in tasks])


asyncio.run(main())
