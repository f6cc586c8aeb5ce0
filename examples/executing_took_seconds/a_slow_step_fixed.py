# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A thread is held instead of the loop, and no step is slow."""

import asyncio
import time


def bake() -> None:
    time.sleep(0.4)  # holds a worker thread


async def main() -> None:
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.3  # 0.1 if you do not say
    baking = loop.run_in_executor(None, bake)
    await asyncio.sleep(0.1)
    print("main: on time")
    await baking


if __name__ == "__main__":
    asyncio.run(main(), debug=True)
