"""Make every task before you wait for the first."""

import asyncio
import time

DRINKS = ("tea", "coffee")


async def brew(drink: str) -> str:
    await asyncio.sleep(1)
    return drink


async def one_by_one() -> list[str]:
    # The second task is not made before the first is done.
    return [await asyncio.create_task(brew(drink)) for drink in DRINKS]


async def side_by_side() -> list[str]:
    async with asyncio.TaskGroup() as kitchen:
        tasks = [kitchen.create_task(brew(drink)) for drink in DRINKS]
        # All of them exist: it is time to wait, in any order.
        return [await task for task in tasks]


async def main() -> None:
    for way in (one_by_one, side_by_side):
        start = time.perf_counter()
        drinks = " and ".join(await way())
        took = time.perf_counter() - start
        print(f"{way.__name__}: {drinks} in {took:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
