"""A task is cancelled before it has begun."""

import asyncio


async def never():
    print("never printed")


async def main():
    task = asyncio.create_task(never(), name="never")
    task.cancel()
    print(await asyncio.gather(task, return_exceptions=True))


asyncio.run(main())
