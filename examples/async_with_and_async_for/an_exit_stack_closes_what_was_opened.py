"""An exit stack closes what was opened, the last one first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager


@asynccontextmanager
async def connect(city: str) -> AsyncIterator[str]:
    if city == "Atlantis":
        raise LookupError("no line to Atlantis")
    print(f"{city}: open")
    try:
        yield f"hello, {city}"  # the block of async with runs here
    finally:
        await asyncio.sleep(0.1)
        print(f"{city}: closed")


async def call(*cities: str) -> None:
    async with AsyncExitStack() as stack:
        for city in cities:
            print(await stack.enter_async_context(connect(city)))


async def main() -> None:
    await call("Rome", "Oslo")
    try:
        await call("Bern", "Atlantis")
    except LookupError as error:
        print("main:", error)


if __name__ == "__main__":
    asyncio.run(main())
