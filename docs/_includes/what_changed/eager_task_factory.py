"""A loop can start tasks at once, with eager_task_factory."""

import asyncio


async def child() -> None:
    print("child", end=", ")


async def main() -> None:
    loop = asyncio.get_running_loop()
    if eager := getattr(asyncio, "eager_task_factory", None):
        loop.set_task_factory(eager)
    task = asyncio.create_task(child())
    print("main", end=", ")
    await task
    print("then both are done")


if __name__ == "__main__":
    asyncio.run(main())
