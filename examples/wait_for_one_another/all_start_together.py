"""A barrier holds each runner until all of them have come."""

import asyncio

WALK = {"Ada": 0.1, "Grace": 0.3, "Alan": 0.2}  # seconds to the start


async def run(runner: str, start: asyncio.Barrier) -> None:
    await asyncio.sleep(WALK[runner])
    print(f"{runner}: here, after {start.n_waiting} of {start.parties}")
    place = await start.wait()  # paused until the last has come
    if place == 0:
        print("one of them: go")


async def main() -> None:
    start = asyncio.Barrier(len(WALK))
    async with asyncio.TaskGroup() as race:
        for runner in WALK:
            race.create_task(run(runner, start))
    print("main: waiting at the start:", start.n_waiting)


if __name__ == "__main__":
    asyncio.run(main())
