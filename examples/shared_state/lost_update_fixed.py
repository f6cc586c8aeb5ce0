"""Read after the await, write before the next: no sale is lost."""

import asyncio


async def pay(price: int) -> int:
    await asyncio.sleep(price / 100)  # the customer counts the coins
    return price


async def sell(item: str, price: int, till: dict[str, int]) -> None:
    paid = await pay(price)  # control moves: others may sell
    before = till["cash"]  # from here on nobody can come in
    print(f"{item}: the till has {before}")
    till["cash"] = before + paid
    print(f"{item}: that makes", till["cash"])


async def main() -> None:
    till = {"cash": 100}
    async with asyncio.TaskGroup() as group:
        group.create_task(sell("bread", 10, till), name="bread")
        group.create_task(sell("cake", 20, till), name="cake")
    print("main: 130 were due, the till has", till["cash"])


if __name__ == "__main__":
    asyncio.run(main())
