"""SQLite that waits for a lock as other calls wait: other threads go on.

SQLite itself would wait in C, and stop them all. So it is told not to wait,
and asked again and again for as long as the connection's timeout says.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from browser_os import threads

PAUSE = 0.01  # seconds between two tries


class Connection(sqlite3.Connection):
    """As sqlite3.Connection."""

    def __init__(self, database: Any, timeout: float = 5, *args: Any, **how: Any):
        super().__init__(database, 0, *args, **how)
        self.patience = timeout

    def cursor(self, factory: Any = None) -> Any:
        """As sqlite3.Connection.cursor."""
        return super().cursor(factory or Cursor)

    def execute(self, *args: Any) -> Any:
        """As sqlite3.Connection.execute."""
        return self.cursor().execute(*args)

    def executemany(self, *args: Any) -> Any:
        """As sqlite3.Connection.executemany."""
        return self.cursor().executemany(*args)

    def commit(self) -> None:
        """As sqlite3.Connection.commit."""
        patiently(self, super().commit)

    def __exit__(self, *about: Any) -> Any:
        if about[0] is None:
            self.commit()
        return super().__exit__(*about)


class Cursor(sqlite3.Cursor):
    """As sqlite3.Cursor."""

    def execute(self, *args: Any) -> Any:
        """As sqlite3.Cursor.execute."""
        return patiently(self.connection, super().execute, *args)

    def executemany(self, *args: Any) -> Any:
        """As sqlite3.Cursor.executemany."""
        return patiently(self.connection, super().executemany, *args)


def patiently(connection: Any, call: Callable[..., Any], *args: Any) -> Any:
    """Call again while another connection holds the lock, until the timeout."""
    end = time.monotonic() + connection.patience
    while True:
        try:
            return call(*args)
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= end:
                raise
        threads.sleep(PAUSE)


def install() -> None:
    """Have sqlite3.connect make such connections."""
    connect = sqlite3.connect

    def patient(*args: Any, factory: Any = Connection, **how: Any) -> Any:
        return connect(*args, factory=factory, **how)

    sqlite3.connect = sqlite3.dbapi2.connect = patient
