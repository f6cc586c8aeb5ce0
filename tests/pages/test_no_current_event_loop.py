"""The claims of `reference/errors/no-current-event-loop.md`."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from messages import last_line, run_text
from running import Run

GET = "import asyncio; loop = asyncio.get_event_loop(); loop.close(); print('made')"
RUN_THEN_GET = f"import asyncio; asyncio.run(asyncio.sleep(0)); {GET}"
IN_MAIN = "RuntimeError: There is no current event loop in thread 'MainThread'."
PYTHON = sys.version_info[:2]


def get(folder: Path, text: str = GET) -> Run:
    """Run a script, and show every warning."""
    return run_text(folder, text, "-W", "always")


def test_none_is_made() -> None:
    """`asyncio.get_event_loop()` was called where no loop is running and none has been set, and it does not make one."""
    told: list[str] = []

    def work() -> None:
        try:
            asyncio.get_event_loop()
        except RuntimeError as error:
            told.append(last_line(error))

    thread = threading.Thread(target=work, name="baker")
    thread.start()
    thread.join()
    assert told == ["RuntimeError: There is no current event loop in thread 'baker'."]


def test_in_a_coroutine() -> None:
    """In a coroutine, `get_event_loop()` gives the running loop."""

    async def main() -> None:
        assert asyncio.get_event_loop() is asyncio.get_running_loop()

    asyncio.run(main())


def test_after_a_run(tmp_path: Path) -> None:
    """| the main thread, after `asyncio.run` | this error | this error | this error |"""
    done = get(tmp_path, RUN_THEN_GET)
    assert done.stderr.splitlines()[-1] == IN_MAIN


def test_before_a_run(tmp_path: Path) -> None:
    """| the main thread, before | makes a loop | makes a loop, with a `DeprecationWarning` | this error |"""
    done = get(tmp_path)
    if PYTHON >= (3, 14):
        assert done.stderr.splitlines()[-1] == IN_MAIN
    elif PYTHON >= (3, 12):
        assert done.stdout == "made\n"
        assert "DeprecationWarning: There is no current event loop" in done.stderr
    else:
        assert (done.stdout, done.stderr) == ("made\n", "")


def test_a_run_with_a_factory(tmp_path: Path) -> None:
    """An `asyncio.run` with a `loop_factory` does not count as one here: it sets no loop, and changes nothing for what comes after it."""
    factory = "loop_factory=asyncio.new_event_loop"
    if PYTHON < (3, 12):  # where Runner has the parameter, and run() has not
        run = f"with asyncio.Runner({factory}) as runner: runner.run(asyncio.sleep(0))"
    else:
        run = f"asyncio.run(asyncio.sleep(0), {factory})"
    done = get(tmp_path, f"import asyncio\n{run}\n{GET}")
    assert done.stdout == ("" if PYTHON >= (3, 14) else "made\n")
    assert done.stdout == get(tmp_path).stdout


def test_who_else_asks() -> None:
    """Outside of a coroutine, `asyncio.gather`, `asyncio.ensure_future` and `asyncio.Future` ask for the same loop and fail with the same words."""
    told: list[str] = []
    calls: list[Callable[[], object]] = [
        asyncio.gather,
        lambda: asyncio.gather(sleep),
        lambda: asyncio.ensure_future(sleep),
        asyncio.Future,
    ]

    def work() -> None:
        for call in calls:
            with pytest.raises(RuntimeError) as caught:
                call()
            told.append(last_line(caught.value))

    sleep = asyncio.sleep(0)
    thread = threading.Thread(target=work, name="baker")
    thread.start()
    thread.join()
    sleep.close()
    wanted = "RuntimeError: There is no current event loop in thread 'baker'."
    assert told == [wanted] * len(calls)


def test_find_it_before_the_change(tmp_path: Path) -> None:
    """On Python 3.12 and 3.13, `python -W "error:There is no current event loop:DeprecationWarning"` stops at the calls that 3.14 will refuse."""
    option = "error:There is no current event loop:DeprecationWarning"
    done = run_text(tmp_path, GET, "-W", option)
    assert done.status == (0 if PYTHON < (3, 12) else 1)


def test_run_makes_one() -> None:
    """`asyncio.run` makes a loop for the thread that calls it, runs it, and closes it."""
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        assert loops[-1].is_running()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join()
    asyncio.run(main())
    first, second = loops
    assert first is not second
    assert first.is_closed()
    assert second.is_closed()


def test_a_runner_sets_its_loop() -> None:
    """If a library insists on a loop that is set, use `asyncio.Runner`: without a `loop_factory`, its `get_loop()` makes one and sets it."""

    def work() -> None:
        with pytest.raises(RuntimeError):
            asyncio.get_event_loop()
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            assert asyncio.get_event_loop() is loop
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.get_loop()
            with pytest.raises(RuntimeError):
                asyncio.get_event_loop()
        done.append(loop.is_closed())

    done: list[bool] = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
