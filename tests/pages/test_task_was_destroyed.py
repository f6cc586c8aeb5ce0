"""The claims of `reference/errors/task-was-destroyed.md`."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from messages import check
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "task_was_destroyed"


def test_thrown_away(load: Load) -> None:
    """`loop.close()` asks nobody: the timer that would have woken the ticker went with the loop, and the task with the last reference to it."""
    told: list[str] = []
    ends: list[str] = []

    async def tick() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            ends.append("was asked")
            raise

    async def main() -> weakref.ref[asyncio.Task[None]]:
        task = asyncio.create_task(tick())
        await asyncio.sleep(0)
        return weakref.ref(task)

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _, about: told.append(about["message"]))
    task = loop.run_until_complete(main())
    gc.collect()
    assert task() is not None
    loop.close()
    gc.collect()
    assert task() is None
    assert told == ["Task was destroyed but it is pending!"]
    assert ends == []


def test_it_has_not_ended() -> None:
    """A task was thrown away before it had ended, so the rest of its work will never run."""
    told: list[str] = []
    done: list[str] = []

    async def tick() -> None:
        await asyncio.sleep(0)
        done.append("ticked")

    for steps in range(3):
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda _, about: told.append(about["message"]))
        task = loop.create_task(tick())
        for _ in range(steps):
            loop.call_soon(loop.stop)
            loop.run_forever()
        assert task.done() is (steps == 2)
        loop.close()
        if steps == 0:  # the coroutine has not begun, and would say so
            task.get_coro().close()  # type: ignore[union-attr]
        del task
        gc.collect()
    assert told == ["Task was destroyed but it is pending!"] * 2
    assert done == ["ticked"]


def test_as_far_as_the_first_await(monkeypatch: pytest.MonkeyPatch) -> None:
    """A `finally` in it runs as far as the first `await` that has to wait, and there comes another message."""
    told: list[str] = []
    ends: list[str] = []

    async def tick() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ends.append("began")
            await asyncio.sleep(0)
            ends.append("ended")

    async def main() -> None:
        ticker = asyncio.create_task(tick())
        await asyncio.sleep(0)
        assert not ticker.done()

    monkeypatch.setattr("sys.unraisablehook", lambda it: told.append(str(it.exc_value)))
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _, about: told.append(about["message"]))
    loop.run_until_complete(main())
    loop.close()
    gc.collect()
    assert ends == ["began"]
    assert sorted(told) == [
        "Task was destroyed but it is pending!",
        "coroutine ignored GeneratorExit",
    ]


def test_run_waits_for_the_rest(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`asyncio.run` cancels what is left when `main` returns, and waits until it has ended, clean-up included."""
    ends: list[str] = []

    async def tick() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.05)
            ends.append("cleaned up")

    async def main() -> asyncio.Task[None]:
        task = asyncio.create_task(tick())
        await asyncio.sleep(0)
        return task

    assert asyncio.run(main()).cancelled()
    assert ends == ["cleaned up"]


def test_what_it_names() -> None:
    """The line that begins with `task:` has the name of the task, its coroutine, and with `wait_for` the kind of what it waited for."""
    message, task = run(HERE / "loop_closed_over_a_task_broken.py").stderr.splitlines()
    assert message == "Task was destroyed but it is pending!"
    assert task.startswith("task: <Task pending name='ticker' coro=<tick() ")
    assert "wait_for=<Future pending" in task


def test_debug_mode() -> None:
    """With debug mode, the message also shows where the task was created."""
    path = HERE / "loop_closed_over_a_task_broken.py"
    line = 'ticker = asyncio.create_task(tick(), name="ticker")'
    assert line in run(path, "-X", "dev").stderr
    assert line not in run(path).stderr


def test_the_linter(tmp_path: Path) -> None:
    """`ruff` finds a `create_task` whose result is dropped, with its rule RUF006."""
    path = tmp_path / "script.py"
    options = ["check", "--isolated", "--no-cache", "--select", "RUF006"]
    for code, found in (
        ("asyncio.create_task(tick())", True),
        ("return asyncio.create_task(tick())", False),
    ):
        path.write_text(f"import asyncio\n\ndef start():\n    {code}\n")
        assert ("RUF006" in check("ruff", path, *options)) is found
