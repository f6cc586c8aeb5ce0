# /// script
# [tool.example]
# needs = ["subprocess"]
# ///

"""A timeout ends the wait for a child, and not the child."""

import asyncio
import sys

BANK = "import time; time.sleep(0.8); print('paid the flight')"


async def main() -> None:
    bank = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", BANK),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(0.2):
            await bank.wait()
    except TimeoutError:
        print("main: too slow, the trip is off")
    print("main: has the bank ended?", bank.returncode is not None)
    assert bank.stdout is not None
    line = await bank.stdout.readline()  # a moment later
    print("bank:", line.decode().rstrip())
    await asyncio.sleep(0.2)  # the rest of the program
    print("main: exit status", await bank.wait())


if __name__ == "__main__":
    asyncio.run(main())
