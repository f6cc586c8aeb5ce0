"""Each try has a limit, and all of them together have a deadline."""

import asyncio
import random

LIMIT = 0.6


async def ask(attempt: int) -> str:
    if attempt == 1:
        await asyncio.Event().wait()  # hangs
    if attempt == 2:
        raise ConnectionError
    return "here you are"


async def retry(deadline: float) -> str:
    attempt, pause = 1, 0.2
    async with asyncio.timeout_at(deadline):
        while True:
            try:
                async with asyncio.timeout(LIMIT):
                    return await ask(attempt)
            except OSError as error:  # a TimeoutError is one, too
                kind = type(error).__name__
            print(f"  try {attempt}: {kind}, up to {pause} s of pause")
            await asyncio.sleep(random.random() * pause)
            attempt, pause = attempt + 1, pause * 2


async def main() -> None:
    loop = asyncio.get_running_loop()
    for budget in (2.0, 0.3):
        print(f"{budget} seconds for all:")
        try:
            print(" ", await retry(loop.time() + budget))
        except TimeoutError:
            print("  deadline")


if __name__ == "__main__":
    asyncio.run(main())
