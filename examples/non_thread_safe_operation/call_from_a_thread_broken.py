# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""Debug mode refuses a call to the loop from another thread."""

import asyncio


def work(loop: asyncio.AbstractEventLoop) -> None:
    loop.call_soon(print, "main: the bread is baked")


async def main() -> None:
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(work, loop)


if __name__ == "__main__":
    try:
        asyncio.run(main(), debug=True)
    except RuntimeError as error:
        print("RuntimeError:", error)
