"""result() on the loop's own thread waits for what it holds up."""

import asyncio


async def ask_shop(book: str) -> str:
    await asyncio.sleep(0.1)
    return f"{book} costs 7"


def price(book: str, loop: asyncio.AbstractEventLoop) -> str:
    asked = asyncio.run_coroutine_threadsafe(ask_shop(book), loop)
    try:
        return asked.result(timeout=0.5)  # holds this thread
    except TimeoutError:
        asked.cancel()
        return "no answer"


async def heart() -> None:
    for beat in range(1, 4):
        await asyncio.sleep(0.1)
        print("heart: beat", beat)


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(heart(), name="heart")
        await asyncio.sleep(0)  # the heart begins to wait
        print("main:", price("Emma", asyncio.get_running_loop()))


if __name__ == "__main__":
    asyncio.run(main())
