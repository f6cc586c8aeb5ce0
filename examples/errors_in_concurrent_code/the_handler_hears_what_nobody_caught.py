"""What no code catches goes to the loop's exception handler."""

import asyncio
from typing import Any


def tell(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    task: asyncio.Future[object] | None = context.get("future")
    source = "a callback" if task is None else "a task, long done"
    print(f"handler: {source}: {context.get('exception')}")


def ring_bell() -> None:
    raise OSError("the bell is stuck")


async def fetch_band() -> None:
    raise OSError("no music")


async def main() -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(tell)
    loop.call_later(0.1, ring_bell)
    band = asyncio.create_task(fetch_band(), name="band")
    await asyncio.sleep(0.2)  # meanwhile both of them fail
    print("main: has the band failed?", band.done())
    del band  # the task goes, and nobody has asked it
    print("main: the feast goes on")


if __name__ == "__main__":
    asyncio.run(main())
