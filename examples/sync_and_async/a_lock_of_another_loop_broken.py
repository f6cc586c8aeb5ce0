"""A lock belongs to the loop in which somebody first waited for it."""

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
    for day in ["Ada", "Bob"], ["Cleo"], ["Dora", "Eve"]:
        try:
            asyncio.run(open_shop(day))  # each run has a new loop
        except* RuntimeError as errors:
            _, _, text = str(errors.exceptions[0]).partition("> ")
            print("RuntimeError: the lock", text)
