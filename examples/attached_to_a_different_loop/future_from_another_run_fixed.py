"""A future that is made and awaited in one run has one loop."""

import asyncio


async def order() -> asyncio.Future[str]:
    print("kitchen: takes the order")
    loop = asyncio.get_running_loop()
    dish: asyncio.Future[str] = loop.create_future()
    loop.call_soon(dish.set_result, "the soup")
    return dish


async def eat(dish: asyncio.Future[str]) -> None:
    print("guest: here is", await dish)


async def main() -> None:
    soup = await order()
    await asyncio.create_task(eat(soup), name="guest")


if __name__ == "__main__":
    asyncio.run(main())
