"""break leaves an async generator where it is, with its finally."""

import asyncio
from collections.abc import AsyncGenerator
from itertools import count


async def tap() -> AsyncGenerator[str, None]:
    opened_by = asyncio.current_task()
    print("tap: open")
    try:
        for number in count(1):
            yield f"bucket {number}"
    finally:
        same = asyncio.current_task() is opened_by
        print("tap: closing; am I the task that opened it?", same)
        await asyncio.sleep(0.1)
        print("tap: closed")


async def water_the_garden() -> None:
    async for bucket in tap():
        print("garden:", bucket)
        if bucket == "bucket 2":
            break


async def main() -> None:
    await water_the_garden()
    print("main: goes to bed")
    await asyncio.sleep(0.3)  # main pauses; others have a turn
    print("main: sleeps")


if __name__ == "__main__":
    asyncio.run(main())
