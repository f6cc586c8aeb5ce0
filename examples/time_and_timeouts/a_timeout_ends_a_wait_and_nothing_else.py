# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A timeout stops neither a blocking call nor a thread."""

import asyncio
import time

LIMIT = 0.4


def work() -> None:
    time.sleep(0.9)  # any call that waits or computes by itself
    print("  work: done")


async def in_the_loops_thread() -> None:
    work()  # no await, so the loop cannot look at its timers
    await asyncio.sleep(0.1)  # here it can


async def in_another_thread() -> None:
    await asyncio.to_thread(work)


async def main() -> None:
    for job in (in_the_loops_thread, in_another_thread):
        print(f"{job.__name__}:")
        try:
            async with asyncio.timeout(LIMIT):
                await job()
        except TimeoutError:
            print("  TimeoutError")
    print("main: returns")


if __name__ == "__main__":
    asyncio.run(main())  # waits for the thread
    print("run: returns")
