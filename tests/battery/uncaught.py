"""An error leaves the program."""

import asyncio


async def fail():
    await asyncio.sleep(0.02)
    try:
        {}["key"]
    except KeyError as error:
        raise ValueError("uncaught") from error


async def main():
    print("before")
    async with asyncio.TaskGroup() as group:
        group.create_task(fail(), name="fail")


asyncio.run(main())
