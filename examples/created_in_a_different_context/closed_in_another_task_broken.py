"""A variable is reset where it was set, or not at all."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextvars import ContextVar

reader = ContextVar[str]("reader")


async def pages() -> AsyncGenerator[str, None]:
    token = reader.set("Ada")
    try:
        yield "page one"
    finally:
        reader.reset(token)


async def main() -> None:
    book = pages()
    print(await anext(book))
    await asyncio.create_task(book.aclose())  # in a new context


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except ValueError as error:
        message = re.sub(r"0x\w+", "0x...", str(error))
        print("ValueError:", message)
