# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A new thread has no event loop, and get_event_loop() makes none."""

import asyncio
import threading


async def bake(loaf: str) -> str:
    return f"{loaf} is baked"


def work() -> None:
    try:
        loop = asyncio.get_event_loop()
        print(loop.run_until_complete(bake("rye")))
    except RuntimeError as error:
        print("RuntimeError:", error)


if __name__ == "__main__":
    threading.Thread(target=work, name="baker").start()
