"""Three tasks that compute run one after another."""

import asyncio


async def compute(what: str) -> None:
    print(f"{what}: begun")
    total = sum(n * n for n in range(300_000))  # no await in here
    print(f"{what}: done, {total}")


async def main() -> None:
    async with asyncio.TaskGroup() as tasks:
        for what in ("red", "green", "blue"):
            tasks.create_task(compute(what))


if __name__ == "__main__":
    asyncio.run(main())
