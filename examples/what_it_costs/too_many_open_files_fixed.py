# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""With a limit of your own, each connection finds room."""

import asyncio
import os
import resource
import socket
from collections import Counter

CALLS = 30
ROOM = 20


def leave_room_for(files: int) -> None:
    """Let this program open so many more files, and no others."""
    spare = [os.open(os.devnull, os.O_RDONLY) for _ in range(files)]
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(spare) + 1, hard))
    for number in spare:
        os.close(number)


async def call(office: socket.socket, turn: asyncio.Semaphore) -> str:
    address = office.getsockname()
    async with turn:  # paused here, until fewer than ROOM are open
        try:
            _, writer = await asyncio.open_connection(*address)
        except OSError as error:
            return error.strerror or str(error)
        await asyncio.sleep(0.1)  # the post office has much to say
        writer.close()
        await writer.wait_closed()
        return "connected"


async def main() -> None:
    turn = asyncio.Semaphore(ROOM)
    # The system connects whoever calls; nobody here has to accept.
    with socket.create_server(("127.0.0.1", 0)) as office:
        leave_room_for(ROOM)
        calls = (call(office, turn) for _ in range(CALLS))
        outcomes = Counter(await asyncio.gather(*calls))
    for outcome, number in outcomes.items():
        print(f"{number} calls: {outcome}")


if __name__ == "__main__":
    asyncio.run(main())
