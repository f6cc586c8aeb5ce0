"""The inner limit passes, then the outer one."""

import asyncio


async def main():
    try:
        async with asyncio.timeout(0.08):
            try:
                async with asyncio.timeout(0.03):
                    await asyncio.sleep(1)
            except TimeoutError:
                print("inner")
            await asyncio.sleep(1)
    except TimeoutError:
        print("outer")


asyncio.run(main())
