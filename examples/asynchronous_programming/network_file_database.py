# /// script
# [tool.example]
# needs = ["loopback", "files", "database", "threads"]
# ///

"""A server, a file and a database are waited for together."""

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path


async def forecast(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    await asyncio.sleep(2)  # a slow server
    writer.write(b"rain")
    writer.close()
    await writer.wait_closed()


async def from_network(port: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer = await reader.read()  # paused until the server has answered
    writer.close()
    await writer.wait_closed()
    return answer.decode()


def select_umbrellas() -> str:
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.create_function("wait", 1, time.sleep)  # a slow query
        rows = database.execute("SELECT '2 umbrellas', wait(1)")
        return str(rows.fetchone()[0])


async def tell(source: str, answer: Awaitable[str]) -> None:
    print(f"{source}: asked")
    print(f"{source}: {await answer}")


async def main() -> None:
    server = await asyncio.start_server(forecast, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        note = Path(folder, "note.txt")
        await asyncio.to_thread(note.write_text, "meet at noon")
        start = time.perf_counter()
        async with server, asyncio.TaskGroup() as tasks:
            # A helper thread waits for the file, one for SQLite.
            file = asyncio.to_thread(note.read_text)
            database = asyncio.to_thread(select_umbrellas)
            tasks.create_task(tell("network", from_network(port)))
            tasks.create_task(tell("database", database))
            tasks.create_task(tell("file", file))
    print(f"took {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
