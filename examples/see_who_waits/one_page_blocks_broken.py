"""One blocking call, and every page is late."""

import asyncio
import time

PAGES = {"/map": 1.0, "/bread": 0.6, "/cakes": 0.3}  # seconds each


async def check(page: str) -> None:
    print(f"{page}: asking")
    if page == "/map":
        time.sleep(PAGES[page])  # keeps the thread: nobody else runs
    else:
        await asyncio.sleep(PAGES[page])  # others run while it waits
    print(f"{page}: 200, it is there")


async def main() -> None:
    start = time.perf_counter()
    tasks = [asyncio.create_task(check(p), name=p) for p in PAGES]
    for task in tasks:
        await task  # main waits; the tasks run
    seconds = time.perf_counter() - start
    print(f"checked in {seconds:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
