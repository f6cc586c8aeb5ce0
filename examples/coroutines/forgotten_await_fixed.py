"""With await, the work is done before the next statement."""

import asyncio


async def save(text: str) -> None:
    await asyncio.sleep(0.1)
    print("saved:", text)


async def main() -> None:
    await save("your letter")
    print("all done")


if __name__ == "__main__":
    asyncio.run(main())
