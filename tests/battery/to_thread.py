"""Two functions in threads, while a task ticks."""

import asyncio
import time


def read_file(name):
    time.sleep(0.05)
    return name.upper()


async def main():
    names = await asyncio.gather(
        asyncio.to_thread(read_file, "a.txt"),
        asyncio.to_thread(read_file, "b.txt"),
    )
    print(names)
    print(await asyncio.to_thread(read_file, "c.txt"))


asyncio.run(main())
