"""The claims of `reference/errors/executing-took-seconds.md`."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType

import pytest

import virtual_clock
from messages import run_text

Load = Callable[[str], ModuleType]
HERE = "executing_took_seconds"


def test_one_slow_step(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    """asyncio's debug mode is on, and one step held the event loop for at least a tenth of a second."""

    async def main(seconds: float, debug: bool) -> None:
        asyncio.get_running_loop().set_debug(debug)
        await asyncio.sleep(0)
        time.sleep(seconds)

    for seconds, debug, found in (0.2, True, 1), (0.05, True, 0), (0.2, False, 0):
        caplog.clear()
        virtual_clock.run(main(seconds, debug))
        said = [r.getMessage() for r in caplog.records if "Executing" in r.msg]
        assert len(said) == found
    virtual_clock.run(main(0.2, True))
    wanted = r"Executing <Task .* took 0\.2\d\d seconds"
    assert any(re.fullmatch(wanted, r.getMessage()) for r in caplog.records)


def test_main_was_overdue(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    """`bake` had the thread for 0.4 seconds."""
    program = load(f"{HERE}/a_slow_step_broken")
    caplog.set_level(logging.CRITICAL, "asyncio")

    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await program.main()
        return loop.time() - start

    assert virtual_clock.run(main()) == pytest.approx(0.4, abs=0.01)


def line_named(said: str, shape: str) -> str:
    """The line of this file that a message names after `shape`."""
    (place,) = re.findall(rf"coro=<{shape} {re.escape(__file__)}:(\d+)>", said)
    return Path(__file__).read_text("utf-8").splitlines()[int(place) - 1].strip()


def what_is_said(
    main: Callable[[], Coroutine[None, None, None]], caplog: pytest.LogCaptureFixture
) -> str:
    """The one message on a slow step of `main`, in debug mode."""

    async def in_debug_mode() -> None:
        asyncio.get_running_loop().set_debug(True)
        await asyncio.create_task(main())

    virtual_clock.run(in_debug_mode())
    (said,) = [r.getMessage() for r in caplog.records if "Executing" in r.msg]
    return said


def test_a_task_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """A task is named with its coroutine, as in `coro=<main() running at shop.py:17>`, and the line is the one where that coroutine had come to when the slow step ended, in a pause."""

    async def main() -> None:
        await asyncio.sleep(0)
        time.sleep(0.3)
        for letter in "a":
            await asyncio.sleep(0, letter)

    said = what_is_said(main, caplog)
    line = line_named(said, r".*main\(\) running at")
    assert line == "await asyncio.sleep(0, letter)"


def test_in_what_it_awaits(caplog: pytest.LogCaptureFixture) -> None:
    """Look above it, and in what it awaits there."""

    async def bake() -> None:
        time.sleep(0.3)
        await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.sleep(0)
        await bake()

    said = what_is_said(main, caplog)
    assert line_named(said, r".*main\(\) running at") == "await bake()"


def test_the_last_step(caplog: pytest.LogCaptureFixture) -> None:
    """If the step was the task's last, you read `done, defined at` and the place of its `async def`."""

    async def last() -> None:
        await asyncio.sleep(0)
        time.sleep(0.3)

    said = what_is_said(last, caplog)
    line = line_named(said, r".*last\(\) done, defined at")
    assert line == "async def last() -> None:"


def test_where_it_was_made(caplog: pytest.LogCaptureFixture) -> None:
    """`created at` tells where the callback was made."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_debug(True)
        loop.call_soon(time.sleep, 0.3)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    virtual_clock.run(main())
    (said,) = [r.getMessage() for r in caplog.records if "Executing" in r.msg]
    assert f"created at {__file__}:" in said


def test_where_a_task_was_made(caplog: pytest.LogCaptureFixture) -> None:
    """Of a task it names asyncio's own file, where `asyncio.create_task` or the task group made it, so give your tasks names."""

    async def bake() -> None:
        time.sleep(0.3)

    async def main() -> None:
        asyncio.get_running_loop().set_debug(True)
        await asyncio.create_task(bake(), name="rye")
        async with asyncio.TaskGroup() as group:
            group.create_task(bake(), name="wheat")

    virtual_clock.run(main())
    said = [r.getMessage() for r in caplog.records if "Executing" in r.msg]
    places = [
        re.findall(r"name='(\w+)' .* created at .*asyncio.(\w+)\.py:\d+>", line)
        for line in said
    ]
    assert places == [[("rye", "tasks")], [("wheat", "taskgroups")]]


def test_a_long_loop_can_pause(caplog: pytest.LogCaptureFixture) -> None:
    """If it is a `for` loop of your own over many items, it can also pause now and then, with `await asyncio.sleep(0)`."""

    async def main(pause: bool) -> None:
        asyncio.get_running_loop().set_debug(True)
        await asyncio.sleep(0)
        for _ in range(10):
            time.sleep(0.05)
            if pause:
                await asyncio.sleep(0)

    for pause in (True, False):
        caplog.clear()
        virtual_clock.run(main(pause))
        assert any("Executing" in r.msg for r in caplog.records) is not pause


def test_the_limit() -> None:
    """The limit is `loop.slow_callback_duration`, 0.1 seconds if you do not set it."""

    async def main() -> float:
        return asyncio.get_running_loop().slow_callback_duration

    assert asyncio.run(main()) == 0.1


def test_three_switches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If you see none, and the program stutters, see that debug mode is on, by `asyncio.run(main(), debug=True)`, `PYTHONASYNCIODEBUG=1` or `python -X dev`."""
    text = """
    import asyncio

    async def main():
        print(asyncio.get_running_loop().get_debug())

    asyncio.run(main(){})
    """
    assert run_text(tmp_path, text.format("")).stdout == "False\n"
    assert run_text(tmp_path, text.format(", debug=True")).stdout == "True\n"
    assert run_text(tmp_path, text.format(""), "-X", "dev").stdout == "True\n"
    monkeypatch.setattr(
        "running.environment", lambda: {"PYTHONASYNCIODEBUG": "1", "PATH": ""}
    )
    assert run_text(tmp_path, text.format("")).stdout == "True\n"
