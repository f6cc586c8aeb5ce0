"""A bounded semaphore refuses a release too many."""

import asyncio


async def free_seats(seats: asyncio.Semaphore) -> int:
    free = 0
    while not seats.locked():
        await seats.acquire()
        free += 1
    return free


async def main() -> None:
    for kind in (asyncio.Semaphore, asyncio.BoundedSemaphore):
        seats = kind(2)
        async with seats:  # a guest sits down, and leaves
            pass
        try:
            seats.release()  # somebody else gives the seat back again
        except ValueError as error:
            print(error)
        print(f"{kind.__name__}: {await free_seats(seats)} seats of 2")


if __name__ == "__main__":
    asyncio.run(main())
