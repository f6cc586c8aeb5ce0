"""wait returns what is done by then, raises nothing, ends nothing."""

import asyncio
from asyncio import ALL_COMPLETED

DISHES = {"soup": 0.1, "roast": 0.6, "cake": 0.2}  # seconds


async def cook(dish: str) -> str:
    await asyncio.sleep(DISHES[dish])
    if dish == "cake":
        raise OSError("the oven is cold")
    return f"{dish} is served"


async def main() -> None:
    tasks = {dish: asyncio.create_task(cook(dish)) for dish in DISHES}
    done, late = await asyncio.wait(
        tasks.values(),
        timeout=0.4,
        return_when=ALL_COMPLETED,
    )
    for dish, task in tasks.items():
        if task in late:
            print(f"{dish} is not there yet")
        elif (error := task.exception()) is not None:
            print(error)
        else:
            print(task.result())
    print("done and late:", len(done), len(late))
    for task in late:
        print(await task, "late")


if __name__ == "__main__":
    asyncio.run(main())
