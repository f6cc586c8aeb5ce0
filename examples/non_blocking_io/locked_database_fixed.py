# /// script
# dependencies = ["aiosqlite"]
#
# [tool.example]
# needs = ["database", "threads"]
# ///

"""Each aiosqlite connection waits in a thread of its own."""

import asyncio
import sqlite3
import tempfile
import threading
from pathlib import Path

import aiosqlite


async def guest_writes(db: aiosqlite.Connection) -> None:
    print("guest: wants to write")
    try:
        # The connection's own thread waits; the clerk can go on.
        await db.execute("INSERT INTO book VALUES ('guest')")
        await db.commit()
        print("guest: has written")
    except sqlite3.OperationalError as error:
        print("guest:", error)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.db")
        async with (
            aiosqlite.connect(path) as clerk,
            aiosqlite.connect(path, timeout=10) as guest,
        ):
            await clerk.execute("CREATE TABLE book (name TEXT)")
            await clerk.execute("INSERT INTO book VALUES ('clerk')")
            print("clerk: has written, and holds the lock")
            asking = asyncio.create_task(guest_writes(guest))
            await asyncio.sleep(0.1)  # the guest's turn
            print("clerk: commits")
            await clerk.commit()
            await asking
            async with clerk.execute("SELECT name FROM book") as names:
                print(list(await names.fetchall()))
            others = threading.active_count() - 1
            print("threads beside the loop's:", others)


if __name__ == "__main__":
    asyncio.run(main())
