# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""write() never waits; drain() waits while too much is unsent."""

import asyncio
import math
import socket
from asyncio import StreamReader, StreamWriter

PART = bytes(65_536)
PARTS = 100


async def read_late(reader: StreamReader, writer: StreamWriter) -> None:
    await asyncio.sleep(0.3)  # has other things to do
    received = len(await reader.read())
    writer.write(f"{received // len(PART)} parts came".encode())
    writer.close()
    await writer.wait_closed()


async def send(host: str, port: int, drain: bool) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    transport = writer.transport
    transport.set_write_buffer_limits(high=4 * len(PART))
    # What the system holds for us is not counted below: keep it small.
    pipe = writer.get_extra_info("socket")
    pipe.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(PART))
    most = 0
    try:
        for _ in range(PARTS):
            writer.write(PART)
            most = max(most, transport.get_write_buffer_size())
            await asyncio.sleep(0)  # loop and reader have a turn
            if drain:
                await writer.drain()  # pauses above the high mark
        writer.write_eof()
        print("reader:", (await reader.read()).decode())
    finally:
        writer.close()
        await writer.wait_closed()
    parts = math.ceil(most / len(PART))
    held = "more than half" if parts > PARTS / 2 else f"at most {parts}"
    print("sender: in memory,", held)


async def main() -> None:
    server = await asyncio.start_server(read_late, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        for drain in (False, True):
            print("with drain" if drain else "without drain")
            await send(host, port, drain)


if __name__ == "__main__":
    asyncio.run(main())
