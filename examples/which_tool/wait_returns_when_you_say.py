"""wait returns when one is done, when one fails, or when all are."""

import asyncio

SECONDS = {"tea": 0.1, "soup": 0.2, "rice": 0.3}


async def cook(dish: str) -> None:
    await asyncio.sleep(SECONDS[dish])
    if dish == "soup":
        raise OSError("no water")


async def main() -> None:
    for until in (
        asyncio.FIRST_COMPLETED,
        asyncio.FIRST_EXCEPTION,
        asyncio.ALL_COMPLETED,
    ):
        tasks = {asyncio.create_task(cook(d), name=d) for d in SECONDS}
        done, pending = await asyncio.wait(tasks, return_when=until)
        print(until)
        print("  done:", *sorted(t.get_name() for t in done))
        print("  pending:", *sorted(t.get_name() for t in pending))
        for task in pending:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        ended = sorted(t.get_name() for t in tasks if t.cancelled())
        print("  cancelled:", *ended)


if __name__ == "__main__":
    asyncio.run(main())
