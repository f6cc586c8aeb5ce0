"""A done callback runs soon after the end, in the order added."""

import asyncio
from typing import Any

Done = asyncio.Future[Any]


def log(done: Done) -> None:
    error = done.exception()
    print("log:", done.result() if error is None else error)


def ring(done: Done) -> None:
    print("bell: ding")


def blink(done: Done) -> None:
    print("lamp: never, it was taken off")


async def bake() -> str:
    return "cake"


async def main() -> None:
    cake = asyncio.create_task(bake())
    for callback in (log, blink, ring):
        cake.add_done_callback(callback)
    print("taken off:", cake.remove_done_callback(blink))
    print("main:", await cake)
    order = asyncio.get_running_loop().create_future()
    order.add_done_callback(log)
    order.add_done_callback(ring)
    order.set_exception(LookupError("no such cake"))
    print("main: said so; taken off:", order.remove_done_callback(ring))
    await asyncio.sleep(0)  # main pauses; the callback has its turn


if __name__ == "__main__":
    asyncio.run(main())
