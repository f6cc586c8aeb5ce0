# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""asyncio.run() makes a loop for the thread that calls it."""

import asyncio
import threading


async def bake(loaf: str) -> str:
    return f"{loaf} is baked"


def work() -> None:
    print(asyncio.run(bake("rye")))


if __name__ == "__main__":
    threading.Thread(target=work, name="baker").start()
