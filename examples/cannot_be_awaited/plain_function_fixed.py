"""A plain function is called without await."""

import asyncio


def save(letter: str) -> None:
    print("saved:", letter)


async def main() -> None:
    save("to Ada")
    print("main: all is saved")


if __name__ == "__main__":
    asyncio.run(main())
