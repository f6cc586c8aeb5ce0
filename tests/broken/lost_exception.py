"""A task that fails, and nobody asks it how it went."""

import asyncio


async def work() -> None:
    raise ValueError("nobody reads this")


async def main() -> None:
    task = asyncio.create_task(work())
    await asyncio.wait([task])
    print("done")


if __name__ == "__main__":
    asyncio.run(main())
