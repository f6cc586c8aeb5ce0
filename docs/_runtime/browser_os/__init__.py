"""What CPython finds where an operating system would be, in a browser's worker.

The modules here stand in for `_socket`, `select`, `_thread`, `_signal` and
`time.sleep`. All of the standard library above them, asyncio with its own
selector event loop first of all, is CPython's, unchanged.
"""

from __future__ import annotations

import time
from typing import Any

from browser_os import epoll, signals, sockets, threads


def install() -> None:
    """Take the places, before anything imports what stands there."""
    signals.install()
    threads.install()
    sockets.install()
    epoll.install()


def start(worker: Any) -> None:
    """Go to work, once the interpreter is up.

    `worker` has what only JavaScript can do: sleep, suspend, say.
    """
    import asyncio
    import concurrent.futures

    from pyodide import ffi

    threads.worker, threads.asyncio, threads.ffi = worker, asyncio, ffi
    asyncio.run = getattr(asyncio.run, "__wrapped__", asyncio.run)
    time.sleep = threads.sleep  # which Pyodide has replaced, as asyncio.run
    threads.start_clock()
    if not worker.switches:
        concurrent.futures.ThreadPoolExecutor.submit = threads.submit  # type: ignore[method-assign]
    asyncio.events._set_running_loop(None)
    asyncio.events._set_event_loop_policy(None)  # type: ignore[attr-defined]
