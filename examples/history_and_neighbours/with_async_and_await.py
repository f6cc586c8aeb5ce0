"""async and await: the same, with words of its own for it."""

import asyncio

CITIES = {"Ada": "London"}
STAMPS = {"London": "a blue stamp"}


async def ask(book: dict[str, str], word: str) -> str:
    await asyncio.sleep(0.1)
    return book[word]


async def post(name: str) -> None:
    try:
        city = await ask(CITIES, name)
        stamp = await ask(STAMPS, city)
        print(f"{name}: {stamp}")
    except LookupError as error:
        print(f"{name}: nobody knows {error.args[0]}")


async def main() -> None:
    async with asyncio.TaskGroup() as letters:
        letters.create_task(post("Ada"), name="Ada")
        letters.create_task(post("Bob"), name="Bob")


if __name__ == "__main__":
    asyncio.run(main())
