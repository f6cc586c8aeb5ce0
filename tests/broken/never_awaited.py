"""A coroutine that is made and thrown away."""

import asyncio


async def work() -> None:
    print("worked")


async def main() -> None:
    work()
    print("done")


if __name__ == "__main__":
    asyncio.run(main())
