"""One Runner keeps one loop, for as many runs as you like."""

import asyncio

till = asyncio.Lock()


async def pay(customer: str) -> None:
    async with till:  # the second customer has to wait
        await asyncio.sleep(0.1)
        print(f"{customer}: paid")


async def open_shop(customers: list[str]) -> None:
    async with asyncio.TaskGroup() as shop:
        for customer in customers:
            shop.create_task(pay(customer), name=customer)


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        for day in ["Ada", "Bob"], ["Cleo"], ["Dora", "Eve"]:
            runner.run(open_shop(day))  # each time in the same loop
