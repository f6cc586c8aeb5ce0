# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""In a thread of its own, a plain function may call asyncio.run()."""

import asyncio


async def look_up(item: str) -> str:
    return f"{item}: 3.50 euros"


def price(item: str) -> str:  # plain, as somebody else's library is
    return asyncio.run(look_up(item))


async def main() -> None:
    # A worker thread calls price(); meanwhile other tasks can run.
    print(await asyncio.to_thread(price, "bread"))


if __name__ == "__main__":
    asyncio.run(main())
