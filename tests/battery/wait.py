"""asyncio.wait(), for the first and for the rest."""

import asyncio


async def work(n):
    await asyncio.sleep(n / 25)
    return n


async def main():
    tasks = [asyncio.create_task(work(n)) for n in (1, 2, 3)]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print(len(done), len(rest))
    done, rest = await asyncio.wait(rest, timeout=0.06)
    print(len(done), len(rest))
    await tasks[-1]


asyncio.run(main())
