"""A task that nobody holds is collected while it waits."""

import asyncio
import gc


async def waits():
    await asyncio.get_running_loop().create_future()


async def main():
    gc.disable()  # or the order of its messages varies
    task = asyncio.create_task(waits(), name="lost")
    await asyncio.sleep(0.02)
    del task
    gc.collect()
    print("collected")
    await asyncio.sleep(0.02)


asyncio.run(main())
