"""At a barrier, one who does not come holds all the others."""

import asyncio

WALK = {"Ada": 0.1, "Grace": 0.2, "Alan": 0.3}  # seconds to the start


async def run(runner: str, start: asyncio.Barrier) -> str:
    await asyncio.sleep(WALK[runner])
    if runner == "Alan":
        return "Alan: hurt a foot"
    await start.wait()
    return f"{runner}: ran"


async def main() -> None:
    start = asyncio.Barrier(len(WALK))
    runs = [asyncio.create_task(run(name, start)) for name in WALK]
    done, late = await asyncio.wait(runs, timeout=0.6)
    print(*(task.result() for task in done))
    print("still at the start:", start.n_waiting, "of", len(late))


if __name__ == "__main__":
    asyncio.run(main())
