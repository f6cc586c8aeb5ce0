"""A background task is kept, and its error is told at once."""

import asyncio
from collections.abc import Coroutine
from typing import Any

background: set[asyncio.Task[None]] = set()


def start(job: Coroutine[Any, Any, None], name: str) -> None:
    task = asyncio.create_task(job, name=name)
    background.add(task)  # keeps it while it runs
    task.add_done_callback(finished)


def finished(task: asyncio.Task[None]) -> None:
    background.discard(task)
    if not task.cancelled() and task.exception() is not None:
        print(f"{task.get_name()} failed: {task.exception()}")


async def back_up(what: str) -> None:
    await asyncio.sleep(0.1)
    raise OSError(f"no room for {what}")


async def main() -> None:
    start(back_up("letters"), "backup")
    print("main: tasks in the background:", len(background))
    await asyncio.sleep(1)  # meanwhile the backup fails
    print("main: tasks in the background:", len(background))


if __name__ == "__main__":
    asyncio.run(main())
