# /// script
# [tool.example]
# needs = ["signals"]
# ///

"""A signal makes a running program say what its tasks wait for."""

import asyncio
import os
import signal
from types import CoroutineType


def place(task: asyncio.Task[object]) -> str:
    names = []
    inner: object = task.get_coro()
    while isinstance(inner, CoroutineType):
        names.append(inner.__qualname__)
        inner = inner.cr_await
    return " > ".join(names)


def report() -> None:
    for task in sorted(asyncio.all_tasks(), key=place):
        print(f"{task.get_name()}: {place(task)}")


async def serve(orders: asyncio.Queue[str]) -> None:
    while True:
        print("served:", await orders.get())


async def main() -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, report)
    orders: asyncio.Queue[str] = asyncio.Queue()
    waiter = asyncio.create_task(serve(orders), name="waiter")
    await asyncio.sleep(0.1)
    os.kill(os.getpid(), signal.SIGUSR1)  # in a shell: kill -USR1
    await asyncio.sleep(0.1)
    loop.remove_signal_handler(signal.SIGUSR1)
    waiter.cancel()


if __name__ == "__main__":
    asyncio.run(main())
