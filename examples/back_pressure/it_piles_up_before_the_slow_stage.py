"""In a pipeline, what waits lies before the slowest stage."""

import asyncio

Tray = asyncio.Queue[int | None]


async def peel(out: Tray, most: list[int]) -> None:
    for potato in range(1, 9):
        await asyncio.sleep(0)  # fast
        await out.put(potato)
        most[0] = max(most[0], out.qsize())
    await out.put(None)  # the end comes down the same way


async def fry(tray: Tray, out: Tray, most: list[int]) -> None:
    while (potato := await tray.get()) is not None:
        await asyncio.sleep(0.05)  # slow
        await out.put(potato)
        most[1] = max(most[1], out.qsize())
    await out.put(None)


async def wrap(tray: Tray) -> int:
    wrapped = 0
    while await tray.get() is not None:
        await asyncio.sleep(0)  # fast
        wrapped += 1
    return wrapped


async def lunch(limit: int) -> str:
    peeled, fried = Tray(limit), Tray(limit)
    most = [0, 0]
    async with asyncio.TaskGroup() as group:
        group.create_task(peel(peeled, most), name="peel")
        group.create_task(fry(peeled, fried, most), name="fry")
        wrapping = group.create_task(wrap(fried), name="wrap")
    before_fry, before_wrap = most
    return (
        f"{wrapping.result()} potatoes, at most {before_fry} waiting"
        f" to be fried, {before_wrap} to be wrapped"
    )


async def main() -> None:
    print("no limit:", await lunch(0))
    print("limit 2:", await lunch(2))


if __name__ == "__main__":
    asyncio.run(main())
