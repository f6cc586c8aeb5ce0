"""Ten waits in tasks take as long as one, and so do ten in threads."""

import asyncio
import time

WAIT = 0.5  # seconds


async def look_up(number: int) -> str:
    await asyncio.sleep(WAIT)  # stands for any call that gives way
    return f"book {number}"


async def main() -> None:
    start = time.monotonic()
    calls = (look_up(number) for number in range(1, 11))
    books = await asyncio.gather(*calls)
    waits = (time.monotonic() - start) / WAIT
    print(", ".join(books[:3]), "...", books[-1])
    print(f"took as long as {waits:.0f} of 10 waits")


if __name__ == "__main__":
    asyncio.run(main())
