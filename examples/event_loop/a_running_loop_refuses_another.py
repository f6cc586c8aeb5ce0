"""Inside a running loop there is no asyncio.run: await instead."""

import asyncio


async def brew() -> str:
    return "tea is ready"


async def main() -> None:
    tea = brew()
    try:
        print(asyncio.run(tea))
    except RuntimeError as error:
        print("RuntimeError:", error)
    print(await tea)  # this thread's loop is running: use that one


if __name__ == "__main__":
    asyncio.run(main())
