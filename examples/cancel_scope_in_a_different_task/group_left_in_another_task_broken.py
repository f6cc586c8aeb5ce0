"""A group that outlives its task has nobody to cancel."""

import asyncio
from collections.abc import AsyncIterator


async def listen() -> None:
    await asyncio.sleep(0.1)
    raise OSError("the line is dead")


async def line() -> AsyncIterator[str]:
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(), name="listener")
        yield "the line is open"


async def connect(phone: AsyncIterator[str]) -> None:
    print(await anext(phone))  # the group is entered in this task


async def main() -> None:
    phone = line()
    await asyncio.create_task(connect(phone), name="caller")
    await asyncio.sleep(0.5)
    print("main: never heard of it")
    try:
        await anext(phone, None)  # the group is left in this one
    except* OSError as errors:
        print("main: hears of it at last:", *errors.exceptions)


if __name__ == "__main__":
    asyncio.run(main())
