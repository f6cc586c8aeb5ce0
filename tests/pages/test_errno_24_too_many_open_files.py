"""The claims of `reference/errors/errno-24-too-many-open-files.md`."""

from __future__ import annotations

import asyncio
import errno
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
from typing import Any

import aiohttp
import pytest

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
    """A socket counts as a file, and so does each end of a pipe, such as those to a child process."""
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


def test_the_limit_is_inherited() -> None:
    """`ulimit -n` tells the limit of a shell, which the programs that it starts inherit."""
    ask = "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    script = 'ulimit -Sn 111; ulimit -n; "$0" -c "$1"'
    command = ["sh", "-c", script, sys.executable, ask]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == "111\n111\n"


def test_a_server_tries_again() -> None:
    """Its loop writes `socket.accept() out of system resource` to the log, and tries again after a second; until then, new clients wait."""
    told: list[str] = []
    full = [True]

    class Short(socket.socket):
        def accept(self) -> tuple[socket.socket, Any]:
            if full:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return super().accept()

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()
        await writer.wait_closed()

    async def main() -> float:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, about: told.append(about["message"]))
        with Short() as listening:
            listening.bind(("127.0.0.1", 0))
            async with await asyncio.start_server(greet, sock=listening, backlog=1):
                start = loop.time()
                loop.call_later(0.5, full.clear)
                address = listening.getsockname()
                reader, writer = await asyncio.open_connection(*address)
                assert await reader.read() == b"hello"
                took = loop.time() - start
                writer.close()
                await writer.wait_closed()
        return took

    assert virtual_clock.run(main()) == pytest.approx(1, abs=0.1)
    assert set(told) == {"socket.accept() out of system resource"}


def test_so_many_at_once(load: Load) -> None:
    """Let a fixed number in at once; the others wait for their turn before they open anything."""
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


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_which_are_open() -> None:
    """On Linux, `ls /proc/1234/fd` lists the open ones of process 1234, and `lsof -p 1234` tells what they are: compare two moments."""

    def sockets() -> set[str]:
        listed = subprocess.run(
            ["ls", "-l", f"/proc/{os.getpid()}/fd"],
            capture_output=True,
            text=True,
            check=True,
        )
        return set(re.findall(r"-> (socket:\[\d+\])", listed.stdout))

    with socket.socket() as connection:
        what = os.readlink(f"/proc/{os.getpid()}/fd/{connection.fileno()}")
        assert what in sockets()
    assert what not in sockets()


def test_what_was_left(tmp_path: Path) -> None:
    """With `python -X dev`, Python warns of each file object and each socket that was left to the garbage collector."""
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
