"""A plain function has done its work before await fails."""

import asyncio


def save(letter: str) -> None:
    print("saved:", letter)


async def main() -> None:
    await save("to Ada")
    print("main: all is saved")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except TypeError:
        print("TypeError: save() has returned None, not an awaitable")
