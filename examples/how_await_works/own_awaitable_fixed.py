"""An awaitable of your own waits through a future that it keeps."""

import asyncio
from collections.abc import Generator
from typing import Any


class Question:
    def __init__(self, text: str) -> None:
        self.text = text
        loop = asyncio.get_running_loop()
        self.reply: asyncio.Future[str] = loop.create_future()

    def answer(self, text: str) -> None:
        if not self.reply.done():  # not answered, nor given up
            self.reply.set_result(text)

    def __await__(self) -> Generator[Any, None, str]:
        return (yield from self.reply)  # the future does the yield


async def bake(question: Question) -> str:
    fruit = await question
    return f"{fruit} cake"


async def main() -> None:
    question = Question("Which fruit?")
    loop = asyncio.get_running_loop()
    loop.call_later(0.1, question.answer, "apple")
    print("main:", question.text)
    print("main:", await bake(question))
    print("main:", await question, "it stays")


if __name__ == "__main__":
    asyncio.run(main())
