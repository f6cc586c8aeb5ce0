"""sys.exit() in a task, while another waits."""

import asyncio
import sys


async def waits():
    try:
        await asyncio.sleep(3600)
    finally:
        print("cleaned up")


async def main():
    task = asyncio.create_task(waits(), name="waits")
    await asyncio.sleep(0.02)
    print(task.done())
    sys.exit(3)


asyncio.run(main())
