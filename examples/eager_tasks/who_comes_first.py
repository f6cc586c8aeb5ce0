# /// script
# requires-python = ">=3.12"
# ///

"""Eager tasks start in the middle of the step that makes them."""

import asyncio

log: list[str] = []


async def write(line: str) -> None:
    log.append(line)
    await asyncio.sleep(0)
    log.append(line.upper())


async def main() -> None:
    loop = asyncio.get_running_loop()
    for factory in (None, asyncio.eager_task_factory):
        loop.set_task_factory(factory)
        log.clear()
        async with asyncio.TaskGroup() as group:
            for line in ("a", "b"):
                log.append(f"make {line}")
                group.create_task(write(line))
        print("eager:" if factory else "usual:", ", ".join(log))


if __name__ == "__main__":
    asyncio.run(main())
