# /// script
# [tool.example]
# needs = ["loopback"]
# ///

"""readexactly and readuntil give a whole piece, or an error."""

import asyncio

HOST = "127.0.0.1"


async def letters(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    while not reader.at_eof():
        try:
            size = int.from_bytes(await reader.readexactly(2))
            letter = await reader.readexactly(size)
            print("letter:", letter.decode())
        except asyncio.IncompleteReadError as error:
            got = len(error.partial)
            print(f"cut off: {got} of {error.expected} bytes")
    writer.close()
    await writer.wait_closed()


async def words(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    too_long = False
    while True:
        try:
            word = await reader.readuntil(b";")
            print("word:", "too long" if too_long else word.decode())
            too_long = False
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(error.consumed)  # skip it
            too_long = True
        except asyncio.IncompleteReadError as error:
            print("the end, and left over:", error.partial.decode())
            break
    writer.close()
    await writer.wait_closed()


async def send(port: int, data: bytes) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(data)
    if writer.can_write_eof():
        writer.write_eof()  # the end of what we send
    await reader.read()  # until the other side has closed
    writer.close()
    await writer.wait_closed()


async def main() -> None:
    for serve, data in (
        (letters, b"\x00\x04Dear\x00\x03Ada\x00\x09Come"),
        (words, b"tea;a very long;cake;br"),
    ):
        server = await asyncio.start_server(serve, HOST, 0, limit=8)
        async with server:
            await send(server.sockets[0].getsockname()[1], data)


if __name__ == "__main__":
    asyncio.run(main())
