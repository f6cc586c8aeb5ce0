"""Who cannot be served in time is told so at once."""

import asyncio


def come_in(orders: asyncio.Queue[int], number: int) -> bool:
    try:
        orders.put_nowait(number)  # never waits
    except asyncio.QueueFull:
        print(f"order {number}: sorry, try again later")
        return False
    print(f"order {number}: accepted")
    return True


async def cook(orders: asyncio.Queue[int]) -> None:
    while True:
        number = await orders.get()
        await asyncio.sleep(0.1)
        print(f"cook: order {number} is ready")
        orders.task_done()


async def main() -> None:
    orders: asyncio.Queue[int] = asyncio.Queue(maxsize=3)
    async with asyncio.TaskGroup() as group:
        kitchen = group.create_task(cook(orders), name="cook")
        accepted = [come_in(orders, number) for number in range(1, 6)]
        await asyncio.sleep(0.25)  # two are ready, the third is at work
        accepted += [come_in(orders, number) for number in range(6, 10)]
        await orders.join()
        kitchen.cancel()
    print(f"main: {sum(accepted)} of {len(accepted)} served")


if __name__ == "__main__":
    asyncio.run(main())
