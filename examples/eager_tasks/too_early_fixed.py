# /// script
# requires-python = ">=3.12"
# ///

"""Set what a task needs first, and its first step may come early."""

import asyncio

prices: dict[str, int] = {}


async def sell(thing: str) -> str:
    return f"{thing} for {prices.get(thing, 'nothing')}"


async def main() -> None:
    loop = asyncio.get_running_loop()
    for factory in (None, asyncio.eager_task_factory):
        loop.set_task_factory(factory)
        prices.clear()
        prices["tea"] = 3
        sale = asyncio.create_task(sell("tea"))
        print("eager:" if factory else "usual:", await sale)


if __name__ == "__main__":
    asyncio.run(main())
