"""Two tasks count in turn: each lets the other run while it waits."""

import asyncio


async def count(name: str, delay: float) -> None:
    for number in 1, 2, 3:
        await asyncio.sleep(delay)
        print(f"{name}: {number}")


async def main() -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(count("quick", 0.4))
        tasks.create_task(count("slow", 1.0))


if __name__ == "__main__":
    asyncio.run(main())
