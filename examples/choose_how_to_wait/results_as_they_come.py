"""as_completed gives each result as soon as it is there."""

import asyncio

HOPS = {"Rome": 0.3, "Oslo": 0.1, "Lima": 0.2}  # seconds


async def ask(city: str) -> str:
    await asyncio.sleep(HOPS[city])
    return f"weather from {city}"


async def main() -> None:
    print("asked:", *HOPS)
    questions = [ask(city) for city in HOPS]
    for answer in asyncio.as_completed(questions):
        print(await answer)  # paused until one more has come


if __name__ == "__main__":
    asyncio.run(main())
