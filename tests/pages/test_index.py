"""The claims of the home page, `index.md`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType

import pytest

import virtual_clock
from forked import run_strictly
from programs import EXAMPLES, ROOT, Program
from running import run, same

Load = Callable[[str], ModuleType]


def test_ten_seconds(load: Load) -> None:
    """One after another, these ten waits would take ten seconds."""
    program = load("index/waits_overlap")
    waits: list[float] = []
    fetch = program.fetch

    async def timed(page: int) -> int:
        start = time.monotonic()
        got: int = await fetch(page)
        waits.append(time.monotonic() - start)
        return got

    program.fetch = timed  # type: ignore[attr-defined]
    virtual_clock.run(program.main())
    assert waits == pytest.approx([1] * 10, abs=0.01)


def test_one_second_in_one_thread(load: Load) -> None:
    """Together they take one, in one thread."""
    program = load("index/waits_overlap")
    threads: list[int] = []
    fetch = program.fetch

    async def noting(page: int) -> int:
        got: int = await fetch(page)
        threads.append(threading.get_ident())
        return got

    async def main() -> float:
        start = time.monotonic()
        await program.main()
        return time.monotonic() - start

    program.fetch = noting  # type: ignore[attr-defined]
    assert virtual_clock.run(main()) == pytest.approx(1, abs=0.01)
    assert threads == [threading.get_ident()] * 10


def test_one_character() -> None:
    """The tests compare it with a new run, and one different character fails them."""
    program = Program(EXAMPLES / "index" / "waits_overlap.py")
    new = run(program.path)
    assert same(program, new)
    assert not same(program, replace(new, stdout=new.stdout.replace("1 s", "2 s")))


def test_a_forgotten_await_shows() -> None:
    """The tests also run each program with asyncio's debug mode on and every warning an error, so a forgotten `await` cannot hide."""
    broken = run_strictly(EXAMPLES / "coroutines" / "forgotten_await_broken.py")
    assert broken.status == 0
    assert "was never awaited" in broken.stderr
    fixed = run_strictly(EXAMPLES / "coroutines" / "forgotten_await_fixed.py")
    assert fixed.stderr == ""


def test_the_licence() -> None:
    """The programs are under the 0BSD licence: paste them anywhere, without a notice."""
    assert (EXAMPLES / "LICENSE").read_text("utf-8").startswith("Zero-Clause BSD\n")
    assert "0BSD" in (ROOT / "mkdocs.yml").read_text("utf-8")
