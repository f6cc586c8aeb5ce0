"""Wait for the first that ends, and send the others home."""

import asyncio
from asyncio import FIRST_COMPLETED

TAXIS = {"red": 0.3, "blue": 0.1, "green": 0.5}  # seconds away


async def drive(taxi: str) -> str:
    try:
        await asyncio.sleep(TAXIS[taxi])
    except asyncio.CancelledError:
        print(f"{taxi}: turns round")
        raise
    return taxi


async def main() -> None:
    taxis = [asyncio.create_task(drive(taxi)) for taxi in TAXIS]
    done, late = await asyncio.wait(taxis, return_when=FIRST_COMPLETED)
    print("main: took the", *(taxi.result() for taxi in done))
    for taxi in taxis:
        taxi.cancel()  # does nothing to one that has ended
    await asyncio.gather(*late, return_exceptions=True)
    print("main: all home?", all(taxi.cancelled() for taxi in late))


if __name__ == "__main__":
    asyncio.run(main())
