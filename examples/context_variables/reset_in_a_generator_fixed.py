"""Set and reset in one block, around the loop and not inside it."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

reader: ContextVar[str] = ContextVar("reader", default="nobody")


@contextmanager
def reading_as(name: str) -> Iterator[None]:
    token = reader.set(name)
    try:
        yield
    finally:
        reader.reset(token)  # back to what it was, whatever that was


async def letters() -> AsyncGenerator[str, None]:
    try:
        while True:
            yield f"Dear {reader.get()}"
    finally:
        print("the pile is put away")


async def put_away(pile: AsyncGenerator[str, None]) -> None:
    await pile.aclose()


async def main() -> None:
    pile = letters()
    with reading_as("Ada"):
        print(await anext(pile))
        print("main: I am", reader.get())
        await asyncio.create_task(put_away(pile))
    print("main: I am", reader.get())


if __name__ == "__main__":
    asyncio.run(main())
