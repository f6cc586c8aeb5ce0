"""wait_for(), in time and too late."""

import asyncio


async def main():
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, event.set)
    print(await asyncio.wait_for(event.wait(), 1))
    event.clear()
    try:
        await asyncio.wait_for(event.wait(), 0.03)
    except TimeoutError:
        print("too late")


asyncio.run(main())
