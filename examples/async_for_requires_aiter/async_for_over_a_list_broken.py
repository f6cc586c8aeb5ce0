"""A list cannot be asked for its items with async for."""

import asyncio

LETTERS = ["to Ada", "to Grace"]


async def main() -> None:
    async for letter in LETTERS:
        print("sent:", letter)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except TypeError as error:
        print("TypeError:", error)
