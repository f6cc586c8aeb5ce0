"""A task is cancelled when its wait is over, but not its turn."""

import asyncio


async def waiter(event):
    try:
        await event.wait()
        print("never printed")
    except asyncio.CancelledError:
        print("cancelled all the same")
        raise


async def main():
    event = asyncio.Event()
    task = asyncio.create_task(waiter(event), name="waiter")
    await asyncio.sleep(0)
    event.set()
    task.cancel()
    await asyncio.wait([task])


asyncio.run(main())
