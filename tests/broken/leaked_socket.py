"""A socket that is opened and left to the garbage collector."""

import asyncio
import socket


async def main() -> None:
    socket.socket()
    print("done")


if __name__ == "__main__":
    asyncio.run(main())
