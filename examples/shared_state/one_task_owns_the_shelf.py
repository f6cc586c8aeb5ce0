"""State that one task owns needs no lock; the others send messages."""

import asyncio

Order = tuple[str, int, asyncio.Future[int]]
Orders = asyncio.Queue[Order]


async def keep_shelf(loaves: int, orders: Orders) -> None:
    while True:
        name, wanted, answer = await orders.get()
        given = min(wanted, loaves)
        await asyncio.sleep(0.1)  # wraps them; loaves stay as they are
        loaves -= given
        print(f"keeper: {given} for {name}, {loaves} left")
        if not answer.done():  # the customer may have left
            answer.set_result(given)


async def buy(name: str, wanted: int, orders: Orders) -> None:
    answer: asyncio.Future[int]
    answer = asyncio.get_running_loop().create_future()
    await orders.put((name, wanted, answer))
    print(f"{name}: wanted {wanted}, got {await answer}")


async def main() -> None:
    orders: Orders = asyncio.Queue()
    async with asyncio.TaskGroup() as shop:
        keeper = shop.create_task(keep_shelf(3, orders), name="keeper")
        async with asyncio.TaskGroup() as group:
            for name, wanted in (("Ada", 1), ("Grace", 1), ("Alan", 2)):
                group.create_task(buy(name, wanted, orders), name=name)
        keeper.cancel()  # nobody is left to send an order


if __name__ == "__main__":
    asyncio.run(main())
