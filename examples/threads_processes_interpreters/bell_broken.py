# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""call_soon from another thread does not wake the loop."""

import asyncio
import threading
import time


def visit(loop: asyncio.AbstractEventLoop, bell: asyncio.Event) -> None:
    time.sleep(0.2)
    print("visitor: rings")
    loop.call_soon(bell.set)  # not from this thread


async def main() -> None:
    loop, bell = asyncio.get_running_loop(), asyncio.Event()
    threading.Thread(target=visit, args=(loop, bell)).start()
    try:
        async with asyncio.timeout(1):
            await bell.wait()
            print("door: opens")
    except TimeoutError:
        print("door: nobody came")
    print("main: has the bell been rung?", bell.is_set())


if __name__ == "__main__":
    asyncio.run(main(), debug=False)  # debug mode finds the mistake
