"""A closed server removes its socket file."""

import asyncio
import os
import tempfile


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/shop.sock"
        server = await asyncio.start_unix_server(print, path)
        server.close()
        await server.wait_closed()
        print("removed" if not os.listdir(folder) else "still there")


if __name__ == "__main__":
    asyncio.run(main())
