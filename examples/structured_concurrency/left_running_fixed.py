"""A task group cancels the rest, and waits until they have ended."""

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
    async with asyncio.TaskGroup() as trip:
        trip.create_task(book_hotel())
        trip.create_task(pay_flight())
        # At the end of this block the caller pauses until both ended.


async def main() -> None:
    try:
        await book_trip()
    except* LookupError as errors:
        print("main: the trip is off,", *errors.exceptions)
    print("main: tasks left over:", len(asyncio.all_tasks()) - 1)
    await asyncio.sleep(1)  # the next customer; nobody else is left
    print("main: done")


if __name__ == "__main__":
    asyncio.run(main())
