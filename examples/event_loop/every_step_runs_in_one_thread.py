"""Coroutines and callbacks all run in the thread that you had."""

import asyncio
import threading


def tell(who: str) -> None:
    print(f"{who}: {threading.current_thread().name}")


async def work() -> None:
    tell("task")


async def main() -> None:
    tell("main")
    asyncio.get_running_loop().call_soon(tell, "callback")
    await asyncio.create_task(work())
    print("threads in this program:", threading.active_count())


if __name__ == "__main__":
    tell("before the loop")
    asyncio.run(main())
