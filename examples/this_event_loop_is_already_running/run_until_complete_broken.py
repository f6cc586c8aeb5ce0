"""A running loop cannot be told to run."""

import asyncio


async def look_up(item: str) -> str:
    return f"{item}: 3.50 euros"


def price(item: str) -> str:
    loop = asyncio.get_event_loop()  # the one that runs main()
    return loop.run_until_complete(look_up(item))


async def main() -> None:
    try:
        print(price("bread"))
    except RuntimeError as error:
        print("RuntimeError:", error)


if __name__ == "__main__":
    asyncio.run(main())
