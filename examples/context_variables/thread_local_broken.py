"""All tasks share the thread, and with it the thread-local value."""

import asyncio
import threading

current = threading.local()


def say(what: str) -> None:
    print(f"{current.guest} {what}")


async def serve(guest: str, seconds: float) -> None:
    current.guest = guest
    say("orders soup")
    await asyncio.sleep(seconds)  # control moves to the other guest
    say("pays")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(serve("Ada", 0.1), name="Ada")
        group.create_task(serve("Grace", 0.2), name="Grace")


if __name__ == "__main__":
    asyncio.run(main())
