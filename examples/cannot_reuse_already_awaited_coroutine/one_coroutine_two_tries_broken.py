"""A coroutine runs once: it cannot be tried again."""

import asyncio
from collections.abc import Awaitable


async def call(name: str) -> None:
    raise ConnectionError(f"{name} is engaged")


async def twice(attempt: Awaitable[None]) -> None:
    for _ in range(2):
        try:
            await attempt
        except ConnectionError as error:
            print(error)


async def main() -> None:
    await twice(call("Ada"))


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except RuntimeError as error:
        print("RuntimeError:", error)
