"""The copy of a context holds the same objects as the original."""

import asyncio
from contextvars import ContextVar

bill: ContextVar[list[str]] = ContextVar("bill")


async def order(dish: str) -> None:
    bill.get().append(dish)  # the parent sees this: it is its list


async def dine(guest: str, dishes: list[str], own_bill: bool) -> None:
    if own_bill:
        bill.set([])
    async with asyncio.TaskGroup() as table:
        for dish in dishes:
            table.create_task(order(dish))
    print(f"{guest} pays for", ", ".join(bill.get()))


async def main() -> None:
    for own_bill in (False, True):
        print("a bill for each guest:", own_bill)
        bill.set([])
        async with asyncio.TaskGroup() as inn:
            inn.create_task(dine("Ada", ["soup", "tea"], own_bill))
            inn.create_task(dine("Grace", ["cake"], own_bill))


if __name__ == "__main__":
    asyncio.run(main())
