"""Two awaits in a row take as long as both waits together."""

import asyncio
import time


async def brew(drink: str) -> None:
    print(f"{drink}: water on")
    await asyncio.sleep(1)
    print(f"{drink}: ready")


async def main() -> None:
    start = time.perf_counter()
    await brew("tea")
    await brew("coffee")
    print(f"took {time.perf_counter() - start:.0f} seconds")


if __name__ == "__main__":
    asyncio.run(main())
