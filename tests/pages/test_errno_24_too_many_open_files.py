"""The claims of `reference/errors/errno-24-too-many-open-files.md`."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import ModuleType, SimpleNamespace

import aiohttp

import virtual_clock
from messages import run_text
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "errno_24_too_many_open_files"


def open_files() -> int:
    """How many files this process has open, but for the question itself."""
    return len(os.listdir("/dev/fd"))


def test_one_more_than_it_may_have() -> None:
    """The process asked the system for one more open file or socket than it may have."""
    text = (HERE / "all_at_once_broken.py").read_text("utf-8")
    done = run(HERE / "all_at_once_broken.py")
    assert done.stdout == "OSError: [Errno 24] Too many open files\n"
    assert "range(200)" in text


def test_what_counts_as_a_file() -> None:
    """A socket counts as a file, and so do a pipe and the ends of a child process."""
    with ExitStack() as stack:
        counts = [open_files()]
        stack.enter_context(socket.socket())
        counts.append(open_files())
        for end in os.pipe():
            stack.callback(os.close, end)
        counts.append(open_files())
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        stack.enter_context(child)
        counts.append(open_files())
    assert [b - a for a, b in pairwise(counts)] == [1, 2, 2]


def test_so_many_at_once(load: Load) -> None:
    """Let so many in at once, and the others wait for their turn before they open anything."""
    program = load("errno_24_too_many_open_files/all_at_once_fixed")
    before, most = open_files(), 0

    class Noting(socket.socket):
        def __init__(self) -> None:
            nonlocal most
            super().__init__()
            most = max(most, open_files())

    program.socket = SimpleNamespace(socket=Noting)  # type: ignore[attr-defined]
    virtual_clock.run(program.main())
    assert most - before <= 40 + 4  # the loop has some, too


def test_aiohttp_limits_itself() -> None:
    """aiohttp limits itself: a session has at most 100 connections unless you say otherwise, so with one session for the whole program you seldom see this error."""

    async def main() -> int:
        async with aiohttp.ClientSession() as session:
            assert session.connector is not None
            return session.connector.limit

    assert asyncio.run(main()) == 100


def test_what_was_left(tmp_path: Path) -> None:
    """With `python -X dev`, Python warns of each file and socket that was left to the garbage collector."""
    text = """
    import os
    import socket

    left = open(os.devnull)
    del left
    left = socket.socket()
    del left
    """
    said = run_text(tmp_path, text, "-X", "dev").stderr
    assert len(re.findall("ResourceWarning: unclosed (?:file|<socket)", said)) == 2
    assert run_text(tmp_path, text).stderr == ""
