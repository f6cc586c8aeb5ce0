"""A time limit cancels what takes too long."""

import asyncio


async def download():
    try:
        await asyncio.sleep(10)
    finally:
        print("cleaning up")
        await asyncio.sleep(0.02)


async def main():
    try:
        async with asyncio.timeout(0.04):
            await download()
    except TimeoutError:
        print("too slow")


asyncio.run(main())
