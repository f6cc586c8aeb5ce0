# /// script
# [tool.example]
# needs = ["files", "database"]
# ///

"""Work in tasks is lost when the program ends; a table keeps it."""

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

LETTERS = ["Ada", "Grace", "Joan", "Mary"]


async def send(name: str, delay: float) -> None:
    await asyncio.sleep(delay)
    print("task: sent to", name)


async def send_in_tasks() -> None:
    delays = [0.1, 0.2, 0.3, 0.4]
    sending = [
        asyncio.create_task(send(name, delay), name=name)
        for name, delay in zip(LETTERS, delays, strict=True)
    ]
    await asyncio.wait(sending[:2])  # then the power is cut


async def count_tasks() -> int:
    return len(asyncio.all_tasks() - {asyncio.current_task()})


def send_from(file: Path, at_most: int) -> None:
    with closing(sqlite3.connect(file)) as table:
        letters = table.execute("SELECT name FROM letters").fetchall()
        print("table: letters to be sent:", len(letters))
        for letter in letters[:at_most]:  # then the power is cut
            print("table: sent to", *letter)
            table.execute("DELETE FROM letters WHERE name = ?", letter)
            table.commit()


def main() -> None:
    asyncio.run(send_in_tasks())
    print("task: left after a restart:", asyncio.run(count_tasks()))

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "letters.db")
        with closing(sqlite3.connect(file)) as table:
            table.execute("CREATE TABLE letters (name TEXT)")
            names = [(name,) for name in LETTERS]
            table.executemany("INSERT INTO letters VALUES (?)", names)
            table.commit()
        send_from(file, at_most=2)
        send_from(file, at_most=len(LETTERS))  # after a restart


if __name__ == "__main__":
    main()
