"""A condition wakes who waits now; the next wait waits for the next."""

import asyncio


async def listen(bell: asyncio.Condition, heard: list[int]) -> None:
    for number in (1, 2, 3):
        async with bell:
            await bell.wait()
        heard.append(number)


async def main() -> None:
    bell = asyncio.Condition()
    heard: list[int] = []
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(bell, heard))
        for rung in (1, 2, 3):
            await asyncio.sleep(0.1)
            async with bell:
                bell.notify_all()
            await asyncio.sleep(0.1)
            print("rung:", rung, "heard:", *heard)


if __name__ == "__main__":
    asyncio.run(main())
