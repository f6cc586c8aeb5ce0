"""The claims of `tutorial/two-waits-at-once.md`."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from forked import run_strictly
from programs import EXAMPLES
from record_timeline import Recorder
from running import Run, run

Load = Callable[[str], ModuleType]
Captured = pytest.CaptureFixture[str]
HERE = EXAMPLES / "two_waits_at_once"
LATER = "two_waits_at_once/two_pages_at_once"
AT_ONCE = "two_waits_at_once/one_task_at_a_time_broken"
ASKED = ["/bread: asking", "/cakes: asking"]
PAGES = [*ASKED, "/bread: 200, it is there", "/cakes: 200, it is there"]


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """The last program of the page after a reader's changes."""
    path = HERE / "two_pages_at_once.py"
    text = path.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    copy = folder / path.name
    copy.write_text(text, "utf-8")
    return copy


def timed(program: ModuleType) -> float:
    """How long `main` of a program takes."""

    async def main() -> float:
        start = time.perf_counter()
        await program.main()
        return time.perf_counter() - start

    return virtual_clock.run(main())


def trace_of(load: Load, id: str) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The lanes of a program's picture, and its events in their order."""
    program = load(id)
    path = str(EXAMPLES / f"{id}.py")
    with virtual_clock.VirtualClock(), Recorder(path) as recorder:
        asyncio.run(program.main())
    trace = recorder.trace()
    lanes = {
        "main" if task["call"] == "main()" else task["name"]: who
        for who, task in trace["tasks"].items()
        if task["shown"]
    }
    return lanes, trace["events"]


def first(events: list[dict[str, Any]], kind: str, who: str) -> dict[str, Any]:
    """The first event of a kind in the lane of a task."""
    return next(e for e in events if e["ev"] == kind and e["who"] == who)


def test_the_last_program(load: Load, capsys: Captured) -> None:
    """`/cakes: asking` does not appear before `/bread` is over."""
    assert timed(load("first_coroutine/check_a_page_fixed")) == pytest.approx(
        2, abs=0.01
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines.index("/cakes: asking") > lines.index("/bread: 200, it is there")


def test_nothing_gained(load: Load, capsys: Captured) -> None:
    """Two seconds, as before."""
    assert timed(load(AT_ONCE)) == pytest.approx(2, abs=0.01)
    assert capsys.readouterr().out.splitlines()[-1] == "checked in 2 s"


def test_a_lane_for_each_task(load: Load) -> None:
    """There are three lanes now, since each task has its own, and `asyncio.run` makes a task of `main()`, too."""
    lanes, _ = trace_of(load, AT_ONCE)
    assert [*lanes] == ["main", "bread", "cakes"]

    async def me() -> bool:
        return isinstance(asyncio.current_task(), asyncio.Task)

    assert asyncio.run(me())


def test_it_waits_alone(load: Load) -> None:
    """The lane of `cakes` begins where that of `bread` has ended: `main` made the first task and waited for it at once, and had not yet come to the line that makes the second."""
    lanes, events = trace_of(load, AT_ONCE)
    made = first(events, "create", lanes["cakes"])
    assert made["by"] == lanes["main"]
    assert made["t"] > first(events, "end", lanes["bread"])["t"]
    wait = first(events, "wait", lanes["main"])
    assert (wait["on"], wait["t"] < made["t"]) == ([lanes["bread"]], True)


def test_both_are_asked_for(load: Load, capsys: Captured) -> None:
    """Both pages are asked for before either has answered, and in the picture the two long waits lie one above the other."""
    assert timed(load(LATER)) == pytest.approx(1, abs=0.01)
    assert capsys.readouterr().out.splitlines() == [*PAGES, "checked in 1 s"]
    lanes, events = trace_of(load, LATER)
    waits = [first(events, "wait", lanes[name]) for name in ("bread", "cakes")]
    assert max(w["t"] for w in waits) < min(w["until"] for w in waits)


def test_create_task_returns_at_once(load: Load) -> None:
    """`create_task` returns at once, and neither task has run a line yet."""
    lanes, events = trace_of(load, LATER)
    begun = first(events, "run", lanes["main"])["t"]
    paused = first(events, "wait", lanes["main"])["t"]
    for name in ("bread", "cakes"):
        assert begun < first(events, "create", lanes[name])["t"] < paused
        assert paused < first(events, "run", lanes[name])["t"]


def test_ready(load: Load) -> None:
    """Their lanes begin with a dotted box: the task is **ready**, and waits for its turn."""
    lanes, events = trace_of(load, LATER)
    for name in ("bread", "cakes"):
        own = [e["ev"] for e in events if e["who"] == lanes[name]]
        assert own[:3] == ["create", "ready", "run"]


def test_whose_turn_it_is() -> None:
    """The event loop gives it to the task that has been ready for longest."""
    turns: list[int] = []

    async def work(number: int) -> None:
        turns.append(number)
        await asyncio.sleep(0)
        turns.append(number)

    async def main() -> None:
        tasks = [asyncio.create_task(work(number)) for number in range(5)]
        await asyncio.wait(tasks)

    asyncio.run(main())
    assert turns == [*range(5), *range(5)]


def test_all_three_wait(load: Load) -> None:
    """Now all three wait, and the thread is idle."""
    lanes, events = trace_of(load, LATER)
    (idle,) = [e for e in events if e["ev"] == "idle"]
    assert idle["dur"] == pytest.approx(1_000_000, abs=10_000)
    for lane in lanes.values():
        before = [e["ev"] for e in events if e["who"] == lane and e["t"] <= idle["t"]]
        assert before[-1] == "wait"


def test_who_wakes_main(load: Load) -> None:
    """`bread` prints and returns, and so `main`, which waited for it, is ready again."""
    lanes, events = trace_of(load, LATER)
    woken = [e for e in events if e["ev"] == "ready" and e["who"] == lanes["main"]]
    assert woken[-1]["by"] == lanes["bread"]


def test_cakes_go_first(load: Load) -> None:
    """But `cakes` was ready before `main` was, and goes first."""
    lanes, events = trace_of(load, LATER)
    ready, run_again = (
        {
            name: [e for e in events if e["ev"] == kind and e["who"] == who][-1]["t"]
            for name, who in lanes.items()
        }
        for kind in ("ready", "run")
    )
    assert ready["cakes"] < ready["main"]
    assert run_again["bread"] < run_again["cakes"] < run_again["main"]


def test_a_task_that_is_done() -> None:
    """That task is done, and an `await` of a task that is done does not wait."""
    turns: list[str] = []

    async def work(name: str) -> None:
        turns.append(name)

    async def main() -> None:
        done = asyncio.create_task(work("done"))
        await asyncio.wait([done])
        other = asyncio.create_task(work("other"))
        await done
        turns.append("main")
        await other

    asyncio.run(main())
    assert turns == ["done", "main", "other"]


@pytest.mark.parametrize(("seconds", "waits"), [(1, 1), (3, 2)])
def test_the_rest_of_it(
    seconds: int, waits: int, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Had `cakes` needed longer, `main` would wait for the rest of it."""
    program = load(LATER)

    async def check(page: str) -> None:
        await asyncio.sleep(1 if page == "/bread" else seconds)

    monkeypatch.setattr(program, "check", check)
    path = str(HERE / "two_pages_at_once.py")
    with virtual_clock.VirtualClock(), Recorder(path) as recorder:
        asyncio.run(program.main())
    events = recorder.trace()["events"]
    assert sum(e["ev"] == "wait" and e["kind"] == "tasks" for e in events) == waits
    assert events[-1]["t"] == pytest.approx(seconds * 1_000_000, abs=10_000)


def test_the_thread_for_itself() -> None:
    """Between two such places a task has the thread for itself."""
    turns: list[str] = []

    async def work(name: str) -> None:
        for _ in range(2):
            for _ in range(1000):
                turns.append(name)
            await asyncio.sleep(0)

    async def main() -> None:
        tasks = [asyncio.create_task(work(name)) for name in ("bread", "cakes")]
        for task in tasks:
            await task

    asyncio.run(main())
    assert turns == (["bread"] * 1000 + ["cakes"] * 1000) * 2


def test_one_thread(tmp_path: Path) -> None:
    """Import `threading`, and print `threading.current_thread().name` in `check` and in `main`: all three lines say `MainThread`."""
    assert threading.current_thread().name == "MainThread"
    ask = "print(threading.current_thread().name)\n    "
    done = run(
        changed(
            tmp_path,
            ("import time", "import threading\nimport time"),
            ("await asyncio.sleep", f"{ask}await asyncio.sleep"),
            ("await bread", f"{ask}await bread"),
        )
    )
    assert done.stdout.splitlines().count("MainThread") == 3


def test_computing(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """If `check` computed for a second instead of waiting, two tasks would take two seconds."""
    program = load(LATER)

    async def compute(page: str) -> None:
        time.sleep(1)  # as a computation, it keeps the thread

    monkeypatch.setattr(program, "check", compute)
    assert timed(program) == pytest.approx(2, abs=0.01)


def test_nobody_needs_to_await_it(tmp_path: Path) -> None:
    """nobody waits for `bread` or `cakes`, and both pages are checked all the same."""
    done = run_strictly(
        changed(
            tmp_path,
            ("    await bread  # main waits; both tasks begin\n", ""),
            ("await cakes", "await asyncio.sleep(2)"),
        )
    )
    assert done == Run("\n".join([*PAGES, "checked in 2 s", ""]), "", 0)


def test_change_1(tmp_path: Path) -> None:
    """Neither changes. Both tasks run while `main` waits, whichever of them it waits for first, and they begin in the order in which they were made."""
    done = run_strictly(
        changed(
            tmp_path,
            ("await bread ", "await tart "),
            ("await cakes", "await bread"),
            ("await tart ", "await cakes "),
        )
    )
    assert done == Run("\n".join([*PAGES, "checked in 1 s", ""]), "", 0)


def test_change_2(tmp_path: Path) -> None:
    """`checked in 0 s`, then the two lines with `asking`, and no result. `main` never had to wait, so it kept the thread until it returned. Both tasks were ready, and each had one turn. Then `asyncio.run`, whose `main` was over, cancelled them in the middle of their waits."""
    path = changed(
        tmp_path,
        ("    await bread  # main waits; both tasks begin\n", ""),
        ("    await cakes\n", ""),
    )
    lines = ["checked in 0 s", *ASKED]
    assert run_strictly(path) == Run("\n".join([*lines, ""]), "", 0)
    end = "except BaseException as error:\n        print(repr(error))\n        raise\n"
    text = path.read_text("utf-8")
    sleep = "    await asyncio.sleep(1)  # others run while it waits\n"
    assert text.count(sleep) == 1
    path.write_text(text.replace(sleep, f"    try:\n    {sleep}    {end}"), "utf-8")
    lines += ["CancelledError()"] * 2
    assert run_strictly(path) == Run("\n".join([*lines, ""]), "", 0)


def test_change_3(tmp_path: Path) -> None:
    """It is the first line. The tasks are ready by then, and `main` still has the thread."""
    told = "main: made two tasks"
    path = changed(tmp_path, ("await bread", f'print("{told}")\n    await bread'))
    assert run_strictly(path).stdout.splitlines() == [told, *PAGES, "checked in 1 s"]
