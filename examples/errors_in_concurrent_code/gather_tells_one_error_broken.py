"""gather raises the first error, and tells nobody of the second."""

import asyncio

NEEDED = {"cake": 0.1, "flowers": 0.2, "wine": 0.3}  # in seconds
SOLD_OUT = {"flowers", "wine"}


async def order(what: str) -> str:
    await asyncio.sleep(NEEDED[what])
    if what in SOLD_OUT:
        raise OSError("sold out")
    return f"{what} at the door"


async def main() -> None:
    try:
        answers = await asyncio.gather(*map(order, NEEDED))
        print("main: all is here,", answers)
    except OSError as error:
        print("main: something is", error)
    await asyncio.sleep(0.3)  # the wine fails too; who hears of it?
    print("main: ordered again what was missing")


if __name__ == "__main__":
    asyncio.run(main())
