"""One task fails, and its group cancels the others where they wait."""

import asyncio


async def cook(dish: str, seconds: float, stove: asyncio.Lock) -> None:
    async with stove:
        print(f"{dish}: on the stove")
        await asyncio.sleep(seconds)
    print(f"{dish}: done")


async def slice_bread() -> None:
    await asyncio.sleep(1.5)
    raise ValueError("the bread is mouldy")


async def main() -> None:
    stove = asyncio.Lock()
    try:
        async with asyncio.TaskGroup() as kitchen:
            kitchen.create_task(cook("rice", 1, stove), name="rice")
            kitchen.create_task(cook("soup", 2, stove), name="soup")
            kitchen.create_task(slice_bread(), name="bread")
    except* ValueError as failed:
        print("no meal:", *failed.exceptions)


if __name__ == "__main__":
    asyncio.run(main())
