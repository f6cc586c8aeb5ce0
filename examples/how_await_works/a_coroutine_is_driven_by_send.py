"""A coroutine runs when somebody calls send, and needs no asyncio."""

from collections.abc import Generator


class Ask:
    def __init__(self, question: str) -> None:
        self.question = question

    def __await__(self) -> Generator[str, str, str]:
        answer = yield self.question  # out, to whoever called send
        return answer  # the value of the await


async def bake() -> str:
    print("bake: begins")
    fruit = await Ask("Which fruit?")
    print(f"bake: goes on, with {fruit}")
    return f"{fruit} cake"


def main() -> None:
    baking = bake()
    print("main: bake was called")
    question = baking.send(None)  # runs bake up to the yield
    print(f"main: send returned {question!r}")
    try:
        baking.send("apple")  # the yield has this value
    except StopIteration as end:
        print(f"main: bake returned {end.value!r}")


if __name__ == "__main__":
    main()
