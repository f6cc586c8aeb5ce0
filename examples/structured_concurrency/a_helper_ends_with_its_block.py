"""A task that would never end is cancelled when the work is done."""

import asyncio


async def keep_the_line_open() -> None:
    try:
        while True:
            print("line: still there?")
            await asyncio.sleep(10)
    finally:
        print("line: closed")


async def book(part: str) -> str:
    await asyncio.sleep(0.2)
    return part


async def main() -> None:
    async with asyncio.TaskGroup() as call:
        line = call.create_task(keep_the_line_open())
        booked = [await book(part) for part in ("hotel", "flight")]
        line.cancel()  # it ends at its await; no error comes of it
    print("booked:", *booked)


if __name__ == "__main__":
    asyncio.run(main())
