# /// script
# [tool.example]
# needs = ["processes"]
# ///

"""In a process of its own, the same job leaves the loop free."""

import asyncio
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context


def count_primes(limit: int) -> int:
    found = 0
    for n in range(2, limit):
        found += all(n % d for d in range(2, int(n**0.5) + 1))
    return found


async def heart() -> None:
    for beat in range(1, 4):
        print("beat", beat)
        await asyncio.sleep(0.05)


async def job(pool: Executor) -> None:
    print("job: begun")
    loop = asyncio.get_running_loop()
    # The loop goes on while the other process computes.
    found = await loop.run_in_executor(pool, count_primes, 200_000)
    print(f"job: {found} primes")


async def main() -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        async with asyncio.TaskGroup() as group:
            group.create_task(heart())
            group.create_task(job(pool))


if __name__ == "__main__":
    asyncio.run(main())
