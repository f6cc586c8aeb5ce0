"""A coroutine begins when it is awaited, and a task on its own."""

import asyncio


async def brew(what: str) -> None:
    print(f"{what}: water on")
    await asyncio.sleep(0.1)
    print(f"{what}: done")


async def main() -> None:
    tea = brew("tea")
    coffee = asyncio.create_task(brew("coffee"), name="coffee")
    print("main: both have been called")
    await asyncio.sleep(0.2)  # main looks elsewhere; coffee goes on
    print("main: now the tea")
    await tea
    await coffee  # done long ago


if __name__ == "__main__":
    asyncio.run(main())
