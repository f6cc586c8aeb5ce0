"""The debug mode tells where a task and a callback were created."""

import asyncio


async def fails():
    raise ValueError("seen only in the log")


def fails_too():
    raise KeyError("in a callback")


async def main():
    task = asyncio.create_task(fails(), name="fails")
    await asyncio.sleep(0.02)
    del task
    asyncio.get_running_loop().call_soon(fails_too)
    await asyncio.sleep(0.02)


asyncio.run(main(), debug=True)
