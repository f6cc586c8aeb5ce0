"""asyncio.timeout() cancels a task, so there has to be one."""

import asyncio


async def wait_a_little() -> None:
    async with asyncio.timeout(1):
        print("never here")


def step() -> None:
    try:
        wait_a_little().send(None)  # runs it, but in no task
    except RuntimeError as error:
        print("RuntimeError:", error)


async def main() -> None:
    asyncio.get_running_loop().call_soon(step)


if __name__ == "__main__":
    asyncio.run(main())
