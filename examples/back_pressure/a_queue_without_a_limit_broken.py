"""A queue without a limit takes whatever comes, and nobody waits."""

import asyncio


async def take_orders(orders: asyncio.Queue[int]) -> None:
    for number in range(1, 7):
        await orders.put(number)  # there is always room
        print(f"till: took order {number}, {orders.qsize()} waiting")
    print("till: that was the last one")


async def cook(orders: asyncio.Queue[int]) -> None:
    while True:
        number = await orders.get()
        await asyncio.sleep(0.1)
        print(f"cook: order {number} is ready")
        orders.task_done()


async def main() -> None:
    orders: asyncio.Queue[int] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        kitchen = group.create_task(cook(orders), name="cook")
        till = group.create_task(take_orders(orders), name="till")
        await till
        await orders.join()  # until task_done() was called for each
        kitchen.cancel()


if __name__ == "__main__":
    asyncio.run(main())
