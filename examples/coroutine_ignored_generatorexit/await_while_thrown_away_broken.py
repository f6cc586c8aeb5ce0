"""A coroutine that is thrown away cannot wait for its clean-up."""

import asyncio
import gc
import sys


def report(problem: "sys.UnraisableHookArgs") -> None:
    print(f"{problem.exc_type.__name__}: {problem.exc_value}")


async def visit() -> None:
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        print("visitor: says goodbye")
        await asyncio.sleep(0.1)
        print("visitor: has left")


async def main() -> None:
    asyncio.create_task(visit(), name="visitor")  # nobody keeps it
    await asyncio.sleep(0.1)
    gc.collect()  # Python does this by itself, when it sees fit


if __name__ == "__main__":
    sys.unraisablehook = report
    asyncio.run(main())
