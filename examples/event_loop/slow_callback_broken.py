"""A callback that blocks makes everybody else late."""

import asyncio
import time


async def beat() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    for due in (1, 2):
        await asyncio.sleep(start + due - loop.time())
        now = loop.time() - start
        print(f"heart: due after {due} s, beats after {now:.0f} s")


async def write_report() -> None:
    print("report: begun")
    time.sleep(3)  # the thread sleeps, and the loop with it
    print("report: done")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(beat())
        group.create_task(write_report())


if __name__ == "__main__":
    asyncio.run(main())
