# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A coroutine runs in the thread of its loop; each thread has one."""

import asyncio
import threading
from concurrent.futures import Future

Loop = asyncio.AbstractEventLoop


async def cook(dish: str) -> None:
    print(f"{dish}: begun")
    await asyncio.sleep(0.1)
    print(f"{dish}: done", threading.current_thread().name)


async def keep_open(ready: Future[tuple[Loop, asyncio.Event]]) -> None:
    closing = asyncio.Event()
    ready.set_result((asyncio.get_running_loop(), closing))
    await closing.wait()  # meanwhile this loop runs what it is sent


def kitchen(ready: Future[tuple[Loop, asyncio.Event]]) -> None:
    asyncio.run(keep_open(ready))  # a second loop, in this thread


async def main() -> None:
    ready: Future[tuple[Loop, asyncio.Event]] = Future()
    upstairs = threading.Thread(target=kitchen, args=(ready,))
    upstairs.name = "upstairs"
    upstairs.start()
    loop, closing = await asyncio.wrap_future(ready)
    try:
        await asyncio.gather(cook("soup"), cook("rice"))
        sent = asyncio.run_coroutine_threadsafe(cook("fish"), loop)
        await asyncio.wrap_future(sent)  # this loop is free meanwhile
    finally:
        loop.call_soon_threadsafe(closing.set)


if __name__ == "__main__":
    threading.current_thread().name = "downstairs"
    asyncio.run(main())
