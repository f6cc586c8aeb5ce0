"""A lock lets one task at a time through a stretch with awaits."""

import asyncio


class Shelf:
    """A number on a server: to read it takes time, so does writing."""

    def __init__(self, loaves: int) -> None:
        self.loaves = loaves
        self.lock = asyncio.Lock()

    async def read(self) -> int:
        await asyncio.sleep(0.05)
        return self.loaves

    async def write(self, loaves: int) -> None:
        await asyncio.sleep(0.05)
        self.loaves = loaves


async def buy(customer: str, shelf: Shelf) -> None:
    print(f"{customer}: one loaf, please")
    async with shelf.lock:  # pauses while somebody else is inside
        left = await shelf.read()
        await shelf.write(left - 1)
        print(f"{customer}: one of {left} is mine")


async def main() -> None:
    shelf = Shelf(3)
    async with asyncio.TaskGroup() as group:
        for name in ("Ada", "Grace", "Alan"):
            group.create_task(buy(name, shelf), name=name)
    print("main: loaves left:", shelf.loaves)


if __name__ == "__main__":
    asyncio.run(main())
