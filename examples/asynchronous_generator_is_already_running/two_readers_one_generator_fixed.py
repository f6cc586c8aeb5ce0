"""One task asks the generator, and a queue serves the others."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


async def letters() -> AsyncGenerator[str, None]:
    for name in ["Ada", "Grace", "Edsger"]:
        await asyncio.sleep(0.1)
        yield f"a letter to {name}"


async def carry(who: str, bag: asyncio.Queue[str | None]) -> None:
    while (letter := await bag.get()) is not None:
        print(who, "carries", letter)
    bag.put_nowait(None)  # the end, for the next one too


async def main() -> None:
    bag: asyncio.Queue[str | None] = asyncio.Queue(1)
    async with aclosing(letters()) as post, asyncio.TaskGroup() as team:
        team.create_task(carry("Tim", bag))
        team.create_task(carry("Tom", bag))
        async for letter in post:
            await bag.put(letter)  # waits while the bag is full
        await bag.put(None)


if __name__ == "__main__":
    asyncio.run(main())
