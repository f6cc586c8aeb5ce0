"""A task that fails keeps its error until somebody asks."""

import asyncio


async def send(letter: str) -> None:
    await asyncio.sleep(0.1)
    raise OSError(f"no stamp on the {letter}")


async def main() -> None:
    post = asyncio.create_task(send("invitation"), name="post")
    await asyncio.sleep(0.5)
    print("main: is it sent?", post.done())


if __name__ == "__main__":
    asyncio.run(main())
