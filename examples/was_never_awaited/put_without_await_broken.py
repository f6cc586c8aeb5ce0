"""Without await, put() puts nothing on the list."""

import asyncio


async def main() -> None:
    shopping: asyncio.Queue[str] = asyncio.Queue()
    shopping.put("bread")  # makes a coroutine, and drops it
    print("on the list:", shopping.qsize())


if __name__ == "__main__":
    asyncio.run(main())
