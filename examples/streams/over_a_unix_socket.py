# /// script
# [tool.example]
# needs = ["files", "loopback"]
# ///

"""A Unix socket is a file: no port, no network."""

import asyncio
import contextlib
import tempfile
from pathlib import Path


async def serve(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    writer.write((await reader.readline()).upper())
    writer.close()
    await writer.wait_closed()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "shop.sock")
        server = await asyncio.start_unix_server(serve, path)
        shop = asyncio.create_task(server.serve_forever(), name="shop")
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"tea\n")
        print("guest:", (await reader.read()).decode().strip())
        name = writer.get_extra_info("peername")
        print("the server's address:", Path(name).name)
        writer.close()
        await writer.wait_closed()
        shop.cancel()  # serve_forever closes the server
        with contextlib.suppress(asyncio.CancelledError):
            await shop
        print("open?", server.is_serving())


if __name__ == "__main__":
    asyncio.run(main())
