"""Nobody asks what became of a task that failed."""

import asyncio
import sys


async def fails():
    raise ValueError("unseen")


async def main():
    task = asyncio.create_task(fails())
    await asyncio.sleep(0.02)
    del task
    print("main does not know", file=sys.stderr)


asyncio.run(main())
