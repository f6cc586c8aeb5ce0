"""Of two nested timeouts, the one that fires ends its own block."""

import asyncio

SHORT, LONG = 0.4, 1.0


async def nest(outer: float, inner: float) -> None:
    try:
        async with asyncio.timeout(outer):
            try:
                async with asyncio.timeout(inner):
                    await asyncio.Event().wait()  # for ever
            except TimeoutError:
                print("  TimeoutError at the inner edge")
            print("  the rest of the outer block")
    except TimeoutError:
        print("  TimeoutError at the outer edge")


async def main() -> None:
    print("inner shorter:")
    await nest(outer=LONG, inner=SHORT)
    print("outer shorter:")
    await nest(outer=SHORT, inner=LONG)


if __name__ == "__main__":
    asyncio.run(main())
