# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""A line ends where the protocol says, and not where a read does."""

import asyncio


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    async for order in reader:  # pauses until the line is whole
        print("kitchen: an order for", order.decode().strip())
    writer.close()
    await writer.wait_closed()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address, port = server.sockets[0].getsockname()
    async with server:
        reader, writer = await asyncio.open_connection(address, port)
        writer.writelines([b"tea\n", b"bread\n"])
        writer.write(b"pum")
        await writer.drain()
        await asyncio.sleep(0.1)  # as a slow network would
        writer.write(b"pkin soup\n")
        writer.write_eof()
        await reader.read()  # until the kitchen has closed
        writer.close()
        await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
