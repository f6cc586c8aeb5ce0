"""One task can start at once, with eager_start."""

import asyncio


async def child() -> None:
    print("child", end=", ")


async def main() -> None:
    job = child()
    try:
        task = asyncio.create_task(job, eager_start=True)
    except TypeError:
        job.close()
        print("TypeError")
        return
    print("main", end=", ")
    await task
    print("then both are done")


if __name__ == "__main__":
    asyncio.run(main())
