"""Follow cr_await from coroutine to coroutine, down to the wait."""

import asyncio
import linecache
from collections.abc import Iterator
from types import CoroutineType, FrameType


async def take_order() -> None:
    await asyncio.Event().wait()


async def serve() -> None:
    await take_order()


def frames(task: asyncio.Task[object]) -> Iterator[FrameType]:
    inner: object = task.get_coro()
    while isinstance(inner, CoroutineType):
        if inner.cr_frame is not None:
            yield inner.cr_frame
        inner = inner.cr_await


async def main() -> None:
    waiter = asyncio.create_task(serve(), name="waiter")
    await asyncio.sleep(0)
    for frame in frames(waiter):
        code = frame.f_code
        line = linecache.getline(code.co_filename, frame.f_lineno)
        mine = frame.f_globals is globals()
        print(f"{code.co_qualname}:", line.strip() if mine else "...")


if __name__ == "__main__":
    asyncio.run(main())
