"""Each `except*` takes the errors of its kind out of the group."""

import asyncio


async def book_hotel() -> None:
    await asyncio.sleep(0.2)
    raise LookupError("no room left")


async def pay_flight() -> None:
    try:
        await asyncio.sleep(1)
    finally:  # the group has cancelled this wait, and goes on waiting
        raise ConnectionError("the bank does not answer")


async def book_trip() -> None:
    try:
        async with asyncio.TaskGroup() as trip:
            trip.create_task(book_hotel())
            trip.create_task(pay_flight())
    except* LookupError as errors:
        print("trip: look for another hotel,", *errors.exceptions)
    except* ConnectionError as errors:
        print("trip: call the bank again,", *errors.exceptions)


async def main() -> None:
    await book_trip()
    print("main: both errors were handled")


if __name__ == "__main__":
    asyncio.run(main())
