# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A loop in a thread of its own serves calls from sync code."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class LoopBeside:
    """An event loop in another thread, open for the with block."""

    def __enter__(self) -> "LoopBeside":
        ready: Future[asyncio.AbstractEventLoop] = Future()
        self.thread = threading.Thread(target=self.serve, args=(ready,))
        self.thread.start()
        self.loop = ready.result()
        return self

    def serve(self, ready: Future[asyncio.AbstractEventLoop]) -> None:
        async def keep_open() -> None:
            self.closing = asyncio.Event()
            ready.set_result(asyncio.get_running_loop())
            await self.closing.wait()

        asyncio.run(keep_open())

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        called = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        return called.result()  # holds this thread; the loop is free

    def __exit__(self, *error: object) -> None:
        self.loop.call_soon_threadsafe(self.closing.set)
        self.thread.join()


async def tick(ticks: list[str]) -> None:
    while True:
        ticks.append("tick")
        await asyncio.sleep(0.1)


async def start(ticks: list[str]) -> asyncio.Task[None]:
    return asyncio.create_task(tick(ticks))


def main() -> None:
    ticks: list[str] = []
    with LoopBeside() as beside:
        clock = beside.call(start(ticks))
        print("after one call, is the clock done?", clock.done())
        beside.call(asyncio.sleep(0.25))
        print("after two calls:", *ticks)
    print("after the block, was it cancelled?", clock.cancelled())


if __name__ == "__main__":
    main()
