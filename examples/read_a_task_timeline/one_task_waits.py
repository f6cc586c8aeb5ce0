"""One task runs, waits for a second, and runs again."""

import asyncio


async def cook(dish: str, seconds: float) -> None:
    print(f"{dish}: on the stove")
    await asyncio.sleep(seconds)
    print(f"{dish}: done")


async def main() -> None:
    await cook("rice", 1)


if __name__ == "__main__":
    asyncio.run(main())
