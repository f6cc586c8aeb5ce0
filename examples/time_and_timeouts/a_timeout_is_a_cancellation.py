"""A timeout cancels what is inside, and ends as a TimeoutError."""

import asyncio


async def ask(clerk: str, seconds: float) -> str:
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        print(f"{clerk}: cancelled, the line is closed")
        raise  # the timeout needs it
    return f"{clerk}: here you are"


async def main() -> None:
    for clerk, seconds in (("Ann", 0.4), ("Bob", 2.0)):
        try:
            async with asyncio.timeout(1.0):  # sets a timer
                print(await ask(clerk, seconds))
        except TimeoutError:
            print(f"{clerk}: TimeoutError, no reply in time")
    print("main: goes on")


if __name__ == "__main__":
    asyncio.run(main())
