"""Updates are lost across an await, and nowhere else."""

import asyncio
from collections.abc import Callable, Coroutine

Clicker = dict[str, int]
Click = Callable[[Clicker], Coroutine[None, None, None]]


async def await_between(clicker: Clicker) -> None:
    for _ in range(100):
        count = clicker["count"]
        await asyncio.sleep(0)  # the others read the same number
        clicker["count"] = count + 1


async def await_after(clicker: Clicker) -> None:
    for _ in range(100):
        count = clicker["count"]
        clicker["count"] = count + 1
        await asyncio.sleep(0)  # the others find the work complete


async def count(doors: int, click: Click) -> str:
    clicker = {"count": 0}
    async with asyncio.TaskGroup() as group:
        for _ in range(doors):
            group.create_task(click(clicker))
    return f"{clicker['count']} of {doors * 100} guests counted"


async def main() -> None:
    print("an await in between:", await count(2, await_between))
    print("no await in between:", await count(3, await_after))


if __name__ == "__main__":
    asyncio.run(main())
