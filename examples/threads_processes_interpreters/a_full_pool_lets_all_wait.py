# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""to_thread has one pool for all; when it is full, calls queue up."""

import asyncio
import time
from concurrent.futures import Executor, ThreadPoolExecutor

THREADS = 2  # the default pool has a few more


def back_up(disk: str, seconds: float) -> None:
    time.sleep(seconds)
    print("backed up:", disk)


def greet(guest: str) -> None:
    print("hello,", guest)


async def evening(pool: Executor | None) -> None:
    loop = asyncio.get_running_loop()
    backups = [
        loop.run_in_executor(pool, back_up, "C", 0.3),
        loop.run_in_executor(pool, back_up, "D", 0.5),
    ]
    await asyncio.to_thread(greet, "Ada")
    await asyncio.gather(*backups)


async def main() -> None:
    shared = ThreadPoolExecutor(THREADS)
    asyncio.get_running_loop().set_default_executor(shared)
    print("all in the shared pool:")
    await evening(None)
    print("the backups in a pool of their own:")
    with ThreadPoolExecutor(THREADS) as own:
        await evening(own)


if __name__ == "__main__":
    asyncio.run(main())
