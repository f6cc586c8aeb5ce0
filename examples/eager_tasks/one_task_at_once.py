# /// script
# requires-python = ">=3.14"
# ///

"""eager_start makes one task begin at once, and no other."""

import asyncio


async def greet(guest: str) -> None:
    print(f"{guest}: hello")


async def main() -> None:
    ada = asyncio.create_task(greet("Ada"))
    grace = asyncio.create_task(greet("Grace"), eager_start=True)
    print("main: both are made")
    await asyncio.gather(ada, grace)
    print("main: both are greeted")


if __name__ == "__main__":
    asyncio.run(main())
