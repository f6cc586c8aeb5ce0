"""The body of a block fails, and is cancelled, as its tasks are."""

import asyncio


async def hold_seat(seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
        raise LookupError("the seat is gone")
    finally:
        print("seat: given back")


async def ask_customer(seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
        raise ValueError("the customer says no")
    finally:
        print("customer: hung up")


async def book(hold: float, ask: float) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(hold_seat(hold), name=f"hold {hold} s")
            await ask_customer(ask)  # pauses in the middle of the body
            print("book: never comes here")
    except* (LookupError, ValueError) as errors:
        print("book: not booked,", *errors.exceptions)


async def main() -> None:
    await book(hold=1, ask=0.2)  # the body fails
    await book(hold=0.2, ask=1)  # the task fails


if __name__ == "__main__":
    asyncio.run(main())
