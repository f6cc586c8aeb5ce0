"""A background job lives on after errors, and its end is told."""

import asyncio
import itertools
import logging
import sys
from collections.abc import Coroutine
from typing import Any

log = logging.getLogger("feast")
background: set[asyncio.Task[None]] = set()


def start(job: Coroutine[Any, Any, None], name: str) -> None:
    task = asyncio.create_task(job, name=name)
    background.add(task)  # keeps it while it runs
    task.add_done_callback(report)


def report(task: asyncio.Task[None]) -> None:
    background.discard(task)
    if task.cancelled():  # asked to end: no error
        return
    if (error := task.exception()) is not None:
        log.error("%s has died: %r", task.get_name(), error)


async def pour(glass: int) -> None:
    if glass == 2:
        raise OSError("the bottle is empty")
    if glass == 4:
        raise KeyError("corkscrew")
    log.info("glass %d is full", glass)


async def pour_all() -> None:
    for glass in itertools.count(1):
        try:
            await pour(glass)
        except OSError as error:  # expected: the next may succeed
            log.warning("glass %d: %s", glass, error)
        await asyncio.sleep(0.1)


async def light_candles() -> None:
    await asyncio.sleep(3600)  # asyncio.run will cancel this


async def main() -> None:
    form = "%(levelname)s: %(message)s"
    logging.basicConfig(stream=sys.stdout, level="INFO", format=form)
    start(pour_all(), "waiter")
    start(light_candles(), "candles")
    await asyncio.sleep(0.6)  # main has other things to do
    print("main: jobs in the background:", len(background))


if __name__ == "__main__":
    asyncio.run(main())
