"""The claims of `reference/errors/was-never-awaited.md`."""

from __future__ import annotations

from pathlib import Path

from messages import mypy, run_text
from programs import EXAMPLES
from running import run

HERE = EXAMPLES / "was_never_awaited"
KEPT = """
    import asyncio

    async def save() -> None:
        print("saved")

    kept = save()
    number = 1
    del kept
    """


def test_nothing_has_run() -> None:
    """A coroutine function was called without `await`, and nothing of it has run."""
    broken = run(HERE / "put_without_await_broken.py")
    warning = "RuntimeWarning: coroutine 'Queue.put' was never awaited"
    assert broken.stderr.splitlines()[0].endswith(warning)
    assert broken.stdout == "on the list: 0\n"
    fixed = run(HERE / "put_without_await_fixed.py")
    assert (fixed.stdout, fixed.stderr) == ("on the list: 1\n", "")


def test_it_is_a_warning() -> None:
    """It is a warning and not an exception: the program goes on, and its exit status is 0."""
    done = run(HERE / "put_without_await_broken.py")
    assert "Traceback" not in done.stderr
    assert "on the list" in done.stdout
    assert done.status == 0


def test_the_line_where_it_was_thrown_away(tmp_path: Path) -> None:
    """The line below the message is where the coroutine was thrown away, which may be far from the call if a variable or a list kept it for a while."""
    warning, line, *_ = run_text(tmp_path, KEPT).stderr.splitlines()
    assert warning.endswith("coroutine 'save' was never awaited")
    assert line.strip() == "del kept"


def test_tracemalloc(tmp_path: Path) -> None:
    """With `python -X tracemalloc`, the warning also shows the line that made it."""
    said = run_text(tmp_path, KEPT, "-X", "tracemalloc").stderr
    assert "Object allocated at" in said
    assert said.splitlines()[-1].strip() == "kept = save()"
    assert "kept = save()" not in run_text(tmp_path, KEPT).stderr


def test_mypy_finds_it(tmp_path: Path) -> None:
    """`mypy` finds such a call without running it, and says `unused-coroutine`."""
    broken = mypy(HERE / "put_without_await_broken.py", tmp_path)
    assert broken.count("[unused-coroutine]") == 1
    assert "Success" in mypy(HERE / "put_without_await_fixed.py", tmp_path)
