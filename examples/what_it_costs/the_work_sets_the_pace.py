"""Tasks save the waiting of ten requests, and none of their work."""

import asyncio
import time

REQUESTS = 10


def make_page() -> None:
    time.sleep(0.1)  # stands for work of the processor


async def answer() -> None:
    await asyncio.sleep(0.2)  # asks a database; the others may run
    make_page()  # no await in here: nobody else runs


async def main() -> None:
    start = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(1, REQUESTS + 1):
            group.create_task(answer(), name=f"request {number}")
    took = time.monotonic() - start
    print(f"waits, added up: {REQUESTS * 0.2:.0f} s")
    print(f"work, added up: {REQUESTS * 0.1:.0f} s")
    print(f"took: {took:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
