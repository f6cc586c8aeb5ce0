"""A list is gone through with a plain for."""

import asyncio

LETTERS = ["to Ada", "to Grace"]


async def main() -> None:
    for letter in LETTERS:
        print("sent:", letter)


if __name__ == "__main__":
    asyncio.run(main())
