"""readuntil takes several separators."""

import asyncio


async def main() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"tea; cake.")
    try:
        print(await reader.readuntil((b".", b";")))
    except TypeError:
        print("TypeError")


if __name__ == "__main__":
    asyncio.run(main())
