"""One loop for two coroutines; a task is left over between them."""

import asyncio


async def start():
    return asyncio.create_task(tick(), name="tick")


async def tick():
    await asyncio.sleep(0.02)
    print("tick")


async def finish(task):
    await task


with asyncio.Runner() as runner:
    task = runner.run(start())
    print("between")
    runner.run(finish(task))
