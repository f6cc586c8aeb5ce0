"""Run a program as a reader would, and say what it printed."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from programs import EXAMPLES, ROOT, Program

DEADLINE = 60  # seconds; a program that needs more hangs
# What Python now and then says of a process pool whose worker was killed, with
# the place, if any, where the garbage collector was at work.
CUT_OFF = re.compile(
    r"(?m)^Exception ignored in: <_io\.BytesIO object at 0x[0-9a-f]+>\n"
    r"(?:Traceback \(most recent call last\):\n(?:  .*\n)+)?"
    r"BufferError: Existing exports of data: object cannot be re-sized\n"
)
SLOW_STEP = re.compile(r"(?m)^Executing <.*> took \d+\.\d{3} seconds\n")


@dataclass(frozen=True)
class Run:
    """What one run of a program printed, and its exit status."""

    stdout: str
    stderr: str
    status: int


def environment(home: Path | None = None) -> dict[str, str]:
    """The variables of a run: none of this machine's that change what Python does.

    With `home`, the run finds its home and its temporary files there.
    """
    keep = {"PATH", "HOME", "TMPDIR", "TEMP", "SYSTEMROOT", "LANG"}
    kept = {key: os.environ[key] for key in keep & os.environ.keys()}
    if home is not None:
        kept |= {"HOME": str(home), "TMPDIR": str(home)}
    return kept | {
        "PYTHONPATH": str(EXAMPLES / "tools"),
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(
    path: Path,
    *options: str,
    python: str = sys.executable,
) -> Run:
    """Run the file at `path` with `python` and its command-line `options`.

    The run starts in an empty folder, with no variable of this environment
    that changes what Python does. Raises subprocess.TimeoutExpired after
    DEADLINE seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, *options, str(path)],
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=DEADLINE,
            check=False,
        )
        left = sorted(os.listdir(folder))
    assert not left, f"{path.name} leaves files behind: {', '.join(left)}"
    stderr = CUT_OFF.sub("", done.stderr.replace(f"{path.parent}{os.sep}", ""))
    return Run(done.stdout, stderr, done.returncode)


def expected(program: Program) -> Run:
    """What was recorded of `program`."""
    errors = program.errors
    return Run(
        program.output.read_text("utf-8"),
        errors.read_text("utf-8") if errors.exists() else "",
        program.exit_code,
    )


def record(program: Program, got: Run) -> None:
    """Write what `program` prints into its .out and .err files."""
    assert got.status == program.exit_code, got.stderr
    program.output.write_text(got.stdout, "utf-8", newline="\n")
    if got.stderr:
        program.errors.write_text(got.stderr, "utf-8", newline="\n")
    else:
        program.errors.unlink(missing_ok=True)


def same(program: Program, got: Run) -> bool:
    """Whether `got` is what was recorded of `program`."""
    want = expected(program)
    if program.unordered:
        want, got = (
            Run("\n".join(sorted(r.stdout.splitlines())), r.stderr, r.status)
            for r in (want, got)
        )
    return want == got


@functools.cache
def ask_version(python: str) -> str:
    """The version of an interpreter; empty where `python` is a shim to none."""
    probe = [python, "-c", "import platform; print(platform.python_version())"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def minor(python: str) -> int:
    """The 12 of Python 3.12.1."""
    return int(ask_version(python).split(".")[1])


def build(
    *command: str, folder: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Build the site from `folder`, with a builder's `command` and `variables`."""
    quiet = {"NO_COLOR": "1", "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=os.environ | quiet | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def copy_parts(parts: Iterable[str], target: Path) -> None:
    """Copy files and folders of the project to `target`, to change them there.

    A build of the copy has the runtime that was made for this project.
    """
    leave = shutil.ignore_patterns("__pycache__")
    for part in parts:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=leave)
        else:
            shutil.copy(source, target)
    (target / ".cache").symlink_to(ROOT / ".cache")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[str]:
    """Serve the files of `folder` on this machine; give the address.

    The port is a free one, if it is 0.
    """
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()
