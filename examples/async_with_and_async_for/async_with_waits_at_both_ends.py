"""async with may wait before its block, and after it."""

import asyncio
from types import TracebackType


class Table:
    async def __aenter__(self) -> str:
        print("table: being laid")
        await asyncio.sleep(0.2)
        return "a table with a view"

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        print("table: being cleared, after", error or "no error")
        await asyncio.sleep(0.2)


async def dine() -> None:
    async with Table() as table:  # pauses before the block
        print("guest: has", table)
    print("guest: goes home")  # paused after the block, too


async def play() -> None:
    for song in (1, 2):
        await asyncio.sleep(0.1 if song == 1 else 0.2)
        print("radio: song", song)


async def main() -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(dine(), name="guest")
        tasks.create_task(play(), name="radio")


if __name__ == "__main__":
    asyncio.run(main())
