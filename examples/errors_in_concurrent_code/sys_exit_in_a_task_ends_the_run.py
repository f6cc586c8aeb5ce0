"""SystemExit in a task does not stay there: it ends the whole run."""

import asyncio
import sys


async def guard() -> None:
    await asyncio.sleep(0.1)
    print("guard: fire, everybody out")
    sys.exit(3)


async def dance(guest: str) -> None:
    try:
        await asyncio.sleep(3600)
    finally:
        print(f"{guest}: leaves")


async def main() -> None:
    dancing = asyncio.create_task(dance("Ada"), name="Ada")
    watching = asyncio.create_task(guard(), name="guard")
    try:
        await watching
        await dancing
    except BaseException as error:
        print("main: ended by", type(error).__name__)
        raise


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except SystemExit as end:
        print("asyncio.run raised SystemExit,", end.code)
