# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""A protocol is told of what happens on its connection."""

import asyncio

LIMIT = 1000  # bytes of a line


class Kitchen(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        *orders, self.rest = (self.rest + data).split(b"\n")
        answers = [order.upper() + b"\n" for order in orders]
        self.transport.write(b"".join(answers))
        if len(self.rest) > LIMIT:
            self.transport.abort()

    def pause_writing(self) -> None:  # the guest does not read
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        self.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        print("kitchen: the guest has gone")


async def main() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Kitchen, "127.0.0.1", 0)
    address, port = server.sockets[0].getsockname()
    async with server:
        reader, writer = await asyncio.open_connection(address, port)
        try:
            for piece in (b"tea\nca", b"ke\n"):
                writer.write(piece)
                line = await reader.readline()
                print("guest:", line.decode().strip())
            writer.write(b"x" * 2000)  # a line without an end
            print("guest: shown out?", await reader.read() == b"")
        finally:
            writer.close()
            await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
