"""An event lets everybody go; notify wakes one of those who wait."""

import asyncio


class Shop:
    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.bell = asyncio.Condition()  # comes with a lock
        self.loaves: list[str] = []


async def buy(name: str, shop: Shop) -> None:
    await shop.opened.wait()  # a gate
    print(f"{name}: comes in")
    async with shop.bell:  # takes the lock
        await shop.bell.wait_for(lambda: len(shop.loaves) > 0)
        print(f"{name}: takes the {shop.loaves.pop()} bread")


async def bake(shop: Shop) -> None:
    print("baker: opens the door")
    shop.opened.set()
    for loaf in ("rye", "wheat", "spelt"):
        await asyncio.sleep(0.1)  # in the oven
        async with shop.bell:
            shop.loaves.append(loaf)
            shop.bell.notify()
            print(f"baker: rings, {loaf} bread is ready")


async def main() -> None:
    shop = Shop()
    async with asyncio.TaskGroup() as group:
        for name in ("Ada", "Grace", "Alan"):
            group.create_task(buy(name, shop), name=name)
        group.create_task(bake(shop), name="baker")


if __name__ == "__main__":
    asyncio.run(main())
