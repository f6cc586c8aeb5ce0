# /// script
# [tool.example]
# needs = ["subprocess", "signals"]
# ///

"""Whoever starts a child ends it, however the block is left."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

GRACE = 0.5  # seconds between asking and ending
BANK = """
import signal, time
{habit}
print("is open", flush=True)
time.sleep(60)
print("paid the flight")
"""
DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@asynccontextmanager
async def child(
    *command: str,
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):  # if it ends meanwhile
                process.terminate()
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(GRACE):
                        await process.communicate()
            finally:  # even if somebody cancels this, too
                with suppress(ProcessLookupError):
                    process.kill()
        await process.communicate()


async def pay(name: str, habit: str) -> None:
    command = (sys.executable, "-c", BANK.format(habit=habit))
    try:
        async with child(*command) as bank:
            assert bank.stdout is not None
            print(name, (await bank.stdout.readline()).decode().strip())
            async with asyncio.timeout(0.2):
                await bank.wait()
    except TimeoutError:
        print("too slow, and ended: exit status", bank.returncode)


async def main() -> None:
    await pay("a bank that listens", "")
    await pay("a bank that is deaf", DEAF)


if __name__ == "__main__":
    asyncio.run(main())
