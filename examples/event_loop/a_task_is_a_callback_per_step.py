"""To the loop, each step of a task is one callback in its queue."""

import asyncio


def begin_round(number: int) -> None:
    print("round", number)
    if number < 3:
        asyncio.get_running_loop().call_soon(begin_round, number + 1)


async def brew(drink: str) -> None:
    for step in ("water on", "drawing", "ready"):
        print(f"  {drink}: {step}")
        await asyncio.sleep(0)  # this step ends; back into the queue


async def main() -> None:
    asyncio.get_running_loop().call_soon(begin_round, 1)
    async with asyncio.TaskGroup() as group:
        group.create_task(brew("tea"))
        group.create_task(brew("coffee"))


if __name__ == "__main__":
    asyncio.run(main())
