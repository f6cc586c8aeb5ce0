"""Ten waits of one second, over in one."""

import asyncio
import time


async def fetch(page: int) -> int:
    await asyncio.sleep(1)  # others run
    return page


async def main() -> None:
    start = time.perf_counter()
    waits = map(fetch, range(1, 11))
    pages = await asyncio.gather(*waits)
    took = time.perf_counter() - start
    print("got", *pages, f"in {took:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
