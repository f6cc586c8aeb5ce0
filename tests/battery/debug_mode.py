"""The debug mode tells where a task was created."""

import asyncio


async def fails():
    raise ValueError("seen only in the log")


async def main():
    task = asyncio.create_task(fails(), name="fails")
    await asyncio.sleep(0.02)
    del task


asyncio.run(main(), debug=True)
