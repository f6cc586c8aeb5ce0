"""One task fails, the group cancels the other."""

import asyncio


async def good():
    await asyncio.sleep(5)


async def bad():
    await asyncio.sleep(0.03)
    raise ValueError("no such page")


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(good(), name="good")
            group.create_task(bad(), name="bad")
    except* ValueError as error:
        print("failed:", error.exceptions)


asyncio.run(main())
