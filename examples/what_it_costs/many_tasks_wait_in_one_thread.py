"""Waiting tasks need one thread, and a thousand bytes or so each."""

import asyncio
import math
import threading
import tracemalloc

TASKS = 2_000


async def wait_for(news: asyncio.Event) -> bool:
    return await news.wait()  # paused here, until somebody calls set


async def main() -> None:
    news = asyncio.Event()
    before, _ = tracemalloc.get_traced_memory()
    waits = (wait_for(news) for _ in range(TASKS))
    readers = [asyncio.create_task(wait) for wait in waits]
    await asyncio.sleep(0)  # main pauses; each reader begins to wait
    now, _ = tracemalloc.get_traced_memory()
    print("tasks that wait:", sum(not task.done() for task in readers))
    print("threads:", threading.active_count())
    for_each = (now - before) / TASKS
    magnitude = 10 ** round(math.log10(for_each))
    print("bytes for each, to the nearest power of ten:", magnitude)
    news.set()
    print("tasks that got news:", sum(await asyncio.gather(*readers)))


if __name__ == "__main__":
    tracemalloc.start()  # from here on, Python counts what it allocates
    asyncio.run(main(), debug=False)  # debug mode needs more for a task
