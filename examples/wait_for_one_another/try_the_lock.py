"""acquire and release by hand: for a wait that has a limit."""

import asyncio


async def bathe(guest: str, bath: asyncio.Lock, limit: float) -> None:
    print(f"{guest}: is it taken? {bath.locked()}")
    try:
        async with asyncio.timeout(limit) as patience:
            await bath.acquire()
    except TimeoutError:
        print(f"{guest}: gives up")
        return
    try:
        end = patience.when()
        assert end is not None
        left = end - asyncio.get_running_loop().time()
        print(f"{guest}: in; most patience left? {left > limit / 2}")
        await asyncio.sleep(0.3)
        print(f"{guest}: clean")
    finally:
        bath.release()


async def main() -> None:
    bath = asyncio.Lock()
    async with asyncio.TaskGroup() as guests:
        guests.create_task(bathe("Ada", bath, limit=1.0))
        guests.create_task(bathe("Grace", bath, limit=0.1))
        guests.create_task(bathe("Alan", bath, limit=1.0))


if __name__ == "__main__":
    asyncio.run(main())
