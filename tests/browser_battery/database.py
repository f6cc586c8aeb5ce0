"""SQLite from several threads: a lock is waited for, and others go on."""

import sqlite3
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "data.db")
holder = sqlite3.connect(path)
holder.execute("CREATE TABLE book (name TEXT)")
holder.execute("INSERT INTO book VALUES ('holder')")


def write(name, timeout):
    start = time.monotonic()
    with closing(sqlite3.connect(path, timeout=timeout)) as db:
        try:
            with db:
                db.executemany("INSERT INTO book VALUES (?)", [(name,), (name,)])
            print(name, "has written")
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - start >= timeout
            print(name, error, error.sqlite_errorname, waited)


threads = [threading.Thread(target=write, args=who) for who in (("a", 0.2), ("b", 9))]
for thread in threads:
    thread.start()
threads[0].join()
print("the holder commits")
holder.commit()
threads[1].join()
print(holder.execute("SELECT name FROM book").fetchall())
try:
    holder.execute("SELECT * FROM nowhere")
except sqlite3.OperationalError as error:
    print(error)
holder.close()
folder.cleanup()
