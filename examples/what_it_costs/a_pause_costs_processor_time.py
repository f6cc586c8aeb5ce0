"""Each pause costs processor time, whoever has something to do."""

import asyncio
import time

LETTERS = 3000


async def count(pause_after_each: bool) -> float:
    start = time.process_time()
    counted = 0
    for _ in range(LETTERS):
        counted += 1
        if pause_after_each:
            await asyncio.sleep(0)  # to the loop, and back again
    assert counted == LETTERS
    return time.process_time() - start


async def main() -> None:
    without, with_pauses = [], []
    for _ in range(4):  # the shortest of four is not a busy moment
        without.append(await count(pause_after_each=False))
        with_pauses.append(await count(pause_after_each=True))
    dear = min(with_pauses) > 10 * min(without)
    print("letters counted each time:", LETTERS)
    print("a pause after each costs more than ten times as much:", dear)


if __name__ == "__main__":
    asyncio.run(main())
