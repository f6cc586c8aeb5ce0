"""A task that is awaited as soon as it is made waits alone."""

import asyncio
import time


async def check(page: str) -> None:
    print(f"{page}: asking")
    await asyncio.sleep(1)  # stands for the wait for the reply
    print(f"{page}: 200, it is there")


async def main() -> None:
    start = time.perf_counter()
    await asyncio.create_task(check("/bread"), name="bread")
    await asyncio.create_task(check("/cakes"), name="cakes")
    seconds = time.perf_counter() - start
    print(f"checked in {seconds:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
