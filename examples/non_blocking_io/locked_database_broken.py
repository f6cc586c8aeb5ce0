# /// script
# [tool.example]
# needs = ["database"]
# ///

"""A blocked loop cannot free the lock that it waits for."""

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path


async def guest_writes(db: sqlite3.Connection) -> None:
    print("guest: wants to write")
    try:
        # The one thread waits in here, and the clerk is in that thread.
        db.execute("INSERT INTO book VALUES ('guest')")
        db.commit()
        print("guest: has written")
    except sqlite3.OperationalError as error:
        print("guest:", error)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "book.db")
        with (
            closing(sqlite3.connect(path)) as clerk,
            closing(sqlite3.connect(path, timeout=1)) as guest,
        ):
            clerk.execute("CREATE TABLE book (name TEXT)")
            clerk.execute("INSERT INTO book VALUES ('clerk')")
            print("clerk: has written, and holds the lock")
            asking = asyncio.create_task(guest_writes(guest))
            await asyncio.sleep(0.1)  # the guest's turn
            print("clerk: commits")
            clerk.commit()
            await asking
            print(clerk.execute("SELECT name FROM book").fetchall())


if __name__ == "__main__":
    asyncio.run(main())
