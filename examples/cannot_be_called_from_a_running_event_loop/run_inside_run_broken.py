"""A function that a coroutine calls cannot call asyncio.run()."""

import asyncio


async def look_up(item: str) -> str:
    return f"{item}: 3.50 euros"


def price(item: str) -> str:
    return asyncio.run(look_up(item))


async def main() -> None:
    try:
        print(price("bread"))
    except RuntimeError as error:
        print("RuntimeError:", error)


if __name__ == "__main__":
    asyncio.run(main())
