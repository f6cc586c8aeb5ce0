# /// script
# [tool.example]
# needs = ["processes"]
# ///

"""When one worker process dies, every call of its pool fails."""

import asyncio
import os
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context


def resize(photo: str) -> str:
    if photo == "huge":
        os._exit(1)  # as when the system kills it for its memory
    return f"small {photo}"


async def resize_in(pool: Executor, photo: str) -> str:
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(pool, resize, photo)
    except BrokenProcessPool:
        return "the pool is broken"


async def resize_all(photos: list[str]) -> None:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        calls = [resize_in(pool, photo) for photo in photos]
        ends = await asyncio.gather(*calls)
    for photo, end in zip(photos, ends, strict=True):
        print(f"{photo}: {end}")


async def main() -> None:
    await resize_all(["cat", "huge", "dog"])
    print("a new pool:")
    await resize_all(["dog"])


if __name__ == "__main__":
    asyncio.run(main())
