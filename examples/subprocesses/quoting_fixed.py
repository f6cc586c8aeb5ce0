# /// script
# [tool.example]
# needs = ["subprocess"]
# ///

"""Arguments one by one need no quotes; a shell needs shlex.quote."""

import asyncio
import shlex


async def order(cake: str) -> None:
    waiter = await asyncio.create_subprocess_exec(
        "echo",
        "one cake:",
        cake,  # no shell: it stays one argument
    )
    assert await waiter.wait() == 0


async def shout(cake: str) -> None:
    waiter = await asyncio.create_subprocess_shell(
        f"echo {shlex.quote(cake)} | tr a-z A-Z"  # the pipe needs one
    )
    assert await waiter.wait() == 0


async def main() -> None:
    for cake in ("plum", "plum; echo everything is free"):
        await order(cake)
        await shout(cake)


if __name__ == "__main__":
    asyncio.run(main())
