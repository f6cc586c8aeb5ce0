# /// script
# requires-python = ">=3.14"
#
# [tool.example]
# needs = ["threads"]
# ///

"""A pool of interpreters: one process, and globals for each."""

import asyncio
import os
from concurrent.futures import InterpreterPoolExecutor

served = 0


def serve(guest: str) -> tuple[str, int, int]:
    global served
    served += 1
    return guest, served, os.getpid()


async def main() -> None:
    loop = asyncio.get_running_loop()
    with InterpreterPoolExecutor(1) as pool:
        for name in "Ada", "Grace":
            call = loop.run_in_executor(pool, serve, name)
            guest, count, process = await call
            print(f"{guest}: served there: {count}, here: {served}")
            print("the same process?", process == os.getpid())


if __name__ == "__main__":
    asyncio.run(main())
