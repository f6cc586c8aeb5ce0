"""asyncio.run() cancels what is left, and waits until it has ended."""

import asyncio


async def tick() -> None:
    try:
        while True:
            print("tick")
            await asyncio.sleep(1)
    finally:
        print("ticker: stopped")


async def main() -> None:
    ticker = asyncio.create_task(tick(), name="ticker")
    await asyncio.sleep(0.5)
    print("main: leaves behind", ticker.get_name())


if __name__ == "__main__":
    asyncio.run(main())
