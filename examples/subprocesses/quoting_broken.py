# /// script
# [tool.example]
# needs = ["subprocess"]
# ///

"""What goes through the shell is read as a command line."""

import asyncio


async def order(cake: str) -> None:
    waiter = await asyncio.create_subprocess_shell(
        f"echo one cake: {cake}"  # whatever the guest has typed
    )
    assert await waiter.wait() == 0


async def main() -> None:
    await order("plum")
    await order("plum; echo everything is free")


if __name__ == "__main__":
    asyncio.run(main())
