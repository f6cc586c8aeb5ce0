"""Callbacks without a task."""

import asyncio
import time


def done(future, text):
    time.sleep(0.03)  # blocks the loop, without a task
    print(text)
    future.set_result(text)


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(print, "soon")
    loop.call_later(0.02, done, future, "later")
    print(await future)


asyncio.run(main())
