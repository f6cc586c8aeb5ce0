"""One task is eager, the next one is not (Python 3.14)."""

import asyncio


async def work(name):
    print(name, "begins")
    await asyncio.sleep(0.02)
    return name


async def main():
    a = asyncio.create_task(work("a"), name="a", eager_start=True)
    b = asyncio.create_task(work("b"), name="b")
    print("both made")
    print(await a, await b)


asyncio.run(main())
