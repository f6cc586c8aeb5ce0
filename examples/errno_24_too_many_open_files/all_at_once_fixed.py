# /// script
# [tool.example]
# needs = ["files"]
# ///

"""A semaphore keeps the number of open sockets at forty."""

import asyncio
import socket

connected: set[socket.socket] = set()


async def talk(turn: asyncio.Semaphore) -> int:
    async with turn:  # before anything is open
        with socket.socket() as connection:
            connected.add(connection)
            await asyncio.sleep(0.1)  # stands for a conversation
            at_once = len(connected)
            connected.remove(connection)
            return at_once


async def main() -> None:
    turn = asyncio.Semaphore(40)
    talks = (talk(turn) for _ in range(200))
    counts = await asyncio.gather(*talks)
    print(len(counts), "talks, at most", max(counts), "at once")


if __name__ == "__main__":
    asyncio.run(main())
