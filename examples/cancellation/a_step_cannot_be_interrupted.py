"""A cancel cannot interrupt a step; it has to wait for an await."""

import asyncio
import time


def knead(loaf: int) -> None:
    time.sleep(0.2)  # stands for work of the processor
    print("bread: kneaded loaf", loaf)


async def bake() -> None:
    for loaf in range(1, 4):
        knead(loaf)  # nothing in here waits: bread keeps the thread
    print("bread: resting")
    await asyncio.sleep(3600)  # at last somebody else may run


async def main() -> None:
    bread = asyncio.create_task(bake(), name="bread")
    await asyncio.sleep(0.1)  # its time comes in the middle of loaf 1
    print("main: cancel")
    bread.cancel()
    await asyncio.wait([bread])
    print("main: was bread cancelled?", bread.cancelled())


if __name__ == "__main__":
    asyncio.run(main())
