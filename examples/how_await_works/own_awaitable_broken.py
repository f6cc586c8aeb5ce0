"""asyncio takes a future or None from a yield, and nothing else."""

import asyncio
from collections.abc import Generator


class Question:
    def __init__(self, text: str) -> None:
        self.text = text

    def __await__(self) -> Generator[str, str, str]:
        return (yield self.text)


async def bake() -> str:
    return f"{await Question('Which fruit?')} cake"


async def main() -> None:
    try:
        print("main:", await bake())
    except RuntimeError as error:
        print("main:", error)


if __name__ == "__main__":
    asyncio.run(main())
