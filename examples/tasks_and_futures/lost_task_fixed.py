"""A task group keeps its tasks until they are done."""

import asyncio
import gc
import weakref


class Feed:
    """News for readers that it knows weakly, as many libraries do."""

    def __init__(self) -> None:
        self.waiting = weakref.WeakSet[asyncio.Future[str]]()

    def publish(self, news: str) -> None:
        print(f"feed: {news}; readers: {len(self.waiting)}")
        for future in self.waiting:
            if not future.done():
                future.set_result(news)


async def read(feed: Feed) -> None:
    loop = asyncio.get_running_loop()
    news: asyncio.Future[str] = loop.create_future()
    feed.waiting.add(news)
    print("reader: waiting")
    print("reader:", await news)


async def main() -> None:
    feed = Feed()
    async with asyncio.TaskGroup() as group:
        group.create_task(read(feed))  # the group keeps it
        await asyncio.sleep(0)  # main pauses; it runs up to its wait
        print("feed: readers:", len(feed.waiting))
        gc.collect()  # Python does this by itself, when it sees fit
        feed.publish("the rain has stopped")
    print("main: done")


if __name__ == "__main__":
    asyncio.run(main())
