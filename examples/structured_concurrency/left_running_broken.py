"""gather raises the first error, and leaves the rest running."""

import asyncio


async def book_hotel() -> None:
    await asyncio.sleep(0.2)
    raise LookupError("no room left")


async def pay_flight() -> None:
    print("flight: calling the bank")
    try:
        await asyncio.sleep(1)
        print("flight: paid")
    finally:
        print("flight: hung up")


async def book_trip() -> None:
    await asyncio.gather(book_hotel(), pay_flight())


async def main() -> None:
    try:
        await book_trip()
    except LookupError as error:
        print("main: the trip is off,", error)
    print("main: tasks left over:", len(asyncio.all_tasks()) - 1)
    await asyncio.sleep(1)  # the next customer; the rest runs on
    print("main: done")


if __name__ == "__main__":
    asyncio.run(main())
