"""One task enters the group and leaves it; the group can reach it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


async def listen() -> None:
    await asyncio.sleep(0.1)
    raise OSError("the line is dead")


@asynccontextmanager
async def line() -> AsyncIterator[str]:
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(), name="listener")
        yield "the line is open"


async def main() -> None:
    try:
        async with line() as phone:  # entered and left in main
            print(phone)
            await asyncio.sleep(0.5)
    except* OSError as errors:
        print("main: hears of it at once:", *errors.exceptions)


if __name__ == "__main__":
    asyncio.run(main())
