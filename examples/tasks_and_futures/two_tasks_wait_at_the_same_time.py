"""Two tasks wait at the same time: 1 second instead of 2."""

import asyncio
import time


async def brew(drink: str) -> str:
    print(f"{drink}: water on")
    await asyncio.sleep(1)
    print(f"{drink}: ready")
    return f"a pot of {drink}"


async def main() -> None:
    start = time.perf_counter()
    async with asyncio.TaskGroup() as kitchen:
        tea = kitchen.create_task(brew("tea"))
        coffee = kitchen.create_task(brew("coffee"))
        # At the end of this block main pauses until both are done.
    print("on the table:", tea.result(), "and", coffee.result())
    print(f"took {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
