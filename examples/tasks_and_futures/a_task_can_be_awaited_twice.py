"""A task runs once, and can be awaited as often as you like."""

import asyncio


async def brew(drink: str) -> str:
    print(f"{drink}: water on")
    await asyncio.sleep(0.1)
    return f"a cup of {drink}"


async def guest(name: str, pot: asyncio.Task[str]) -> None:
    print(f"{name}: waiting")
    cup = await pot  # pauses this guest; the other one comes too
    print(f"{name}: {cup}")


async def main() -> None:
    async with asyncio.TaskGroup() as party:
        pot = party.create_task(brew("tea"))
        party.create_task(guest("Ada", pot))
        party.create_task(guest("Grace", pot))
    print("main, later:", await pot)  # done already: no pause


if __name__ == "__main__":
    asyncio.run(main())
