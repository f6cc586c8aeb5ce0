"""asyncio.run makes a loop and closes it; a Runner keeps its loop."""

import asyncio


async def my_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def main() -> None:
    first = asyncio.run(my_loop())
    second = asyncio.run(my_loop())
    print("two asyncio.run: same loop:", first is second)
    print("after asyncio.run: closed:", first.is_closed())

    with asyncio.Runner() as runner:
        first = runner.run(my_loop())
        second = runner.run(my_loop())
        print("one Runner: same loop:", first is second)
        print("between its runs: closed:", first.is_closed())
    print("after the Runner: closed:", first.is_closed())


if __name__ == "__main__":
    main()
