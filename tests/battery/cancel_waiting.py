"""A waiting task is cancelled."""

import asyncio


async def forever():
    await asyncio.sleep(3600)


async def main():
    task = asyncio.create_task(forever(), name="forever")
    await asyncio.sleep(0.02)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")


asyncio.run(main())
