# /// script
# [tool.example]
# needs = ["virtual_clock"]
# ///

"""A wait that nothing can end is an error, not a test that hangs."""

import asyncio

import virtual_clock


async def transfer(first: asyncio.Lock, second: asyncio.Lock) -> None:
    async with first:
        await asyncio.sleep(1)  # the other task takes its first lock
        async with second:
            print("transferred")


async def main() -> None:
    yours, mine = asyncio.Lock(), asyncio.Lock()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(transfer(yours, mine), name="to me")
        tasks.create_task(transfer(mine, yours), name="to you")


if __name__ == "__main__":
    try:
        virtual_clock.run(main())
    except virtual_clock.DeadlockError as deadlock:
        print(deadlock)
