"""Results and errors come back through each await, as from a call."""

import asyncio


async def read_price(item: str) -> float:
    await asyncio.sleep(0.1)
    if item == "unicorn":
        raise LookupError(f"no price for {item}")
    return 2.50


async def total(*items: str) -> float:
    return sum([await read_price(item) for item in items])


async def main() -> None:
    print("two teas:", await total("tea", "tea"))
    try:
        await total("tea", "unicorn")
    except LookupError as error:
        print("caught in main:", error)


if __name__ == "__main__":
    asyncio.run(main())
