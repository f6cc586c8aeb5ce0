"""A deadline can be moved: here each piece of news moves it."""

import asyncio

PATIENCE = 0.95


async def publish(feed: asyncio.Queue[str]) -> None:
    for news in ("rain", "wind", "snow"):
        await asyncio.sleep(0.35)
        feed.put_nowait(news)


async def read(feed: asyncio.Queue[str]) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(PATIENCE) as limit:
        while True:
            print("reader:", await feed.get())
            limit.reschedule(loop.time() + PATIENCE)


async def main() -> None:
    feed: asyncio.Queue[str] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        group.create_task(publish(feed), name="publisher")
        try:
            await read(feed)
        except TimeoutError:
            print("reader: silence, giving up")


if __name__ == "__main__":
    asyncio.run(main())
