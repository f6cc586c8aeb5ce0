"""throw makes the await raise; close does so with GeneratorExit."""

from collections.abc import Generator


class Ask:
    def __init__(self, question: str) -> None:
        self.question = question

    def __await__(self) -> Generator[str, str, str]:
        return (yield self.question)


async def bake() -> None:
    try:
        try:
            print("bake: has", await Ask("Which fruit?"))
        except LookupError as error:
            print(f"bake: {error}, so I ask once more")
            print("bake: has", await Ask("Which other fruit?"))
    finally:
        print("bake: oven off")


def main() -> None:
    baking = bake()
    print("main:", baking.send(None))
    question = baking.throw(LookupError("no such fruit"))
    print("main:", question)
    baking.close()  # nobody will answer any more
    print("main: closed")


if __name__ == "__main__":
    main()
