"""A server and a client on the loopback interface."""

import asyncio


async def serve(reader, writer):
    name = await reader.readline()
    await asyncio.sleep(0.02)
    writer.write(b"hello " + name)
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"Ada\n")
        print(await reader.readline())
        writer.close()
        await writer.wait_closed()


asyncio.run(main())
