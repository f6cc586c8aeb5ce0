"""A timeout around a yield goes off in the code of the reader."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


async def trains() -> AsyncGenerator[str, None]:
    async with asyncio.timeout(0.3):
        for number in (1, 2):
            await asyncio.sleep(0.1)
            yield f"train {number}"  # paused here, the timer runs on


async def watch() -> None:
    try:
        async with aclosing(trains()) as coming:
            async for train in coming:
                print("watch: sees", train)
                await asyncio.sleep(0.5)  # takes a photograph
                print("watch: has a photograph of", train)
    except TimeoutError:
        print("watch: no train in time")


async def main() -> None:
    watching = asyncio.create_task(watch(), name="watch")
    await asyncio.wait([watching])
    print("main: was it cancelled?", watching.cancelled())
    print("main: requests to cancel it:", watching.cancelling())


if __name__ == "__main__":
    asyncio.run(main())
