"""A pause of fixed length drifts; one until a fixed moment does not."""

import asyncio

PERIOD, ROUNDS = 0.4, 3


async def measure() -> None:
    await asyncio.sleep(0.2)


async def sleep_for_a_period() -> float:
    loop = asyncio.get_running_loop()
    due = loop.time()
    for _ in range(ROUNDS):
        due += PERIOD
        await measure()
        await asyncio.sleep(PERIOD)  # counts from now
    return loop.time() - due


async def sleep_until_due() -> float:
    loop = asyncio.get_running_loop()
    due = loop.time()
    for _ in range(ROUNDS):
        due += PERIOD
        await measure()
        await asyncio.sleep(due - loop.time())  # what is left of it
    return loop.time() - due


def in_words(late: float) -> str:
    if abs(late) < PERIOD:
        return "in step"
    return "behind" if late > 0 else "ahead"


async def main() -> None:
    ways = (sleep_for_a_period, sleep_until_due)
    lateness = await asyncio.gather(*(way() for way in ways))
    for way, late in zip(ways, lateness, strict=True):
        print(f"{way.__name__}: {in_words(late)}")


if __name__ == "__main__":
    asyncio.run(main())
