"""An error in a callback has no caller: the loop's handler hears."""

import asyncio
from typing import Any


def ring() -> None:
    raise LookupError("no bell")


def hear(loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    print("handler:", repr(told["exception"]))


async def main() -> None:
    loop = asyncio.get_running_loop()
    print("a handler of mine?", loop.get_exception_handler() is hear)
    loop.set_exception_handler(hear)
    print("a handler of mine?", loop.get_exception_handler() is hear)
    try:
        loop.call_soon(ring)
        await asyncio.sleep(0.1)  # main pauses; the loop calls ring
        print("main: no error came here")
    except LookupError:
        print("main: caught it")


if __name__ == "__main__":
    asyncio.run(main())
