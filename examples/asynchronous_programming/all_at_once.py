"""Three waits of one second, all at once, take one second."""

import asyncio
import time


async def ask(whom: str) -> None:
    print(f"{whom}: asked")
    await asyncio.sleep(1)  # this task is paused; another one runs
    print(f"{whom}: answered")


async def main() -> None:
    start = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for whom in ("network", "file", "database"):
            tasks.create_task(ask(whom))
    # The block ends when the last of its tasks has ended.
    print(f"took {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
