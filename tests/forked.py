"""Run programs by processes that fork, so that no run has to start Python."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import fork_server
from running import CUT_OFF, DEADLINE, SLOW_STEP, Run, environment

# What a program need not import again. (multiprocessing notes who __main__ is.)
IMPORTS = ["aiofiles", "aiohttp.web", "aiosqlite", "virtual_clock"]


@dataclass(frozen=True)
class Way:
    """A way to run a program: the interpreter's options, and a tool that runs it."""

    options: tuple[str, ...] = ()
    tool: tuple[str, ...] = ()


PLAIN = Way()
ON_THE_CLOCK = Way(tool=("virtual_clock",))
STRICT = Way(("-X", "dev", "-W", "error"))
STRICT_ON_THE_CLOCK = Way(STRICT.options, ON_THE_CLOCK.tool)
RECORDED = Way(tool=("record_timeline", "--lines", "--json", "../trace.json"))


@dataclass(frozen=True)
class Outcome:
    """What a run printed, and the text of its trace, if it was RECORDED."""

    run: Run
    trace: str


class ForkServer:
    """A process that forks for each program that it is asked to run."""

    def __init__(self, python: str, options: tuple[str, ...]) -> None:
        self.ours, theirs = socket.socketpair()
        self.answers = self.ours.makefile("r")
        number = str(theirs.fileno())
        with theirs:
            self.process = subprocess.Popen(
                [python, *options, fork_server.__file__, number, *IMPORTS],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def run(self, seconds: float, **wanted: object) -> int:
        """Run what `fork_server.become` is told; at most so many seconds.

        Returns the exit status. What the program started ends with it.
        """
        self.ours.sendall(json.dumps(wanted).encode() + b"\n")
        child = int(self.answers.readline())
        with killed_after(seconds, child):
            return int(self.answers.readline())

    def close(self) -> None:
        """End the process, and wait for it."""
        self.answers.close()
        self.ours.close()
        self.process.wait()


idle: dict[tuple[str, tuple[str, ...]], list[ForkServer]] = {}


@atexit.register
def end_the_servers() -> None:
    """End the fork servers."""
    for servers in idle.values():
        for server in servers:
            server.close()
    idle.clear()


def run_contained(
    path: Path,
    source: str,
    way: Way,
    seconds: float = DEADLINE,
    python: str = sys.executable,
) -> Outcome:
    """Run `source` as if it were the program at `path`, where it can do no harm.

    It has folders of its own, and a process group of its own, which is killed
    when it ends or after so many seconds: then its exit status is not recorded
    of any program. What it may write and hold in memory is limited.
    """
    with tempfile.TemporaryDirectory() as home:
        script, cwd, tmp, out, err = (
            Path(home, name) for name in ("of", "cwd", "tmp", "out", "err")
        )
        for place in script, cwd, tmp:
            place.mkdir()
        script /= path.name
        script.write_text(source, "utf-8")
        out.touch()
        err.touch()
        servers = idle.setdefault((python, way.options), [])
        server = servers.pop() if servers else ForkServer(python, way.options)
        status = server.run(
            seconds,
            script=str(script),
            tool=way.tool,
            cwd=str(cwd),
            home=str(tmp),
            out=str(out),
            err=str(err),
        )
        servers.append(server)
        here = f"{script.parent}{os.sep}"
        stdout, stderr = (file.read_text("utf-8", "replace") for file in (out, err))
        stderr = CUT_OFF.sub("", SLOW_STEP.sub("", stderr.replace(here, "")))
        stderr += "".join(f"left behind: {path.name}\n" for path in cwd.iterdir())
        trace = Path(home, "trace.json")
        told = trace.read_text("utf-8").replace(here, "") if trace.exists() else ""
    return Outcome(Run(stdout, stderr, status), told)


def run_strictly(path: Path, *, python: str = sys.executable) -> Run:
    """Run `path` with asyncio's debug mode on and every warning an error.

    Of what debug mode writes, "Executing ... took" is left out: a busy machine
    says it of any step.
    """
    return run_contained(path, path.read_text("utf-8"), STRICT, python=python).run


@contextmanager
def killed_after(seconds: float, process: int) -> Iterator[None]:
    """Kill the group of a process, by its id, at the end of the block or sooner."""

    def kill() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)

    timer = threading.Timer(seconds, kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        kill()
