"""asyncio.run starts a loop, and cannot be called inside one."""

import asyncio


async def ask_shop(book: str) -> str:
    await asyncio.sleep(0.1)
    return f"{book} costs 7"


def price(book: str) -> str:
    return asyncio.run(ask_shop(book))  # fine, if no loop is running


async def main() -> None:
    print("in a coroutine")
    try:
        print(price("Emma"))
    except RuntimeError as error:
        print("RuntimeError:", error)


if __name__ == "__main__":
    print("in a script")
    print(price("Emma"))
    asyncio.run(main())
