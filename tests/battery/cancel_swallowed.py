"""A task catches its cancellation and goes on."""

import asyncio


async def stubborn():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        print("no")
    await asyncio.sleep(0.02)
    return "done"


async def main():
    task = asyncio.create_task(stubborn(), name="stubborn")
    await asyncio.sleep(0.02)
    task.cancel()
    print(await task)


asyncio.run(main())
