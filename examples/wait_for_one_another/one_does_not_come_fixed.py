"""Whoever cannot come breaks the barrier; reset makes it whole."""

import asyncio

WALK = {"Ada": 0.1, "Grace": 0.2, "Alan": 0.3}  # seconds to the start


async def run(runner: str, start: asyncio.Barrier) -> str:
    await asyncio.sleep(WALK[runner])
    if runner == "Alan":
        await start.abort()
        return "Alan: hurt a foot"
    try:
        await start.wait()
    except asyncio.BrokenBarrierError:
        return f"{runner}: no race today"
    return f"{runner}: ran"


async def main() -> None:
    start = asyncio.Barrier(len(WALK))
    runs = (run(runner, start) for runner in WALK)
    print(*await asyncio.gather(*runs), sep="\n")
    print("broken?", start.broken)
    await start.reset()
    print("broken?", start.broken)


if __name__ == "__main__":
    asyncio.run(main())
