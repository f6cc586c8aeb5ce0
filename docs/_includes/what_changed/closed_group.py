"""A group that refuses a coroutine closes it."""

import asyncio
import warnings


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        pass
    job = asyncio.sleep(1)
    try:
        group.create_task(job)
    except RuntimeError:
        closed = job.cr_frame is None
        print("refused, and", "closed" if closed else "left open")
    job.close()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asyncio.run(main())
