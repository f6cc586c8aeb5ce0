# /// script
# [tool.example]
# needs = ["virtual_clock"]
# ///

"""time.sleep() blocks on the virtual clock, so a test can see it."""

import asyncio
import time

import virtual_clock


async def heart(beats: list[float]) -> None:
    start = time.monotonic()
    for _ in range(3):
        await asyncio.sleep(60)
        beats.append(round(time.monotonic() - start))


async def report() -> None:
    await asyncio.sleep(90)
    time.sleep(600)  # the mistake: nobody else gets a turn


async def main() -> None:
    beats: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(heart(beats))
        tasks.create_task(report())
    print("beats after", beats, "seconds")


if __name__ == "__main__":
    virtual_clock.run(main())
