"""The loop runs already: await, and it does the rest."""

import asyncio


async def look_up(item: str) -> str:
    return f"{item}: 3.50 euros"


async def price(item: str) -> str:
    return await look_up(item)


async def main() -> None:
    print(await price("bread"))


if __name__ == "__main__":
    asyncio.run(main())
