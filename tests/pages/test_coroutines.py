"""The claims of `concepts/coroutines.md`."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Callable
from types import ModuleType

import pytest

import virtual_clock
from forked import run_strictly
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "coroutines"


def test_calling(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Calling a coroutine function runs nothing of its body."""
    program = load("coroutines/calling_is_not_running")
    tea = program.brew("tea")
    assert capsys.readouterr().out == ""
    virtual_clock.run(tea)
    assert capsys.readouterr().out == "tea: water on\n"


def test_values_and_errors(load: Load) -> None:
    """A result or an error comes back through each `await`, as from a call."""
    program = load("coroutines/values_and_errors_travel_up")
    assert virtual_clock.run(program.total("tea", "tea", "tea")) == 7.5
    with pytest.raises(LookupError, match="unicorn") as caught:
        virtual_clock.run(program.total("tea", "unicorn"))
    frames = [entry.name for entry in caught.traceback]
    assert "total" in frames
    assert frames[-1] == "read_price"


def test_never_awaited(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """A coroutine that nobody awaits never starts, and Python can tell you only when the object is thrown away."""
    program = load("coroutines/forgotten_await_broken")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        letter = program.save("a letter")
        gc.collect()
        assert caught == []
        del letter
        gc.collect()
    assert [str(w.message) for w in caught] == ["coroutine 'save' was never awaited"]
    assert capsys.readouterr().out == ""


def test_the_warning_is_no_error() -> None:
    """It is a warning, not an error; the exit status is 0, and your tests may well be green."""
    done = run(HERE / "forgotten_await_broken.py")
    assert done.status == 0
    assert "RuntimeWarning" in done.stderr


def test_the_warning_can_be_seen() -> None:
    """Turn it into a failure while you develop: `python -X dev -W error` prints it with a traceback that shows where the forgotten coroutine was made."""
    done = run_strictly(HERE / "forgotten_await_broken.py")
    assert "Coroutine created at (most recent call last)" in done.stderr
    assert 'forgotten_await_broken.py", line 12, in main' in done.stderr


def test_the_sum(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Two awaits in a row take as long as both waits together."""
    program = load("coroutines/two_awaits_in_a_row_take_the_sum")

    async def timed() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await program.main()
        return loop.time() - start

    assert virtual_clock.run(timed()) == pytest.approx(2, abs=0.01)
    lines = capsys.readouterr().out.splitlines()
    assert lines.index("tea: ready") < lines.index("coffee: water on")


def test_giving_way() -> None:
    """If the answer is there already, the coroutine runs through like a plain function, and no other task gets a turn."""
    turns: list[str] = []

    async def other() -> None:
        turns.append("other")

    async def nothing_to_wait_for(depth: int) -> None:
        if depth:
            await nothing_to_wait_for(depth - 1)
        turns.append("answer")

    async def main() -> None:
        task = asyncio.create_task(other())
        await nothing_to_wait_for(3)
        turns.append("main")
        await asyncio.sleep(0)
        turns.append("main again")
        await task

    asyncio.run(main())
    assert turns == ["answer"] * 4 + ["main", "other", "main again"]


def test_a_million_awaits() -> None:
    """A loop of a million awaits that never wait blocks everybody else as surely as a loop without any."""
    turns: list[str] = []

    async def nothing() -> None:
        pass

    async def other() -> None:
        turns.append("other")

    async def main() -> None:
        task = asyncio.create_task(other())
        for _ in range(1_000_000):
            await nothing()
        turns.append("after a million awaits")
        await task

    asyncio.run(main())
    assert turns == ["after a million awaits", "other"]


def test_one_run(load: Load) -> None:
    """When the run is over the object is used up, and awaiting it again raises an error:"""
    program = load("coroutines/a_coroutine_is_awaited_once")

    async def twice() -> None:
        tea = program.brew("tea")
        assert await tea == "tea is ready"
        await tea

    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        virtual_clock.run(twice())
