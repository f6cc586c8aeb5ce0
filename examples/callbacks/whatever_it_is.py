"""One function for a value, a coroutine, a task or a future."""

import asyncio
from collections.abc import Awaitable


async def bake() -> str:
    return "cake"


def kind(thing: object) -> str:
    if asyncio.isfuture(thing):
        return "future"  # tasks are futures, too
    if asyncio.iscoroutine(thing):
        return "coroutine"
    return "value"


async def serve(thing: str | Awaitable[str]) -> None:
    was = kind(thing)
    if isinstance(thing, Awaitable):
        task = asyncio.ensure_future(thing)
        print(f"{was}: the same object?", task is thing)
        thing = await task
    print(f"{was}: {thing}")


async def main() -> None:
    ready = asyncio.get_running_loop().create_future()
    ready.set_result("tea")
    for thing in ("bread", bake(), asyncio.create_task(bake()), ready):
        await serve(thing)


if __name__ == "__main__":
    asyncio.run(main())
