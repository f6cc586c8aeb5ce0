# /// script
# [tool.example]
# needs = ["virtual_clock"]
# ///

"""A limit of an hour: a minute less passes, a minute more does not."""

import asyncio

import virtual_clock

HOUR, MINUTE = 3600, 60


async def backup(seconds: float) -> str:
    async with asyncio.timeout(HOUR):
        await asyncio.sleep(seconds)
    return "done"


async def main() -> None:
    loop = asyncio.get_running_loop()
    for seconds in (HOUR - MINUTE, HOUR + MINUTE):
        start = loop.time()
        try:
            result = await backup(seconds)
        except TimeoutError:
            result = "given up"
        minutes = (loop.time() - start) / MINUTE
        print(f"{result} after {minutes:.0f} minutes")


if __name__ == "__main__":
    virtual_clock.run(main())
