# /// script
# requires-python = ">=3.13"
# ///

"""shutdown() ends the workers when they have emptied the queue."""

import asyncio


async def work(name: str, letters: asyncio.Queue[int]) -> None:
    while True:
        try:
            letter = await letters.get()
        except asyncio.QueueShutDown:  # closed, and empty
            break
        await asyncio.sleep(0.05)
        print(f"{name}: sent letter {letter}")
    print(f"{name}: goes home")


async def main() -> None:
    letters: asyncio.Queue[int] = asyncio.Queue(maxsize=2)
    async with asyncio.TaskGroup() as group:
        for name in ("Ada", "Grace"):
            group.create_task(work(name, letters), name=name)
        for letter in range(1, 6):
            await letters.put(letter)
        letters.shutdown()
        print("main: no more letters")
    print("main: all is sent")


if __name__ == "__main__":
    asyncio.run(main())
