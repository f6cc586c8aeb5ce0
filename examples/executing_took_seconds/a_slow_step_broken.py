"""Debug mode names each step that holds the loop for long."""

import asyncio
import logging
import re
import sys
import time


def bake() -> None:
    time.sleep(0.4)  # holds the thread, and so the loop


def report(record: logging.LogRecord) -> bool:
    text = re.sub(r"\d+\.\d+", "N", record.getMessage())
    print(text, file=sys.stderr)
    return False


async def main() -> None:
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 0.3  # 0.1 if you do not say
    loop.call_soon(bake)
    await asyncio.sleep(0.1)
    print("main: overdue")


if __name__ == "__main__":
    logging.getLogger("asyncio").addFilter(report)
    asyncio.run(main(), debug=True)
