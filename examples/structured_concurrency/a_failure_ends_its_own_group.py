"""A failure ends its own group, if that is where it is caught."""

import asyncio


async def find_hotel(rooms: int) -> None:
    await asyncio.sleep(0.2 + 0.3 * rooms)  # more rooms, more to read
    if rooms == 0:
        raise LookupError("no room left")


async def find_flight() -> None:
    await asyncio.sleep(1)


async def trip(customer: str, rooms: int) -> None:
    try:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(find_hotel(rooms), name="hotel")
            parts.create_task(find_flight(), name="flight")
    except* LookupError as errors:
        print(f"{customer}: stays at home,", *errors.exceptions)
    else:
        print(f"{customer}: goes to the sea")


async def main() -> None:
    async with asyncio.TaskGroup() as office:
        office.create_task(trip("Ada", rooms=0), name="Ada")
        office.create_task(trip("Grace", rooms=1), name="Grace")
        # main pauses for two tasks; each of them pauses for two more
    print("main: the office closes")


if __name__ == "__main__":
    asyncio.run(main())
