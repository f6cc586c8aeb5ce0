"""Callbacks without a task."""

import asyncio


def done(future, text):
    print(text)
    future.set_result(text)


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_soon(print, "soon")
    loop.call_later(0.02, done, future, "later")
    print(await future)


asyncio.run(main())
