"""A context variable has a value for each task."""

import asyncio
from contextvars import ContextVar

current: ContextVar[str] = ContextVar("current")


def say(what: str) -> None:
    print(f"{current.get()} {what}")


async def serve(guest: str, seconds: float) -> None:
    current.set(guest)
    say("orders soup")
    await asyncio.sleep(seconds)  # control moves to the other guest
    say("pays")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(serve("Ada", 0.1), name="Ada")
        group.create_task(serve("Grace", 0.2), name="Grace")


if __name__ == "__main__":
    asyncio.run(main())
