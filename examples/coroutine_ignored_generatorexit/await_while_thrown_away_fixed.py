"""A task that is kept, cancelled and awaited can clean up."""

import asyncio


async def visit() -> None:
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        print("visitor: says goodbye")
        await asyncio.sleep(0.1)
        print("visitor: has left")


async def main() -> None:
    async with asyncio.TaskGroup() as group:
        visitor = group.create_task(visit(), name="visitor")
        await asyncio.sleep(0.1)
        visitor.cancel()


if __name__ == "__main__":
    asyncio.run(main())
