"""Two tasks wait at the same time: 1 second instead of 2."""

import asyncio
import time


async def check(page: str) -> None:
    print(f"{page}: asking")
    await asyncio.sleep(1)  # others run while it waits
    print(f"{page}: 200, it is there")


async def main() -> None:
    start = time.perf_counter()
    bread = asyncio.create_task(check("/bread"), name="bread")
    cakes = asyncio.create_task(check("/cakes"), name="cakes")
    await bread  # main waits; both tasks begin
    await cakes
    seconds = time.perf_counter() - start
    print(f"checked in {seconds:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
