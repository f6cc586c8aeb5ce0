# /// script
# requires-python = ">=3.13"
# ///

"""With async for, as_completed yields your own tasks."""

import asyncio

FEES = {"Ada": 0.3, "Grace": 0.1, "Alan": 0.2}


async def bill(guest: str) -> float:
    await asyncio.sleep(FEES[guest])  # the dearest takes longest
    return FEES[guest]


async def main() -> None:
    whose = {asyncio.create_task(bill(guest)): guest for guest in FEES}
    async for task in asyncio.as_completed(whose):
        print(f"{whose[task]} pays {await task}")


if __name__ == "__main__":
    asyncio.run(main())
