"""One task asks the generator, and a queue serves the others."""

import asyncio
from collections.abc import AsyncIterator


async def letters() -> AsyncIterator[str]:
    for name in ["Ada", "Grace", "Edsger"]:
        await asyncio.sleep(0.1)
        yield f"a letter to {name}"


async def carry(who: str, bag: asyncio.Queue[str]) -> None:
    while letter := await bag.get():
        print(who, "carries", letter)
    bag.put_nowait("")  # the end, for the next one too


async def main() -> None:
    bag: asyncio.Queue[str] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(carry("Tim", bag))
        group.create_task(carry("Tom", bag))
        async for letter in letters():
            bag.put_nowait(letter)
        bag.put_nowait("")


if __name__ == "__main__":
    asyncio.run(main())
