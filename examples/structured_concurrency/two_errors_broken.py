"""An `except` that names an error does not see it within a group."""

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
    except LookupError as error:
        print("trip: look for another hotel,", error)
    except ConnectionError as error:
        print("trip: call the bank again,", error)


async def main() -> None:
    try:
        await book_trip()
    except Exception as error:
        print(f"main: nobody handled {type(error).__name__}: {error}")


if __name__ == "__main__":
    asyncio.run(main())
