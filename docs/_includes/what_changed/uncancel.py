"""uncancel() takes back a request that has not arrived yet."""

import asyncio


async def main() -> None:
    task = asyncio.create_task(asyncio.sleep(0, "done"))
    task.cancel()
    task.uncancel()
    await asyncio.wait([task])
    print("cancelled" if task.cancelled() else task.result())


if __name__ == "__main__":
    asyncio.run(main())
