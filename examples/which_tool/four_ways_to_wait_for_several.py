"""Four tools, the same three jobs: what you hear, and who goes on."""

import asyncio

MENU = {"rice": 0.3, "soup": 0.2, "tea": 0.1}
Tasks = list[asyncio.Task[str]]


async def cook(dish: str) -> str:
    await asyncio.sleep(MENU[dish])
    if dish == "soup":
        raise OSError("no water")
    return dish


def begin() -> Tasks:
    return [asyncio.create_task(cook(dish), name=dish) for dish in MENU]


def told(task: asyncio.Task[str]) -> str:
    name = task.get_name()
    if task.done() and not task.cancelled():
        return f"{name} failed" if task.exception() else f"{name} ready"
    return f"{name} {'cancelled' if task.cancelled() else 'cooking'}"


async def with_task_group() -> Tasks:
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(cook(d), name=d) for d in MENU]
    except* OSError as errors:
        print("  it raised a group of", *errors.exceptions)
    return tasks


async def with_gather() -> Tasks:
    tasks = begin()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    print("  it returned", *answers)
    return tasks


async def with_as_completed() -> Tasks:
    tasks = begin()
    for soonest in asyncio.as_completed(tasks):
        try:
            print("  next came", await soonest)
        except OSError as error:
            print("  next came", error)
    return tasks


async def with_wait() -> Tasks:
    tasks = begin()
    done, _ = await asyncio.wait(tasks, timeout=0.15)
    print("  done by then:", *(task.get_name() for task in done))
    return tasks


async def main() -> None:
    ways = [with_task_group, with_gather, with_as_completed, with_wait]
    for way in ways:
        print(way.__name__)
        tasks = await way()
        print("  then:", ", ".join(map(told, tasks)))
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
