# /// script
# [tool.example]
# needs = ["subprocess", "signals"]
# ///

"""A child that stays open: write a line, read a line, send a signal."""

import asyncio
import os
import signal
import sys

SHOP = """
import sys
prices = {"tea": 2, "cake": 4, "bread": 3}
for line in sys.stdin:
    print(prices[line.strip()], flush=True)
print("closed", flush=True)
"""


async def main() -> None:
    shop = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SHOP),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    ask, answers = shop.stdin, shop.stdout
    assert ask is not None
    assert answers is not None

    async def price(thing: str) -> str:
        ask.write(f"{thing}\n".encode())
        await ask.drain()
        return (await answers.readline()).decode().rstrip()

    print("another process:", shop.pid != os.getpid())
    print("tea:", await price("tea"))
    shop.send_signal(signal.SIGSTOP)  # the shop is put on hold
    cake = asyncio.create_task(price("cake"), name="guest")
    done, _ = await asyncio.wait([cake], timeout=0.3)
    print("main: on hold, an answer?", bool(done))
    shop.send_signal(signal.SIGCONT)
    print("cake:", await cake)
    ask.close()  # the end of its input: the loop in SHOP ends
    print("shop:", (await answers.read()).decode().rstrip())
    print("exit status:", await shop.wait())


if __name__ == "__main__":
    asyncio.run(main())
