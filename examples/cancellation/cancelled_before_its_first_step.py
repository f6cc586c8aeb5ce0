"""A task cancelled before its first step runs nothing of its body."""

import asyncio


async def dine(guest: str, seats: asyncio.Semaphore) -> None:
    try:
        print(f"{guest}: sits down")
        await asyncio.sleep(3600)
    finally:
        print(f"{guest}: leaves")
        seats.release()


async def main() -> None:
    seats = asyncio.Semaphore(1)
    for guest in ("Ada", "Grace"):
        await seats.acquire()  # taken here, to be given back by dine
        dinner = asyncio.create_task(dine(guest, seats), name=guest)
        if guest == "Ada":
            await asyncio.sleep(0)  # main pauses; Ada's first step runs
        dinner.cancel()
        await asyncio.wait([dinner])
        print(f"main: was {guest} cancelled?", dinner.cancelled())
        print("main: is every seat taken?", seats.locked())


if __name__ == "__main__":
    asyncio.run(main())
