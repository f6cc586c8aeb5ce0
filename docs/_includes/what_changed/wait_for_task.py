"""wait_for runs the coroutine in your own task."""

import asyncio


async def who() -> asyncio.Task[object] | None:
    return asyncio.current_task()


async def main() -> None:
    other = await asyncio.wait_for(who(), timeout=1)
    same = other is asyncio.current_task()
    print("in my own task" if same else "in a task of its own")


if __name__ == "__main__":
    asyncio.run(main())
