# /// script
# [tool.example]
# needs = ["threads"]
# ///

"""In a thread, the same call waits for a loop that is free."""

import asyncio


async def ask_shop(book: str) -> str:
    await asyncio.sleep(0.15)
    return f"{book} costs 7"


def price(book: str, loop: asyncio.AbstractEventLoop) -> str:
    asked = asyncio.run_coroutine_threadsafe(ask_shop(book), loop)
    try:
        return asked.result(timeout=10)  # holds this thread
    except TimeoutError:
        asked.cancel()
        return "no answer"


async def heart() -> None:
    for beat in range(1, 4):
        await asyncio.sleep(0.1)
        print("heart: beat", beat)


async def main() -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        group.create_task(heart(), name="heart")
        await asyncio.sleep(0)  # the heart begins to wait
        print("main:", await asyncio.to_thread(price, "Emma", loop))


if __name__ == "__main__":
    asyncio.run(main())
