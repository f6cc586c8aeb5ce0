"""A plain await shares the context; a task gets a copy of it."""

import asyncio
from contextvars import ContextVar, copy_context

weather: ContextVar[str] = ContextVar("weather")


async def change(to: str) -> None:
    weather.set(to)


async def look() -> None:
    print("the task sees:     ", weather.get())


async def main() -> None:
    weather.set("fog")
    print("at first:          ", weather.get())
    await change("rain")  # one task, one context
    print("after the await:   ", weather.get())
    await asyncio.create_task(change("snow"))  # in a copy
    print("after the task:    ", weather.get())

    task = asyncio.create_task(look())  # the copy is made here
    weather.set("sun")
    await task  # and it runs here

    mine = copy_context()
    await asyncio.create_task(change("hail"), context=mine)
    print("in a copy of mine: ", mine[weather])
    print("after all of them: ", weather.get())


if __name__ == "__main__":
    asyncio.run(main())
