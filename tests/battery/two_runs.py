"""Two loops, one after the other."""

import asyncio


async def main(name):
    await asyncio.sleep(0.02)
    print(name)


asyncio.run(main("first"))
asyncio.run(main("second"))
