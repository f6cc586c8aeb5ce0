"""With await, put() has put it on the list when it returns."""

import asyncio


async def main() -> None:
    shopping: asyncio.Queue[str] = asyncio.Queue()
    await shopping.put("bread")
    print("on the list:", shopping.qsize())


if __name__ == "__main__":
    asyncio.run(main())
