"""Cancelling the outer of three tasks reaches the innermost."""

import asyncio


async def inner():
    try:
        await asyncio.sleep(3600)
    finally:
        print("inner")


async def middle(task):
    try:
        await task
    finally:
        print("middle")


async def outer(task):
    try:
        await middle(task)
    finally:
        print("outer")


async def main():
    task = asyncio.create_task(inner(), name="inner")
    top = asyncio.create_task(outer(task), name="outer")
    await asyncio.sleep(0.02)
    top.cancel()
    await asyncio.wait([top])
    print(top.cancelled(), task.cancelled())


asyncio.run(main())
