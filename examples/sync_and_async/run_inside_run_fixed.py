"""The whole chain is async, and asyncio.run stands at its top."""

import asyncio


async def ask_shop(book: str) -> str:
    await asyncio.sleep(0.1)
    return f"{book} costs 7"


async def price(book: str) -> str:
    return await ask_shop(book)


async def main() -> None:
    print("in a coroutine")
    print(await price("Emma"))


if __name__ == "__main__":
    print("in a script")
    print(asyncio.run(price("Emma")))
    asyncio.run(main())
