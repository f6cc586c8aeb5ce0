"""async for takes one item after another, and waits for each."""

import asyncio
from typing import Self


class Letters:
    def __init__(self, count: int) -> None:
        self.count = count
        self.come = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        if self.come == self.count:
            raise StopAsyncIteration  # the loop ends
        await asyncio.sleep(0.1)
        self.come += 1
        print("post: brings letter", self.come)
        return f"letter {self.come}"


async def main() -> None:
    async for letter in Letters(2):  # pauses until the next has come
        print("main: begins to answer", letter)
        await asyncio.sleep(0.2)
        print("main: has answered", letter)
    unread = [letter async for letter in Letters(2)]
    print("main: keeps", " and ".join(unread))


if __name__ == "__main__":
    asyncio.run(main())
