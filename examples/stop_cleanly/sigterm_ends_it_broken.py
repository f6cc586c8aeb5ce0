# /// script
# [tool.example]
# exit-code = -15
# needs = ["signals"]
# ///

"""SIGTERM ends a program at once, and no finally of it runs."""

import asyncio
import signal
import sys

SECONDS = {"/bread": 0.3, "/cakes": 0.3, "/phone": 3600}


async def crawl(done: list[str]) -> None:
    for page, seconds in SECONDS.items():
        print(f"{page}: asking", flush=True)
        await asyncio.sleep(seconds)  # stands for the request
        done.append(page)


async def main() -> None:
    done: list[str] = []
    loop = asyncio.get_running_loop()
    # In a second, another program tells this one to end.
    loop.call_later(1, signal.raise_signal, signal.SIGTERM)
    try:
        await crawl(done)
    finally:
        print(f"checked {len(done)} of {len(SECONDS)}")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
