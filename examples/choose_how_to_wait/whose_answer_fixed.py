"""An answer that says whose it is needs no order."""

import asyncio

FEES = {"Ada": 0.3, "Grace": 0.1, "Alan": 0.2}


async def bill(guest: str) -> tuple[str, float]:
    await asyncio.sleep(FEES[guest])  # the dearest takes longest
    return guest, FEES[guest]


async def main() -> None:
    bills = asyncio.as_completed([bill(guest) for guest in FEES])
    for answer in bills:
        guest, fee = await answer
        print(f"{guest} pays {fee}")


if __name__ == "__main__":
    asyncio.run(main())
