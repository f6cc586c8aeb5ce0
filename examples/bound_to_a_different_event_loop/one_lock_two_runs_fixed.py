"""A lock that each run makes for itself is bound to no other loop."""

import asyncio


async def bake(loaf: str, oven: asyncio.Lock) -> None:
    async with oven:
        await asyncio.sleep(0.1)
        print(loaf, "is baked")


async def main() -> None:
    oven = asyncio.Lock()
    await asyncio.gather(bake("rye", oven), bake("spelt", oven))


if __name__ == "__main__":
    asyncio.run(main())
    asyncio.run(main())
