# /// script
# requires-python = ">=3.12"
# ///

"""What you set after create_task comes too late for an eager task."""

import asyncio

prices: dict[str, int] = {}


async def sell(thing: str) -> str:
    return f"{thing} for {prices.get(thing, 'nothing')}"


async def main() -> None:
    loop = asyncio.get_running_loop()
    for factory in (None, asyncio.eager_task_factory):
        loop.set_task_factory(factory)
        prices.clear()
        sale = asyncio.create_task(sell("tea"))
        prices["tea"] = 3  # it has not begun, has it?
        print("eager:" if factory else "usual:", await sale)


if __name__ == "__main__":
    asyncio.run(main())
