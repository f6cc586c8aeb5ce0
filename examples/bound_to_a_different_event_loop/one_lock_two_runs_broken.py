"""A lock belongs to the loop in which somebody first waited for it."""

import asyncio
import re

oven = asyncio.Lock()


async def bake(loaf: str) -> None:
    async with oven:
        await asyncio.sleep(0.1)
        print(loaf, "is baked")


async def main() -> None:
    await asyncio.gather(bake("rye"), bake("spelt"))


if __name__ == "__main__":
    asyncio.run(main())  # spelt waits for the oven, which binds it
    try:
        asyncio.run(main())
    except RuntimeError as error:
        message = re.sub(r"0x\w+", "0x...", str(error))
        print("RuntimeError:", message)
