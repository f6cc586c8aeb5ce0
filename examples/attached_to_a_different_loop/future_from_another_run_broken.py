"""A future can be awaited in the loop that made it, and in no other."""

import asyncio
import sys


async def order() -> asyncio.Future[str]:
    print("kitchen: takes the order")
    return asyncio.get_running_loop().create_future()


async def eat(dish: asyncio.Future[str]) -> None:
    print("guest: here is", await dish)


async def main(dish: asyncio.Future[str]) -> None:
    await asyncio.create_task(eat(dish), name="guest")


if __name__ == "__main__":
    soup = asyncio.run(order())
    try:
        asyncio.run(main(soup))  # another run, another loop
    except RuntimeError as error:
        print("RuntimeError:", error, file=sys.stderr)
