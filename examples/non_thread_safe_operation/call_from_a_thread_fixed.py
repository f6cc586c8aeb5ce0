# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""A thread hands work to the loop with call_soon_threadsafe()."""

import asyncio


def work(loop: asyncio.AbstractEventLoop) -> None:
    # It also wakes the loop, which may be asleep.
    loop.call_soon_threadsafe(print, "main: the bread is baked")


async def main() -> None:
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(work, loop)


if __name__ == "__main__":
    asyncio.run(main(), debug=True)
