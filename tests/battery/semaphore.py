"""Two at a time."""

import asyncio


async def fetch(page, limit):
    async with limit:
        await asyncio.sleep(0.03)
    return page


async def main():
    limit = asyncio.Semaphore(2)
    print(await asyncio.gather(*(fetch(n, limit) for n in range(5))))


asyncio.run(main())
