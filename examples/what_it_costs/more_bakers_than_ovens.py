"""Tasks beyond what a server can take only wait in its queue."""

import asyncio
import time

BATCH = 0.2  # seconds


async def bake(ovens: asyncio.Semaphore, loaves: list[str]) -> int:
    queued = 0
    while loaves:
        loaves.pop()
        queued += ovens.locked()
        async with ovens:  # paused here, until an oven is free
            await asyncio.sleep(BATCH)
    return queued


async def main() -> None:
    for bakers in (1, 2, 4):
        ovens = asyncio.Semaphore(2)
        loaves = ["rye", "oat", "corn", "spelt"]
        start = time.monotonic()
        at_work = (bake(ovens, loaves) for _ in range(bakers))
        queued = sum(await asyncio.gather(*at_work))
        batches = round((time.monotonic() - start) / BATCH)
        print(f"bakers: {bakers}, took {batches} batches,", end=" ")
        print("loaves that queued:", queued)


if __name__ == "__main__":
    asyncio.run(main())
