"""Callers of a function need not know of the group inside it."""

import asyncio


class FeastOffError(Exception):
    """The feast cannot take place; its cause is the whole group."""


async def fetch_band() -> None:
    await asyncio.sleep(0.1)
    raise OSError("the van has broken down")


async def bake_cake() -> None:
    await asyncio.sleep(0.5)


async def prepare() -> None:
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fetch_band(), name="band")
            group.create_task(bake_cake(), name="cake")
    except* OSError as errors:
        raise FeastOffError("no feast today") from errors


async def main() -> None:
    try:
        await prepare()
    except FeastOffError as error:
        print("main:", error)
        if isinstance(error.__cause__, ExceptionGroup):
            print("main: because", *error.__cause__.exceptions)


if __name__ == "__main__":
    asyncio.run(main())
