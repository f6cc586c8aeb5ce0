# /// script
# [tool.example]
# exit-code = 1
# ///

"""What reaches standard error: debug mode, logging, warnings, lost tasks."""

import asyncio
import logging
import re
import sys
import time
import warnings

logging.basicConfig(level=logging.DEBUG, format="%(levelname)s:%(name)s:%(message)s")


class Slow(logging.Filter):
    def filter(self, record):
        record.msg = re.sub(r"took .* seconds", "took a while", record.getMessage())
        record.args = ()
        return (
            "took a while" not in record.msg or "finished name='blocks'" in record.msg
        )


logging.getLogger("asyncio").addFilter(Slow())


async def block():
    time.sleep(0.15)


async def fail():
    raise LookupError("nobody asks")


async def forgotten():
    pass


async def main():
    print(asyncio.get_running_loop().get_debug())
    await asyncio.create_task(block(), name="blocks")
    task = asyncio.create_task(fail(), name="fails")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    if not asyncio.get_running_loop().get_debug():
        forgotten()
    await asyncio.sleep(0)
    try:
        await asyncio.wait_for(forgotten, 1)
    except TypeError as error:
        print(error)
    logging.warning("by logging")
    warnings.warn("by warnings", stacklevel=1)
    print("to stderr", file=sys.stderr)


asyncio.run(main(), debug=True)
asyncio.run(main())


class Level(Exception):
    pass


async def deep(n):
    if n:
        await deep(n - 1)
    raise Level(n)


async def group():
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(deep(1))
        await asyncio.sleep(1)


asyncio.run(group())
