# /// script
# requires-python = ">=3.13"
#
# [tool.example]
# needs = ["loopback"]
# ///

"""close_clients flushes and closes; abort_clients does not wait."""

import asyncio
import sys

if sys.version_info < (3, 13):
    raise SystemExit("close_clients needs Python 3.13")

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
    await reader.readline()  # the rest stays unread
    server.close()
    print("close: all closed?", await is_closed(server))
    server.close_clients()
    print("close_clients: all closed?", await is_closed(server))
    server.abort_clients()
    print("abort_clients: all closed?", await is_closed(server))
    pages = 1 + len(await reader.read()) // len(b"page\n")
    print("the whole book?", pages == BOOK.count(b"page"))
    writer.close()
    await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
