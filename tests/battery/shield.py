"""The one who waits is cancelled, the work goes on."""

import asyncio


async def save():
    await asyncio.sleep(0.05)
    print("saved")


async def main():
    saving = asyncio.create_task(save(), name="save")
    try:
        async with asyncio.timeout(0.02):
            await asyncio.shield(saving)
    except TimeoutError:
        print("not waiting any longer")
    await saving


asyncio.run(main())
