"""A Runner keeps its loop, and tasks go on in the next run."""

import asyncio


async def bake(cakes: list[str]) -> None:
    for cake in ("plum", "apple", "cherry"):
        await asyncio.sleep(0.2)
        cakes.append(cake)


async def wait(seconds: float) -> None:
    await asyncio.sleep(seconds)


def main() -> None:
    runner = asyncio.Runner()
    try:
        loop = runner.get_loop()  # there, and not running
        cakes: list[str] = []
        baker = loop.create_task(bake(cakes))
        print("main: before any run:", cakes)
        runner.run(wait(0.3))
        print("main: after a run:", cakes)
        runner.run(wait(0.2))
        print("main: after another:", cakes)
    finally:
        runner.close()
    print("main: the baker was cancelled?", baker.cancelled())
    print("main: the loop is closed?", loop.is_closed())


if __name__ == "__main__":
    main()
