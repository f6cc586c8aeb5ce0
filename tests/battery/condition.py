"""A condition is waited for, and notified."""

import asyncio

stock = []


async def consumer(changed):
    async with changed:
        await changed.wait_for(lambda: stock)
        print("took", stock.pop())


async def main():
    changed = asyncio.Condition()
    task = asyncio.create_task(consumer(changed))
    await asyncio.sleep(0.02)
    async with changed:
        stock.append("apple")
        changed.notify()
        await asyncio.sleep(0.02)
    await task


asyncio.run(main())
