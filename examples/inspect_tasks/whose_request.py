# /// script
# requires-python = ">=3.12"
# ///

"""get_context shows the context variables of another task."""

import asyncio
from contextvars import ContextVar

guest: ContextVar[str] = ContextVar("guest", default="nobody")


async def serve(name: str) -> None:
    guest.set(name)
    await asyncio.sleep(0.1)


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        for name in ("Ada", "Grace"):
            group.create_task(serve(name))
        await asyncio.sleep(0)  # main pauses; both begin to serve
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        served = [task.get_context().get(guest) for task in tasks]
        print("served just now:", *sorted(map(str, served)))
        print("in main:", guest.get())


if __name__ == "__main__":
    asyncio.run(main())
