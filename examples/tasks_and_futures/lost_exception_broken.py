"""An error in a task that nobody awaits stops nothing."""

import asyncio


async def back_up(what: str) -> None:
    await asyncio.sleep(0.1)
    raise OSError(f"no room for {what}")


async def main() -> None:
    backup = asyncio.create_task(back_up("letters"), name="backup")
    print("main: started the", backup.get_name())
    await asyncio.sleep(1)  # meanwhile the backup fails
    print("main: all is well, or so it seems")


if __name__ == "__main__":
    asyncio.run(main())
