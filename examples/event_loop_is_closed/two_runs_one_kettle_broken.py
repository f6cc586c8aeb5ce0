"""What was made in one asyncio.run() cannot be used in the next."""

import asyncio


class Kettle:
    """It keeps its loop, as clients and connection pools do."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()

    async def boil(self) -> str:
        done: asyncio.Future[str] = self.loop.create_future()
        self.loop.call_soon(done.set_result, "water is hot")
        return await done


async def buy() -> Kettle:
    return Kettle()


if __name__ == "__main__":
    kettle = asyncio.run(buy())  # closes its loop at the end
    try:
        print(asyncio.run(kettle.boil()))
    except RuntimeError as error:
        print("RuntimeError:", error)
