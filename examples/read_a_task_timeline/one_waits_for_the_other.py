"""With one stove, the second task waits until the first wakes it."""

import asyncio


async def cook(dish: str, seconds: float, stove: asyncio.Lock) -> None:
    async with stove:
        print(f"{dish}: on the stove")
        await asyncio.sleep(seconds)
    print(f"{dish}: done")


async def main() -> None:
    stove = asyncio.Lock()
    async with asyncio.TaskGroup() as kitchen:
        kitchen.create_task(cook("rice", 1, stove), name="rice")
        kitchen.create_task(cook("soup", 2, stove), name="soup")


if __name__ == "__main__":
    asyncio.run(main())
