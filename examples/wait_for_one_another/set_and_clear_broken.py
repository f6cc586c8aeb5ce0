"""A second wait on an event that nobody clears does not wait."""

import asyncio


async def listen(bell: asyncio.Event, heard: list[int]) -> None:
    for number in (1, 2, 3):
        await bell.wait()
        heard.append(number)


async def main() -> None:
    bell = asyncio.Event()
    heard: list[int] = []
    async with asyncio.TaskGroup() as group:
        group.create_task(listen(bell, heard))
        await asyncio.sleep(0.1)
        print("not rung yet, and heard:", *heard)
        bell.set()  # it rings once
        await asyncio.sleep(0.1)
        print("rung once, and heard:", *heard)


if __name__ == "__main__":
    asyncio.run(main())
