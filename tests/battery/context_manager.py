"""A task waits on entering and on leaving a block."""

import asyncio
from contextlib import asynccontextmanager


@asynccontextmanager
async def connection():
    await asyncio.sleep(0.02)
    try:
        yield "connection"
    finally:
        await asyncio.sleep(0.03)


async def main():
    async with connection() as it:
        print(it)


asyncio.run(main())
