# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A timeout ends the await at once, and the thread goes on."""

import asyncio
import time


def print_pages(pages: str) -> None:
    for page in pages:
        time.sleep(0.3)  # the printer is slow, and this thread waits
        print("printer: page", page)


async def main() -> None:
    try:
        async with asyncio.timeout(0.2):
            await asyncio.to_thread(print_pages, "ABC")
    except TimeoutError:
        print("main: gave up")
    await asyncio.sleep(0.25)  # main goes on with other things
    print("main: all done")


if __name__ == "__main__":
    asyncio.run(main())
    print("the program ends")
