"""Callbacks: each step is handed what comes after it."""

import asyncio
from collections.abc import Callable

CITIES = {"Ada": "London"}
STAMPS = {"London": "a blue stamp"}


def ask(
    book: dict[str, str],
    word: str,
    then: Callable[[str], None],
    failed: Callable[[str], None],
) -> None:
    def answer() -> None:
        if word in book:
            then(book[word])
        else:
            failed(word)

    asyncio.get_running_loop().call_later(0.1, answer)


def post(name: str, done: Callable[[], None]) -> None:
    def have_city(city: str) -> None:
        ask(STAMPS, city, have_stamp, unknown)

    def have_stamp(stamp: str) -> None:
        print(f"{name}: {stamp}")
        done()

    def unknown(word: str) -> None:
        print(f"{name}: nobody knows {word}")
        done()

    ask(CITIES, name, have_city, unknown)


async def main() -> None:
    at_end = asyncio.get_running_loop().create_future()
    left = ["Ada", "Bob"]

    def one_is_done() -> None:
        left.pop()
        if not left:
            at_end.set_result(None)

    for name in ("Ada", "Bob"):
        post(name, one_is_done)
    await at_end  # the callbacks do the rest


if __name__ == "__main__":
    asyncio.run(main())
