"""FIRST_EXCEPTION returns at the first failure, or when all is done."""

import asyncio
from asyncio import FIRST_EXCEPTION

CHECKS = {"brakes": 0.1, "lights": 0.2, "tyres": 0.4}  # seconds


async def check(part: str, broken: str) -> None:
    await asyncio.sleep(CHECKS[part])
    if part == broken:
        raise ValueError(f"{part}: broken")


async def inspect(broken: str) -> None:
    checks = [check(part, broken) for part in CHECKS]
    tasks = [asyncio.create_task(each) for each in checks]
    done, late = await asyncio.wait(tasks, return_when=FIRST_EXCEPTION)
    print("looked at:", len(done), "not looked at:", len(late))
    for task in done:
        if not task.cancelled() and task.exception() is not None:
            print(task.exception())
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


async def main() -> None:
    await inspect(broken="lights")
    await inspect(broken="horn")


if __name__ == "__main__":
    asyncio.run(main())
