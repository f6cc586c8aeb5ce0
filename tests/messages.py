"""What the tests of the pages on error messages share."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import tomllib
import traceback
from dataclasses import dataclass
from pathlib import Path

from running import Run, run


def last_line(error: BaseException) -> str:
    """What a traceback of `error` ends with."""
    return traceback.format_exception_only(error)[-1].strip()


def run_text(folder: Path, text: str, *options: str) -> Run:
    """Run a script with this text, named script.py, with options of Python."""
    path = folder / "script.py"
    path.write_text(textwrap.dedent(text), "utf-8")
    return run(path, *options)


def check(tool: str, path: Path, *options: str) -> str:
    """What a checker says of a file, and of nothing else."""
    done = subprocess.run(
        [sys.executable, "-m", tool, *options, str(path)],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout


def mypy(path: Path, cache: Path) -> str:
    """What `mypy --strict` says of a file."""
    return check("mypy", path, "--strict", "--cache-dir", str(cache))


@dataclass(frozen=True)
class Message:
    """An error message: its page, the program that prints it, and its shape.

    `pasted` is a line as somebody may paste it, with names and paths of their own.
    """

    page: str
    program: str
    shape: str
    pasted: list[str]


_LISTED = Path(__file__).with_name("error_messages.toml")
MESSAGES = [
    Message(**about) for about in tomllib.loads(_LISTED.read_text("utf-8"))["message"]
]
