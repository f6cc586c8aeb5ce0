"""A coroutine object runs once; call the function again for another."""

import asyncio


async def brew(drink: str) -> str:
    return f"{drink} is ready"


async def main() -> None:
    tea = brew("tea")
    print(await tea)
    try:
        await tea
    except RuntimeError as error:
        print("RuntimeError:", error)
    print(await brew("tea"))


if __name__ == "__main__":
    asyncio.run(main())
