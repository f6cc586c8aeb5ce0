"""Calling a coroutine function runs nothing of its body."""

import asyncio


async def brew(drink: str) -> str:
    print(f"{drink}: water on")
    await asyncio.sleep(0.1)
    return f"{drink} is ready"


async def main() -> None:
    tea = brew("tea")
    print("called; what came back is a", type(tea).__name__)
    # The body of brew runs here, up to its own await and beyond.
    result = await tea
    print("awaited;", result)


if __name__ == "__main__":
    asyncio.run(main())
