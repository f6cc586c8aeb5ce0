"""Two tasks run one at a time, and wait at the same time."""

import asyncio


async def cook(dish: str, seconds: float) -> None:
    print(f"{dish}: on the stove")
    await asyncio.sleep(seconds)
    print(f"{dish}: done")


async def main() -> None:
    async with asyncio.TaskGroup() as kitchen:
        kitchen.create_task(cook("rice", 1), name="rice")
        kitchen.create_task(cook("soup", 2), name="soup")


if __name__ == "__main__":
    asyncio.run(main())
