"""An eager task gives up its turn, and wakes its maker (Python 3.12)."""

import asyncio


async def child(event):
    await asyncio.sleep(0)
    event.set()
    raise ValueError("enough")


async def main():
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    event = asyncio.Event()
    task = asyncio.create_task(child(event), name="child")
    await event.wait()
    print(await asyncio.gather(task, return_exceptions=True))


asyncio.run(main())
