"""A pool of threads; a job that fails shows where."""

import asyncio
import time
import traceback
from concurrent.futures import ThreadPoolExecutor


def work(fails):
    time.sleep(0.02)
    if fails:
        raise ValueError("no such file")
    print("worked")


async def main():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "pool") as pool:
        await loop.run_in_executor(pool, work, False)
        try:
            await loop.run_in_executor(pool, work, True)
        except ValueError:
            traceback.print_exc()


asyncio.run(main())
