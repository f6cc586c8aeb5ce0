# /// script
# [tool.example]
# needs = ["threads", "processes"]
# ///

"""Without an await, tasks cannot even take turns at computing."""

import asyncio
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple

JOBS = range(2)


class Run(NamedTuple):
    start: float
    end: float
    process: int
    thread: int


def compute(job: int) -> Run:
    start = time.monotonic()
    enough = time.thread_time() + 0.1  # of a processor's time
    while time.thread_time() < enough:
        sum(range(1000))
    end = time.monotonic()
    return Run(start, end, os.getpid(), threading.get_native_id())


async def compute_in_task(job: int) -> Run:
    return compute(job)  # no await: the loop has to stand by


async def in_tasks() -> list[Run]:
    return await asyncio.gather(*map(compute_in_task, JOBS))


def report(way: str, runs: list[Run]) -> None:
    starts, _, processes, threads = zip(*runs, strict=True)
    at_once = [sum(r.start <= t < r.end for r in runs) for t in starts]
    row = max(at_once), len(set(threads)), len(set(processes))
    print(f"{way:<10}", *(f"{number:>11}" for number in row))


def main() -> None:
    report("one by one", [compute(job) for job in JOBS])
    # A pool's workers meet here before the first of them takes a job.
    both = threading.Barrier(len(JOBS))
    with ThreadPoolExecutor(len(JOBS), initializer=both.wait) as pool:
        report("threads", list(pool.map(compute, JOBS)))
    spawn = get_context("spawn")
    both = spawn.Barrier(len(JOBS))
    with ProcessPoolExecutor(len(JOBS), spawn, both.wait) as pool:
        report("processes", list(pool.map(compute, JOBS)))
    report("asyncio", asyncio.run(in_tasks()))


if __name__ == "__main__":
    names = "in progress", "threads", "processes"
    print(" " * 10, *(f"{name:>11}" for name in names))
    main()
