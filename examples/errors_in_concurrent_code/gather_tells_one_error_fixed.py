"""Errors kept as results: sort them, and say what each one is of."""

import asyncio

NEEDED = {"cake": 0.1, "flowers": 0.2, "wine": 0.3}  # in seconds
SOLD_OUT = {"flowers", "wine"}


async def order(what: str) -> str:
    await asyncio.sleep(NEEDED[what])
    if what in SOLD_OUT:
        raise OSError("sold out")
    return f"{what} at the door"


async def main() -> None:
    orders = map(order, NEEDED)
    answers = await asyncio.gather(*orders, return_exceptions=True)
    for what, answer in zip(NEEDED, answers, strict=True):
        match answer:
            case OSError():  # expected: the others are still worth it
                print(f"main: order again, {what}: {answer}")
            case BaseException():  # a bug, or a cancellation
                raise answer
            case _:
                print("main:", answer)


if __name__ == "__main__":
    asyncio.run(main())
