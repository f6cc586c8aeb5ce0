"""The task that reads also closes, so it is one context."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from contextvars import ContextVar

reader = ContextVar[str]("reader", default="nobody")


async def pages() -> AsyncGenerator[str, None]:
    token = reader.set("Ada")
    try:
        yield "page one"
    finally:
        reader.reset(token)


async def main() -> None:
    async with aclosing(pages()) as book:
        print(await anext(book), "is read by", reader.get())
    print("and now by", reader.get())


if __name__ == "__main__":
    asyncio.run(main())
