"""The claims of `reference/errors/was-never-awaited.md`."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from messages import check, mypy, run_text
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


def test_warnings_as_errors(tmp_path: Path) -> None:
    """With `python -W error` the warning looks like an exception, and the program goes on all the same."""
    text = """
    async def save() -> None:
        print("saved")

    save()
    print("goes on")
    """
    done = run_text(tmp_path, text, "-W", "error")
    assert done.stderr.startswith("Exception ignored")
    assert "Traceback" in done.stderr
    assert (done.stdout, done.status) == ("goes on\n", 0)


def test_in_a_test(tmp_path: Path) -> None:
    """Take it as an error yourself, since the work was not done; `pytest -W error` fails the test."""
    path = tmp_path / "test_save.py"
    path.write_text("async def save(): pass\n\ndef test_save():\n    save()\n")
    options = ["-p", "no:cacheprovider", "-q"]
    assert "1 passed" in check("pytest", path, *options)
    assert "1 failed" in check("pytest", path, *options, "-W", "error")


def test_whose_name_it_is(tmp_path: Path) -> None:
    """The name in quotes is the coroutine's own, mostly that of the function that was called."""
    text = """
    async def bake():
        print("baked")

    def order():
        return bake()

    order()
    """
    said = run_text(tmp_path, text).stderr
    assert "coroutine 'bake' was never awaited" in said
    assert "'order'" not in said


def test_a_name_of_aiohttp(tmp_path: Path) -> None:
    """Where a plain function made it, you called that one: after a `session.get(url)` of aiohttp, the name is `ClientSession._request`."""
    text = """
    import asyncio
    import aiohttp

    async def main():
        async with aiohttp.ClientSession() as session:
            session.get("http://127.0.0.1/")

    asyncio.run(main())
    """
    said = run_text(tmp_path, text).stderr
    assert "coroutine 'ClientSession._request' was never awaited" in said


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
    """`mypy` finds a call that is a statement by itself, without running it, and says `unused-coroutine`."""
    broken = mypy(HERE / "put_without_await_broken.py", tmp_path)
    assert broken.count("[unused-coroutine]") == 1
    assert "Success" in mypy(HERE / "put_without_await_fixed.py", tmp_path)


def test_mypy_does_not_find_it(tmp_path: Path) -> None:
    """A coroutine that a variable keeps it does not find, nor, without `--strict`, one in a function that has no annotations."""
    path = tmp_path / "script.py"
    text = """
    async def save() -> None: ...

    async def alone() -> None:
        save()

    async def in_a_variable() -> None:
        kept = save()

    async def bare():
        save()
    """
    path.write_text(textwrap.dedent(text), "utf-8")
    cache = ["--cache-dir", str(tmp_path)]
    for options, found in (([], ["alone"]), (["--strict"], ["alone", "bare"])):
        said = check("mypy", path, *options, *cache)
        places = re.findall(r":(\d+): error: .*\[unused-coroutine\]", said)
        lines = path.read_text("utf-8").splitlines()
        heads = [lines[int(place) - 2] for place in places]
        assert [re.findall(r"def (\w+)", head)[0] for head in heads] == found
