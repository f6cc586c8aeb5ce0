"""A task is not finished when main is: asyncio.run() cancels it."""

import asyncio


async def background():
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        print("cancelled at the end")
        raise


async def main():
    main.task = asyncio.create_task(background(), name="background")
    await asyncio.sleep(0.02)
    print("main returns")


asyncio.run(main())
