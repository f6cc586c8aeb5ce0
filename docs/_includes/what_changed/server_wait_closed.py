"""Server.wait_closed waits for the connections that are open."""

import asyncio


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    writer.write(b"hello\n")
    await reader.read()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(address, port)
    await reader.readline()
    server.close()
    try:
        async with asyncio.timeout(0.1):
            await server.wait_closed()
        print("it returned, with a guest inside")
    except TimeoutError:
        print("it waits for the guest")
    writer.close()
    await writer.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
