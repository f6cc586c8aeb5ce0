"""What as_completed yields is the next answer, and not a question."""

import asyncio

FEES = {"Ada": 0.3, "Grace": 0.1, "Alan": 0.2}


async def bill(guest: str) -> float:
    await asyncio.sleep(FEES[guest])  # the dearest takes longest
    return FEES[guest]


async def main() -> None:
    bills = asyncio.as_completed([bill(guest) for guest in FEES])
    for guest, answer in zip(FEES, bills, strict=True):
        print(f"{guest} pays {await answer}")


if __name__ == "__main__":
    asyncio.run(main())
