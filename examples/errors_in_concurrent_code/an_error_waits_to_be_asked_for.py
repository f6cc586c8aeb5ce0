"""An error stays in its task until somebody asks for it."""

import asyncio


async def bake_cake() -> str:
    await asyncio.sleep(0.5)
    print("cake: out of the oven")
    return "a cake"


async def fetch_band() -> str:
    await asyncio.sleep(0.1)
    print("band: the van has broken down")
    raise OSError("no music")


async def main() -> None:
    cake = asyncio.create_task(bake_cake(), name="cake")
    band = asyncio.create_task(fetch_band(), name="band")
    print("main: we have", await cake)  # the band fails meanwhile
    try:
        print("main: we have", await band)
    except OSError as error:
        print("main: only now I hear of it:", error)


if __name__ == "__main__":
    asyncio.run(main())
