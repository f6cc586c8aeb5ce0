"""One sleep after the other."""

import asyncio


async def brew(drink, seconds):
    await asyncio.sleep(seconds)
    print(drink)


async def main():
    await brew("coffee", 0.04)
    await brew("tea", 0.02)


asyncio.run(main())
