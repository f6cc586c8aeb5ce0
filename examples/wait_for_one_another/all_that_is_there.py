"""Wait for one item, then take what else is there, at once."""

import asyncio


async def deliver(letters: asyncio.Queue[str]) -> None:
    while True:
        batch = [await letters.get()]  # paused until there is one
        try:
            while True:
                batch.append(letters.get_nowait())
        except asyncio.QueueEmpty:
            pass
        print("one trip with", *batch)
        await asyncio.sleep(0.2)
        for _ in batch:
            letters.task_done()


async def main() -> None:
    letters: asyncio.Queue[str] = asyncio.Queue(maxsize=3)
    print("room for", letters.maxsize)
    async with asyncio.TaskGroup() as group:  # for his errors
        postman = group.create_task(deliver(letters))
        await letters.put("A")
        await asyncio.sleep(0.1)  # main pauses; the postman leaves
        for letter in "BCDE":
            await letters.put(letter)
        await letters.join()
        print("all delivered, left over:", letters.qsize())
        postman.cancel()


if __name__ == "__main__":
    asyncio.run(main())
