"""What to say is one generator; who waits for the answers, two."""

import asyncio
import time
from collections.abc import Generator

Talk = Generator[str, str, str]
REPLIES = {"price of Emma": "7", "pay 7": "order 12"}


def buy(book: str) -> Talk:
    """It asks by yield, and neither waits nor awaits."""
    price = yield f"price of {book}"
    number = yield f"pay {price}"
    return f"{book} for {price}, {number}"


def ask(question: str) -> str:
    time.sleep(0.1)  # a blocking client
    return REPLIES[question]


async def ask_async(question: str) -> str:
    await asyncio.sleep(0.1)  # an async client
    return REPLIES[question]


def drive(talk: Talk) -> str:
    question = next(talk)
    while True:
        reply = ask(question)
        print("sync: asked", question)
        try:
            question = talk.send(reply)
        except StopIteration as end:
            return str(end.value)


async def drive_async(talk: Talk) -> str:
    question = next(talk)
    while True:
        reply = await ask_async(question)
        print("async: asked", question)
        try:
            question = talk.send(reply)
        except StopIteration as end:
            return str(end.value)


if __name__ == "__main__":
    print(drive(buy("Emma")))
    print(asyncio.run(drive_async(buy("Emma"))))
