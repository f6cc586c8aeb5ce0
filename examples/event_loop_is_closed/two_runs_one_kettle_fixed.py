"""One asyncio.run() for the whole program, and one loop."""

import asyncio


class Kettle:
    """It keeps its loop, as clients and connection pools do."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()

    async def boil(self) -> str:
        done: asyncio.Future[str] = self.loop.create_future()
        self.loop.call_soon(done.set_result, "water is hot")
        return await done


async def main() -> None:
    kettle = Kettle()
    print(await kettle.boil())


if __name__ == "__main__":
    asyncio.run(main())
