# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A timeout ends a task's wait; a thread waits on regardless."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

LONG, LIMIT = 1.0, 0.2  # seconds


def in_a_thread() -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(time.sleep, LONG)
        try:
            answer.result(timeout=LIMIT)
        except TimeoutError:
            print("thread: time is up; is it still waiting?", end=" ")
            print(answer.running())


async def in_a_task() -> None:
    answer = asyncio.create_task(asyncio.sleep(LONG), name="answer")
    try:
        async with asyncio.timeout(LIMIT):
            await answer
    except TimeoutError:
        print("task: time is up; is it still waiting?", end=" ")
        print(not answer.done())


def main() -> None:
    for way in (in_a_thread, lambda: asyncio.run(in_a_task())):
        start = time.monotonic()
        way()
        limits = (time.monotonic() - start) / LIMIT
        print(f"over after {limits:.0f} times the limit")


if __name__ == "__main__":
    main()
