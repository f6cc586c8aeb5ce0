# /// script
# requires-python = ">=3.13"
#
# [tool.example]
# needs = ["loopback"]
# ///

"""close_clients flushes and closes; abort_clients does not wait."""

import asyncio

BOOK = b"page\n" * 2_000_000  # more than fits on the way


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    writer.write(BOOK)
    await reader.read()  # until the guest has gone


async def is_closed(server: asyncio.Server) -> bool:
    try:
        async with asyncio.timeout(0.3):
            await server.wait_closed()
    except TimeoutError:
        return False
    return True


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(address, port)
    print("guest:", (await reader.readline()).decode().strip())
    server.close()
    print("close: all closed?", await is_closed(server))
    server.close_clients()
    print("close_clients: all closed?", await is_closed(server))
    server.abort_clients()
    print("abort_clients: all closed?", await is_closed(server))
    rest = await reader.read()  # it was unread for so long
    print("the whole book?", b"page\n" + rest == BOOK)
    writer.close()
    await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
