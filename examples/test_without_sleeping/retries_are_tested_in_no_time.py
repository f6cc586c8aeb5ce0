# /// script
# [tool.example]
# needs = ["virtual_clock"]
# ///

"""Seven seconds of patience are tested without waiting for them."""

import asyncio
from collections.abc import Awaitable, Callable

import virtual_clock

Attempt = Callable[[], Awaitable[str]]


async def retry(attempt: Attempt, tries: int) -> str:
    pause = 1.0
    for _ in range(tries - 1):
        try:
            return await attempt()
        except OSError:
            await asyncio.sleep(pause)
            pause *= 2
    return await attempt()


async def test_pauses_double() -> None:
    clock = asyncio.get_running_loop().time
    start = clock()
    attempts: list[int] = []

    async def answer_at_last() -> str:
        attempts.append(round(clock() - start))
        if len(attempts) < 4:
            raise OSError("not yet")
        return "answer"

    assert await retry(answer_at_last, tries=4) == "answer"
    print("attempts after", attempts, "seconds")
    assert attempts == [0, 1, 3, 7]


if __name__ == "__main__":
    virtual_clock.run(test_pauses_double())
