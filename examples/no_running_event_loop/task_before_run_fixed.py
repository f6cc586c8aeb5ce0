"""In a coroutine that a loop runs, a task can be made."""

import asyncio


async def bake(loaf: str) -> None:
    print(loaf, "is baked")


async def start(loaf: str) -> None:
    await asyncio.create_task(bake(loaf))


if __name__ == "__main__":
    asyncio.run(start("rye"))
