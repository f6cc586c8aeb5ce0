"""Two tasks cannot wait for one asynchronous generator."""

import asyncio
from collections.abc import AsyncIterator


async def letters() -> AsyncIterator[str]:
    for name in ["Ada", "Grace", "Edsger"]:
        await asyncio.sleep(0.1)
        yield f"a letter to {name}"


async def carry(who: str, post: AsyncIterator[str]) -> None:
    async for letter in post:
        print(who, "carries", letter)


async def main() -> None:
    post = letters()
    await asyncio.gather(carry("Tim", post), carry("Tom", post))


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except RuntimeError as error:
        print("RuntimeError:", error)
