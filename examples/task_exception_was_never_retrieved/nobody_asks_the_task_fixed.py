"""A group asks each of its tasks, and raises what it hears."""

import asyncio


async def send(letter: str) -> None:
    await asyncio.sleep(0.1)
    raise OSError(f"no stamp on the {letter}")


async def main() -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(send("invitation"), name="post")
    except* OSError as errors:
        for error in errors.exceptions:
            print("main: it came back:", error)


if __name__ == "__main__":
    asyncio.run(main())
