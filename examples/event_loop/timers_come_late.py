"""A timer comes late; if early, then by less than a clock's tick."""

import asyncio
import time


async def lateness(delay: float) -> float:
    loop = asyncio.get_running_loop()
    due = loop.time() + delay
    await asyncio.sleep(delay)
    return loop.time() - due


async def main() -> None:
    delays = [number / 100 for number in range(1, 101)]
    late = await asyncio.gather(*map(lateness, delays))
    tick = time.get_clock_info("monotonic").resolution
    early = sum(seconds < -tick for seconds in late)
    print("early by more than a tick:", early)
    print("late:", sum(seconds > 0 for seconds in late))


if __name__ == "__main__":
    asyncio.run(main())
