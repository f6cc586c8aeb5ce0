"""A function makes a new coroutine for each try."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial


async def call(name: str) -> None:
    raise ConnectionError(f"{name} is engaged")


async def twice(attempt: Callable[[], Awaitable[None]]) -> None:
    for _ in range(2):
        try:
            await attempt()
        except ConnectionError as error:
            print(error)


async def main() -> None:
    await twice(partial(call, "Ada"))


if __name__ == "__main__":
    asyncio.run(main())
