"""Without await, the work is never done, and Python warns about it."""

import asyncio


async def save(text: str) -> None:
    await asyncio.sleep(0.1)
    print("saved:", text)


async def main() -> None:
    save("your letter")
    print("all done")


if __name__ == "__main__":
    asyncio.run(main())
