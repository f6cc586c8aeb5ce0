"""Results in the order in which they come."""

import asyncio


async def work(n):
    await asyncio.sleep(n / 50)
    return n


async def main():
    tasks = [asyncio.create_task(work(n)) for n in (3, 1, 2)]
    for next_one in asyncio.as_completed(tasks):
        print(await next_one)


asyncio.run(main())
