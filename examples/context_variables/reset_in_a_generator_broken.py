"""An async generator runs in the context of whoever asks it."""

import asyncio
from collections.abc import AsyncGenerator
from contextvars import ContextVar

reader: ContextVar[str] = ContextVar("reader", default="nobody")


async def letters(name: str) -> AsyncGenerator[str, None]:
    token = reader.set(name)  # in the context of the first to ask
    try:
        while True:
            yield f"Dear {reader.get()}"
    finally:
        reader.reset(token)  # in the context of whoever ends it


async def put_away(pile: AsyncGenerator[str, None]) -> None:
    await pile.aclose()


async def main() -> None:
    pile = letters("Ada")
    print(await anext(pile))
    print("main: I am", reader.get())
    try:
        await asyncio.create_task(put_away(pile))
    except ValueError as error:
        print("main: a token", str(error).rpartition(" was ")[2])
    print("main: I am", reader.get())


if __name__ == "__main__":
    asyncio.run(main())
