"""wait_for limits one wait, a timeout block all that is in it."""

import asyncio

LIMIT = 0.95


async def step(name: str) -> None:
    await asyncio.sleep(0.5)
    print(f"  {name}: done")


async def a_limit_for_each() -> None:
    await asyncio.wait_for(step("order"), LIMIT)
    await asyncio.wait_for(step("payment"), LIMIT)  # counts anew


async def a_deadline_for_all() -> None:
    async with asyncio.timeout(LIMIT):
        await step("order")
        await step("payment")  # has what is left of the limit


async def main() -> None:
    for way in (a_limit_for_each, a_deadline_for_all):
        print(f"{way.__name__}:")
        try:
            await way()
            print("  in time")
        except TimeoutError:
            print("  TimeoutError")


if __name__ == "__main__":
    asyncio.run(main())
