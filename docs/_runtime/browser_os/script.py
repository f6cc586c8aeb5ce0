"""Runs the reader's program as __main__, records it, and draws its timeline."""

from __future__ import annotations

import atexit
import builtins
import gc
import importlib
import os
import random
import signal
import sys
import threading
import traceback
from types import ModuleType
from typing import Any

import draw_timeline
import record_timeline
from browser_os import database, threads

HOME = "/home/reader"
EVENTS = 3000  # of a timeline: more would not be seen


def run(text: str, name: str) -> None:
    """Run the program `text`, a file called `name`.

    The worker is told its exit status and, as HTML, its timeline.
    """
    os.makedirs(HOME, exist_ok=True)
    os.chdir(HOME)
    with open(name, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    random.seed()  # its state is part of the snapshot
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.excepthook = sys.__excepthook__
    sys.argv, sys.path[0] = [name], HOME
    recorder = record_timeline.Recorder(name, limit=EVENTS)
    recorder.__enter__()
    status = execute(text, name, recorder)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    vars(sys.modules["__main__"]).clear()
    gc.collect()
    recorder.__exit__()
    sys.stdout.flush()
    sys.stderr.flush()
    threads.worker.ended(status)
    if any(lane.shown for lane in recorder._lanes):
        figure = draw_timeline.figure(recorder.trace(), threads.worker.prefix)
        threads.worker.timeline(figure)


def execute(text: str, name: str, recorder: Any) -> int:
    """Run the program as __main__; report what it raises; give its exit status."""
    main = ModuleType("__main__")
    vars(main).update(__file__=f"{HOME}/{name}", __builtins__=builtins)
    sys.modules["__main__"] = main
    try:
        exec(compile(text, name, "exec", dont_inherit=True), vars(main))
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    except BaseException as error:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a report is not cut short
        recorder.error = record_timeline.brief(error)
        sys.excepthook(type(error), error, error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def without_ours(walk: Any) -> Any:
    """As `walk` of `traceback`, without the frames that stand for C and the system."""

    def walk_others(*args: Any) -> Any:
        for found in walk(*args):
            if not found[0].f_code.co_filename.startswith(threads.HERE):
                yield found

    return walk_others


def warm_up() -> None:
    """Do once what is slow the first time: it is kept in the snapshot."""
    database.install()
    for name in "walk_tb", "walk_stack", "_walk_tb_with_full_positions":
        setattr(traceback, name, without_ours(getattr(traceback, name)))
    for module in (
        *("asyncio", "collections", "concurrent.futures.thread", "contextlib"),
        *("contextvars", "dataclasses", "functools", "itertools", "logging"),
        *("queue", "random", "re", "signal", "socket", "sqlite3", "tempfile"),
        *("threading", "time", "typing", "urllib.request", "weakref"),
        *("aiohttp.web", "aiofiles", "aiosqlite"),
    ):
        importlib.import_module(module)
    for error in SyntaxError("a"), ExceptionGroup("b", [ValueError(1)]):
        try:
            raise error
        except Exception:
            traceback.format_exc()
