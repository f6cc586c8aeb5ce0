"""One yield pauses every coroutine between it and the call of send."""

import traceback
from collections.abc import Generator
from typing import Any


class Ask:
    def __init__(self, question: str) -> None:
        self.question = question

    def __await__(self) -> Generator[str, str, str]:
        answer = yield self.question
        stack = traceback.extract_stack(limit=4)
        print("stack:", " > ".join(frame.name for frame in stack))
        return answer


async def heat() -> int:
    return 180  # nothing in here yields


async def choose() -> str:
    return await Ask("Which fruit?")


async def bake() -> str:
    print(f"bake: the oven has {await heat()} degrees")
    return f"{await choose()} cake"


def main() -> None:
    baking: Any = bake()
    print("main: send returned", repr(baking.send(None)))
    choosing = baking.cr_await
    print("main: bake waits for", choosing.__qualname__)
    print("main: choose waits for", choosing.cr_await.__qualname__)
    try:
        baking.send("apple")  # enters bake, which leads down to Ask
    except StopIteration as end:
        print(f"main: bake returned {end.value!r}")


if __name__ == "__main__":
    main()
