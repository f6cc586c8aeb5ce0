"""shield holds off a cancel of the one who waits, and no other."""

import asyncio


async def pay(bill: str) -> None:
    try:
        await asyncio.sleep(1)
        print(f"{bill}: paid")
    except asyncio.CancelledError:
        print(f"{bill}: cut off")
        raise


async def order(payment: asyncio.Task[None]) -> None:
    await asyncio.shield(payment)


async def main() -> None:
    rent = asyncio.create_task(pay("rent"), name="rent")
    phone = asyncio.create_task(pay("phone"), name="phone")
    first = asyncio.create_task(order(rent), name="order 1")
    second = asyncio.create_task(order(phone), name="order 2")
    await asyncio.sleep(0.1)  # main pauses; all four begin to wait
    first.cancel()  # the one who waits: rent is shielded
    phone.cancel()  # the payment itself: nothing shields it
    await asyncio.wait([first, second])
    print("main: was order 1 cancelled?", first.cancelled())
    print("main: was order 2 cancelled?", second.cancelled())
    await rent  # main kept it, and can wait for it


if __name__ == "__main__":
    asyncio.run(main())
