"""A task cannot be made before there is a loop to run it."""

import asyncio


async def bake(loaf: str) -> None:
    print(loaf, "is baked")


def start(loaf: str) -> None:
    try:
        asyncio.create_task(bake(loaf))
    except RuntimeError as error:
        print("RuntimeError:", error)


if __name__ == "__main__":
    start("rye")
