# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A thread that looks at a flag can be asked to stop."""

import asyncio
import threading
import time


def print_pages(pages: str, stop: threading.Event) -> None:
    for page in pages:
        if stop.is_set():
            print("printer: told to stop before page", page)
            return
        time.sleep(0.3)  # the printer is slow, and this thread waits
        print("printer: page", page)


async def print_out(pages: str) -> None:
    stop = threading.Event()
    thread = asyncio.to_thread(print_pages, pages, stop)
    printing = asyncio.create_task(thread, name="printing")
    try:
        await asyncio.shield(printing)  # a cancel raises here
    finally:
        stop.set()
        await asyncio.wait([printing])  # until the thread is out


async def main() -> None:
    try:
        async with asyncio.timeout(0.2):
            await print_out("ABC")
    except TimeoutError:
        print("main: gave up")
    await asyncio.sleep(0.25)  # main goes on with other things
    print("main: all done")


if __name__ == "__main__":
    asyncio.run(main())
    print("the program ends")
