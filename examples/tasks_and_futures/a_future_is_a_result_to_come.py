"""A future is pending, and then done: a result, an error, cancelled."""

import asyncio


def describe(future: asyncio.Future[str]) -> str:
    if not future.done():
        return "pending"
    if future.cancelled():
        return "done, cancelled"
    if (error := future.exception()) is not None:
        return f"done, with an error: {error}"
    return f"done, with a result: {future.result()}"


async def main() -> None:
    loop = asyncio.get_running_loop()
    tea: asyncio.Future[str] = loop.create_future()
    milk: asyncio.Future[str] = loop.create_future()
    cake: asyncio.Future[str] = loop.create_future()
    print("tea:", describe(tea))
    tea.set_result("hot")
    milk.set_exception(LookupError("the fridge is empty"))
    cake.cancel()
    print("tea:", describe(tea))
    print("milk:", describe(milk))
    print("cake:", describe(cake))
    try:
        tea.set_result("cold")
    except asyncio.InvalidStateError:
        print("tea: a future is done once;", await tea, "it stays")


if __name__ == "__main__":
    asyncio.run(main())
