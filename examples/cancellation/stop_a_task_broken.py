"""Suppressing a task's CancelledError can eat your own."""

import asyncio
from contextlib import suppress


async def serve() -> None:
    try:
        await asyncio.sleep(3600)
    finally:
        print("server: saying goodbye")
        await asyncio.sleep(1)
        print("server: closed")


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):  # the task's, or mine?
        await task


async def close_shop(server: asyncio.Task[None]) -> None:
    await stop(server)
    print("shop: counting the money")


async def main() -> None:
    server = asyncio.create_task(serve(), name="server")
    await asyncio.sleep(0)  # main pauses; the server opens
    shop = asyncio.create_task(close_shop(server), name="shop")
    await asyncio.sleep(0.1)  # the shop waits for the goodbye
    print("main: cancel the shop")
    shop.cancel()
    await asyncio.wait([shop, server])
    print("main: was the shop cancelled?", shop.cancelled())


if __name__ == "__main__":
    asyncio.run(main())
