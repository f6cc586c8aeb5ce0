"""yield from: a generator calls another one, and gets its result."""

import asyncio
import types
from collections.abc import Generator
from typing import Any

CITIES = {"Ada": "London"}
STAMPS = {"London": "a blue stamp"}


@types.coroutine  # does today what asyncio.coroutine did
def ask(book: dict[str, str], word: str) -> Generator[Any, Any, str]:
    yield from asyncio.sleep(0.1)
    return book[word]


@types.coroutine
def post(name: str) -> Generator[Any, Any, None]:
    try:
        city = yield from ask(CITIES, name)
        stamp = yield from ask(STAMPS, city)
        print(f"{name}: {stamp}")
    except LookupError as error:
        print(f"{name}: nobody knows {error.args[0]}")


async def main() -> None:  # 3.12 and 3.13 run nothing older
    await asyncio.gather(post("Ada"), post("Bob"))


if __name__ == "__main__":
    asyncio.run(main())
