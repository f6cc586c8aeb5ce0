"""A future turns a callback into something that you can await."""

import asyncio
from collections.abc import Callable


class Doorbell:
    """A library from before await: it calls back at each ring."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[str], None]] = []

    def ring(self, visitor: str) -> None:
        print("ring:", visitor)
        for listener in self.listeners:
            listener(visitor)


async def next_ring(bell: Doorbell) -> str:
    loop = asyncio.get_running_loop()
    visitor: asyncio.Future[str] = loop.create_future()

    def on_ring(name: str) -> None:
        if not visitor.done():  # a second ring, before anybody woke
            visitor.set_result(name)

    bell.listeners.append(on_ring)
    try:
        return await visitor  # pauses until on_ring was called
    finally:
        bell.listeners.remove(on_ring)


def two_visitors(bell: Doorbell) -> None:
    bell.ring("the postman")
    bell.ring("a neighbour")  # the loop ran nobody in between


async def main() -> None:
    bell = Doorbell()
    asyncio.get_running_loop().call_later(0.1, two_visitors, bell)
    print("main: waiting at the door")
    print("main: opening for", await next_ring(bell))
    print("main: listeners left:", len(bell.listeners))


if __name__ == "__main__":
    asyncio.run(main())
