"""A loop that is closed leaves its tasks where they wait."""

import asyncio


async def tick() -> None:
    while True:
        print("tick")
        await asyncio.sleep(1)


async def main() -> None:
    ticker = asyncio.create_task(tick(), name="ticker")
    await asyncio.sleep(0.5)
    print("main: leaves behind", ticker.get_name())


if __name__ == "__main__":
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
