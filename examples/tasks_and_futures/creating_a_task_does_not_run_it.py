"""Creating a task does not run it; it starts when its maker pauses."""

import asyncio


async def brew(drink: str) -> None:
    print(f"{drink}: water on")
    await asyncio.sleep(0.1)
    print(f"{drink}: ready")


async def main() -> None:
    async with asyncio.TaskGroup() as kitchen:
        kitchen.create_task(brew("tea"))
        kitchen.create_task(brew("coffee"))
        print("main: made two tasks, and no water is on")
        await asyncio.sleep(0)  # main pauses; each runs up to its wait
        print("main: back, at the end of the block")
    print("main: both are done")


if __name__ == "__main__":
    asyncio.run(main())
