"""Two dishes share one stove, and a guest gives up waiting."""

import asyncio


async def cook(dish: str, stove: asyncio.Lock) -> None:
    async with stove:
        print(f"{dish}: on the stove")
        await asyncio.sleep(0.5)
    print(f"{dish}: done")


async def guest(served: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(0.2):
            await served.wait()
    except TimeoutError:
        print("guest: leaves")


async def main() -> None:
    stove, served = asyncio.Lock(), asyncio.Event()
    async with asyncio.TaskGroup() as kitchen:
        for dish in ("soup", "rice"):
            kitchen.create_task(cook(dish, stove), name=dish)
        kitchen.create_task(guest(served), name="guest")


if __name__ == "__main__":
    asyncio.run(main())
