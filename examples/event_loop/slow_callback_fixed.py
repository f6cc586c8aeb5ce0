"""A coroutine that awaits leaves the others their time."""

import asyncio


async def beat() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    for due in (1, 2):
        await asyncio.sleep(start + due - loop.time())
        now = loop.time() - start
        print(f"heart: due after {due} s, beats after {now:.0f} s")


async def write_report() -> None:
    print("report: begun")
    await asyncio.sleep(3)  # the loop goes on to the heart
    print("report: done")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(beat())
        group.create_task(write_report())


if __name__ == "__main__":
    asyncio.run(main())
