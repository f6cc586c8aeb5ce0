# /// script
# [tool.example]
# needs = ["threads", "processes"]
# ///

"""Three waits take one second in threads, processes and tasks alike."""

import asyncio
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

JOBS = range(3)


class Run(NamedTuple):
    start: float
    end: float
    process: int
    thread: int


def here() -> tuple[int, int]:
    return os.getpid(), threading.get_native_id()


def wait(job: int) -> Run:
    start = time.monotonic()
    time.sleep(1)  # holds this thread, and no other
    return Run(start, time.monotonic(), *here())


async def wait_in_task(job: int) -> Run:
    start = time.monotonic()
    await asyncio.sleep(1)  # gives this thread back to the loop
    return Run(start, time.monotonic(), *here())


async def in_tasks() -> list[Run]:
    return await asyncio.gather(*map(wait_in_task, JOBS))


def report(way: str, runs: list[Run]) -> None:
    starts, ends, processes, threads = zip(*runs, strict=True)
    at_once = [sum(r.start <= t < r.end for r in runs) for t in starts]
    seconds = round(max(ends) - min(starts))
    row = max(at_once), len(set(threads)), len(set(processes)), seconds
    print(f"{way:<10}", *(f"{number:>11}" for number in row))


def main() -> None:
    report("one by one", [wait(job) for job in JOBS])
    with ThreadPoolExecutor(len(JOBS)) as pool:
        report("threads", list(pool.map(wait, JOBS)))
    spawn = get_context("spawn")
    all_up = spawn.Barrier(len(JOBS))  # no job before all are up
    with ProcessPoolExecutor(len(JOBS), spawn, all_up.wait) as pool:
        report("processes", list(pool.map(wait, JOBS)))
    report("asyncio", asyncio.run(in_tasks()))


if __name__ == "__main__":
    names = "in progress", "threads", "processes", "seconds"
    print(" " * 10, *(f"{name:>11}" for name in names))
    main()
