# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""Each connection has a task of its own, so no guest waits in line."""

import asyncio

OVEN = {"bread": 0.3, "tea": 0.1}  # seconds


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    try:
        while line := await reader.readline():  # b"" is the end
            order = line.decode().strip()
            await asyncio.sleep(OVEN[order])
            writer.write(f"here is your {order}\n".encode())
            await writer.drain()
    finally:
        writer.close()
        await writer.wait_closed()


async def visit(name: str, order: str, server: asyncio.Server) -> None:
    host, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(host, port)
    try:
        print(f"{name}: {order}, please")
        writer.write(f"{order}\n".encode())
        writer.write_eof()  # that is all I have to say
        async for line in reader:
            print(f"{name}: {line.decode().strip()}")
    finally:
        writer.close()
        await writer.wait_closed()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, asyncio.TaskGroup() as guests:
        for name, order in (("Ada", "bread"), ("Grace", "tea")):
            guests.create_task(visit(name, order, server))


if __name__ == "__main__":
    asyncio.run(main())
