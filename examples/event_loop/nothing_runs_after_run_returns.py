"""What is left when main returns is cancelled, and the loop ends."""

import asyncio
import time


async def beat() -> None:
    try:
        while True:
            print("heart: beats")
            await asyncio.sleep(0.1)
    finally:
        print("heart: stopped")


async def main() -> None:
    heart = asyncio.create_task(beat())
    await asyncio.sleep(0)  # one round: the heart begins
    print("main: returns; heart done:", heart.done())


if __name__ == "__main__":
    asyncio.run(main())
    ended = time.perf_counter()
    time.sleep(1)  # time for ten beats, if anybody ran them
    print(f"{time.perf_counter() - ended:.0f} s later: no more beats")
