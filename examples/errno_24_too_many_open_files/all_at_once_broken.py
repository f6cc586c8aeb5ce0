# /// script
# [tool.example]
# needs = ["files"]
# ///

"""Two hundred open sockets are more than the system allows."""

import asyncio
import resource
import socket


async def talk() -> None:
    with socket.socket():
        await asyncio.sleep(0.1)  # stands for a conversation


async def main() -> None:
    await asyncio.gather(*(talk() for _ in range(200)))
    print("main: all have talked")


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))
    try:
        asyncio.run(main())
    except OSError as error:
        print("OSError:", error)
