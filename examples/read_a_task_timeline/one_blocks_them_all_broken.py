"""A task that blocks keeps the thread, and the rice is late."""

import asyncio
import time


async def cook(dish: str, seconds: float, stove: asyncio.Lock) -> None:
    async with stove:
        print(f"{dish}: on the stove")
        await asyncio.sleep(seconds)
    print(f"{dish}: done")


async def slice_bread() -> None:
    await asyncio.sleep(0.5)
    print("bread: slicing")
    time.sleep(1)  # holds the only thread
    print("bread: sliced")


async def main() -> None:
    stove = asyncio.Lock()
    async with asyncio.TaskGroup() as kitchen:
        kitchen.create_task(cook("rice", 1, stove), name="rice")
        kitchen.create_task(cook("soup", 2, stove), name="soup")
        kitchen.create_task(slice_bread(), name="bread")


if __name__ == "__main__":
    asyncio.run(main())
