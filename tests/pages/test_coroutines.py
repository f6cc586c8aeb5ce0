"""The claims of `concepts/coroutines.md`."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import virtual_clock
from editing import changed
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
    """A coroutine that is neither awaited nor made into a task never starts, and Python can tell you only when the object is thrown away."""
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


def test_the_warning_can_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -X dev -W error` prints the warning with a traceback that shows where the forgotten coroutine was made, and the exit status is still 0: no exception can leave the moment in which an object is thrown away."""
    done = run_strictly(HERE / "forgotten_await_broken.py")
    assert "Coroutine created at (most recent call last)" in done.stderr
    assert 'forgotten_await_broken.py", line 12, in main' in done.stderr
    assert done.status == 0

    class Raising:
        def __del__(self) -> None:
            raise LookupError("nobody is there to catch it")

    unraisable: list[BaseException | None] = []
    monkeypatch.setattr(
        sys, "unraisablehook", lambda found: unraisable.append(found.exc_value)
    )
    thrown_away = Raising()
    del thrown_away
    gc.collect()
    assert [str(error) for error in unraisable] == ["nobody is there to catch it"]


def test_a_strict_test_fails(tmp_path: Path) -> None:
    """Under `pytest -W error`, a test that forgets an `await` fails."""
    program = (HERE / "forgotten_await_broken.py").read_text("utf-8")
    test = "\n\ndef test_main() -> None:\n    asyncio.run(main())\n"
    (tmp_path / "test_letter.py").write_text(program + test, "utf-8")
    ends: list[int] = []
    for options in ([], ["-W", "error"]):
        alone = ["-c", os.devnull, "-p", "no:cacheprovider"]
        pytest_alone = [sys.executable, "-m", "pytest", *alone]
        done = subprocess.run(
            [*pytest_alone, "--rootdir=.", *options, "test_letter.py"],
            cwd=tmp_path,
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        ends.append(done.returncode)
    assert ends == [0, 1], done.stdout
    assert "coroutine 'save' was never awaited" in done.stdout


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


def test_an_eager_task_begins_at_once() -> None:
    """(The exception has to be asked for: an eager task begins in the middle of `create_task`.)"""
    if sys.version_info < (3, 12):
        assert not hasattr(asyncio, "eager_task_factory")
        return
    turns: list[str] = []

    async def other() -> None:
        turns.append("other")

    async def main() -> None:
        for factory in (None, asyncio.eager_task_factory):
            asyncio.get_running_loop().set_task_factory(factory)
            task = asyncio.create_task(other())
            turns.append("main")
            await task

    asyncio.run(main())
    assert turns == ["main", "other", "other", "main"]


def test_coroutines_made_first(capsys: pytest.CaptureFixture[str]) -> None:
    """It takes two, and prints the same. Making a coroutine starts nothing, so the coffee is still not begun before the tea is ready."""
    name = "two_awaits_in_a_row_take_the_sum"
    program = changed(
        f"coroutines/{name}",
        (
            '    await brew("tea")\n    await brew("coffee")\n',
            '    tea = brew("tea")\n    coffee = brew("coffee")\n'
            "    await tea\n    await coffee\n",
        ),
    )
    virtual_clock.run(program.main())
    out = capsys.readouterr().out
    assert out == (HERE / f"{name}.out").read_text("utf-8")
    assert out.endswith("took 2 seconds\n")


def test_an_answer_that_waits(capsys: pytest.CaptureFixture[str]) -> None:
    """Right after "main: awaiting answer()". Now something beneath that `await` waits, and `other` comes before `answer` has printed its line. The `sleep(0)` in `main` finds nobody else ready."""
    head = "async def answer() -> int:\n"
    program = changed(
        "coroutines/await_does_not_always_give_way",
        (head, head + "    await asyncio.sleep(0)\n"),
    )
    virtual_clock.run(program.main())
    assert capsys.readouterr().out.splitlines() == [
        "main: awaiting answer()",
        "other: my turn at last",
        "answer: I know it already",
        "main: it is 42",
        "main: awaiting sleep(0)",
        "main: back",
    ]


def test_a_task_instead(capsys: pytest.CaptureFixture[str]) -> None:
    """There is none. A task keeps its result, and the second `await` gets it again."""
    program = changed(
        "coroutines/a_coroutine_is_awaited_once",
        ('tea = brew("tea")', 'tea = asyncio.create_task(brew("tea"))'),
        ("        await tea\n", "        print(await tea)\n"),
    )
    virtual_clock.run(program.main())
    assert capsys.readouterr().out.splitlines() == ["tea is ready"] * 3
