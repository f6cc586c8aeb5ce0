"""async for over as_completed yields the tasks themselves."""

import asyncio


async def main() -> None:
    task = asyncio.create_task(asyncio.sleep(0))
    try:
        async for done in asyncio.as_completed([task]):
            print("my own task?", done is task)
    except TypeError as error:
        print("TypeError:", str(error).partition(",")[0])
    await task


if __name__ == "__main__":
    asyncio.run(main())
