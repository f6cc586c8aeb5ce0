"""Three tasks at once, one of them fails early."""

import asyncio


async def brew(drink, seconds):
    print(f"{drink}: started")
    await asyncio.sleep(seconds)
    if drink == "juice":
        raise ValueError("no oranges")
    return drink


async def main():
    drinks = await asyncio.gather(
        brew("coffee", 0.06),
        brew("tea", 0.09),
        brew("juice", 0.03),
        return_exceptions=True,
    )
    print(drinks)


asyncio.run(main())
