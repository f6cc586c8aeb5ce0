"""Catching everything takes a cancel for one more failure."""

import asyncio


async def ask(attempt: int) -> str:
    print("forecast: attempt", attempt)
    if attempt == 1:
        raise OSError("no answer")
    await asyncio.sleep(0.5)  # the cancel arrives here
    return "sunny"


async def forecast() -> str:
    attempt = 0
    while True:
        attempt += 1
        try:
            return await ask(attempt)
        except BaseException as error:  # as does a bare except
            print("forecast: failed with", type(error).__name__)


async def main() -> None:
    task = asyncio.create_task(forecast(), name="forecast")
    await asyncio.sleep(0.1)  # main pauses; two attempts begin
    print("main: cancel")
    task.cancel()
    await asyncio.wait([task])
    print("main: was it cancelled?", task.cancelled())


if __name__ == "__main__":
    asyncio.run(main())
