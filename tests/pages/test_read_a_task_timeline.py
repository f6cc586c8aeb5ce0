"""The claims of `how-to/read-a-task-timeline.md`."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from draw_timeline import figure
from programs import EXAMPLES
from record_timeline import Recorder

Trace = dict[str, Any]
Load = Callable[[str], ModuleType]
FOLDER = EXAMPLES / "read_a_task_timeline"
SECOND = 1_000_000  # the unit of a trace is a microsecond


@pytest.fixture
def record(load: Load) -> Callable[[str], Trace]:
    """Record a program of the page on the virtual clock."""

    def record(name: str) -> Trace:
        program = load(f"read_a_task_timeline/{name}")
        path = FOLDER / f"{name}.py"
        with virtual_clock.VirtualClock(), Recorder(str(path)) as recorder:
            asyncio.run(program.main())
        return recorder.trace()

    return record


def shown(trace: Trace) -> dict[str, str]:
    """The id of each lane's task, by its name; `main` has none of its own."""
    return {
        "main" if task["call"] == "main()" else task["name"]: id
        for id, task in trace["tasks"].items()
        if task["shown"]
    }


def told(trace: Trace, kind: str, name: str) -> list[dict[str, Any]]:
    """The events of one kind in the lane of a task."""
    who = shown(trace)[name]
    return [e for e in trace["events"] if e["ev"] == kind and e["who"] == who]


def steps(trace: Trace) -> list[tuple[int, int, str]]:
    """The start, the end and the task of each step."""
    found = []
    begun: dict[str, int] = {}
    for event in trace["events"]:
        who = event["who"]
        if who not in trace["tasks"]:
            continue  # a thread's
        if event["ev"] == "run":
            begun[who] = event["t"]
        elif event["ev"] in {"wait", "pause", "end"}:
            found.append((begun.pop(who), event["t"], who))
    return sorted(found)


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.rglob("*.trace.json")), ids=lambda path: path.name[:-11]
)
def test_one_at_a_time(path: Path) -> None:
    """No two tasks have them, in any picture on this site: one thread runs one task at a time."""
    found = steps(json.loads(path.read_text("utf-8")))
    assert found
    for (_, end, _), (start, _, _) in itertools.pairwise(found):
        assert end <= start


def test_a_task_that_waits(
    record: Callable[[str], Trace], capsys: pytest.CaptureFixture[str]
) -> None:
    """`asyncio.run` makes a task of `main()`, and the coroutine `cook` that `main` awaits runs as a part of it."""
    trace = record("one_task_waits")
    (lane,) = shown(trace).values()
    assert trace["tasks"][lane]["call"] == "main()"
    (wait,) = told(trace, "wait", "main")
    assert (wait["stack"][-1][0], wait["label"]) == ("cook", "sleep(1)")
    source = (FOLDER / "one_task_waits.py").read_text("utf-8").splitlines()
    assert "await asyncio.sleep" in source[wait["line"] - 1]
    assert told(trace, "end", "main")[0]["how"] == "returned"
    idle = [e["dur"] for e in trace["events"] if e["ev"] == "idle"]
    assert sum(idle) == pytest.approx(SECOND, abs=1000)


def test_where_a_step_ends(record: Callable[[str], Trace]) -> None:
    """The number in it says at which line of the program the step ended, and that is where it has to wait: at an `await`, or at the edge of an `async with`. (The last step of a task has none.)"""
    trace = record("two_tasks_wait")
    source = (FOLDER / "two_tasks_wait.py").read_text("utf-8").splitlines()
    waits = {name: told(trace, "wait", name) for name in shown(trace)}
    lines = {name: [e["line"] for e in found] for name, found in waits.items()}
    words = {name: source[line - 1].strip() for name, (line,) in lines.items()}
    assert words["main"].startswith("async with ")
    assert words["rice"] == words["soup"] == "await asyncio.sleep(seconds)"
    assert {name: len(told(trace, "run", name)) for name in shown(trace)} == {
        "main": 2,
        "rice": 2,
        "soup": 2,
    }
    numbers = re.findall(r'class="stop[^"]*"[^>]*>(\d+)<', figure(trace))
    assert sorted(map(int, numbers)) == sorted(n for (n,) in lines.values())


def test_two_tasks(record: Callable[[str], Trace]) -> None:
    """Rice has its turn when `main` gives the thread back, and soup when rice does."""
    trace = record("two_tasks_wait")
    lanes = shown(trace)
    assert [*lanes] == ["main", "rice", "soup"]
    order = [who for _, _, who in steps(trace) if who in lanes.values()]
    assert order[:3] == [*lanes.values()]


def test_it_hangs_on_its_creator(record: Callable[[str], Trace]) -> None:
    """Each new lane hangs on a thin line from the step that created it, and begins with a **dotted box**: the task is ready, and waits for its turn."""
    trace = record("two_tasks_wait")
    for name in ("rice", "soup"):
        (created,) = told(trace, "create", name)
        assert created["by"] == shown(trace)["main"]
        ready, run = told(trace, "ready", name)[0], told(trace, "run", name)[0]
        assert created["t"] <= ready["t"] < run["t"]


def test_the_longest_wait(record: Callable[[str], Trace]) -> None:
    """Two waits of one and two seconds are over after two."""
    trace = record("two_tasks_wait")
    end = told(trace, "end", "main")[0]["t"]
    assert end == pytest.approx(2 * SECOND, abs=20_000)


def test_who_woke_main(record: Callable[[str], Trace]) -> None:
    """Soup is the last to return, and that is what `main` has been waiting for since its first step."""
    trace = record("two_tasks_wait")
    assert told(trace, "ready", "main")[-1]["by"] == shown(trace)["soup"]
    (wait,) = told(trace, "wait", "main")
    assert [trace["tasks"][who]["name"] for who in wait["on"]] == ["rice", "soup"]


def test_who_waits_for_whom(record: Callable[[str], Trace]) -> None:
    """The arrow that ends it comes from rice, from the step that gives the lock back."""
    trace = record("one_waits_for_the_other")
    assert told(trace, "end", "main")[0]["t"] == pytest.approx(3 * SECOND, abs=20_000)
    wait = told(trace, "wait", "soup")[0]
    assert wait["label"] == "stove.acquire()"
    woken = next(e for e in told(trace, "ready", "soup") if e["t"] > wait["t"])
    assert woken["by"] == shown(trace)["rice"]
    start, end, _ = [s for s in steps(trace) if s[2] == shown(trace)["rice"]][-1]
    assert start <= woken["t"] <= end


def test_no_arrow(record: Callable[[str], Trace]) -> None:
    """A wait that no arrow ends was ended by something without a lane, such as the clock or the network."""
    trace = record("one_waits_for_the_other")
    arrows = re.findall('class="woke [^"]*"', figure(trace))
    assert len(arrows) == 3  # rice wakes soup, soup wakes main; one in the legend
    lanes = {*shown(trace).values()}
    woken = {name: told(trace, "ready", name)[1:] for name in shown(trace)}
    by = {name: [e["by"] for e in found] for name, found in woken.items()}
    assert by["rice"] == ["timer"]
    assert by["soup"] == [shown(trace)["rice"], "timer"]
    assert by["main"] == [shown(trace)["soup"]]
    assert "timer" not in lanes


@pytest.mark.parametrize(("seconds", "blocks"), [(0.019, False), (0.021, True)])
def test_who_blocks(
    seconds: float, blocks: bool, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """**Red** is a step that kept the thread for more than 20 milliseconds, with the line that did it."""
    program = load("read_a_task_timeline/one_blocks_them_all_broken")
    path = FOLDER / "one_blocks_them_all_broken.py"
    source = path.read_text("utf-8").splitlines()
    clock = ModuleType("time")
    vars(clock)["sleep"] = lambda _: time.sleep(seconds)
    monkeypatch.setattr(program, "time", clock)
    with virtual_clock.VirtualClock(), Recorder(str(path)) as recorder:
        asyncio.run(program.slice_bread())
    assert ("blocks the loop" in figure(recorder.trace())) is blocks
    if blocks:  # in real time, in which Python 3.11 looks for the line
        vars(clock)["sleep"] = lambda _: time.sleep(0.1)
        with Recorder(str(path)) as recorder:
            asyncio.run(program.slice_bread())
        found = re.search(r"blocks the loop, line (\d+)", figure(recorder.trace()))
        assert found
        assert source[int(found[1]) - 1].lstrip().startswith("time.sleep(1)")


def test_overdue(load: Load) -> None:
    """The rice was done after a second; its wait turns into **upright bars**, which means overdue: its time has come, and the thread is not free."""
    program = load("read_a_task_timeline/one_blocks_them_all_broken")
    path = FOLDER / "one_blocks_them_all_broken.py"
    with Recorder(str(path)) as recorder:
        asyncio.run(program.main())
    trace = recorder.trace()
    (due,) = [e["until"] for e in told(trace, "wait", "rice")]
    again = told(trace, "run", "rice")[-1]["t"]
    assert again - due > 0.4 * SECOND
    block = max(steps(trace), key=lambda step: step[1] - step[0])
    assert block[2] == shown(trace)["bread"]
    assert block[0] < due < block[1] <= again


def test_how_it_ended(record: Callable[[str], Trace]) -> None:
    """The mark at the end of a lane says how the task ended: a tick for returned, a cross with the name of the exception for raised, a stroke for cancelled."""
    trace = record("one_ends_the_others")
    ends = {name: told(trace, "end", name)[0] for name in shown(trace)}
    assert {name: end["how"] for name, end in ends.items()} == {
        "main": "returned",
        "rice": "returned",
        "soup": "cancelled",
        "bread": "raised",
    }
    assert "ValueError" in figure(trace)


def test_cancel(record: Callable[[str], Trace]) -> None:
    """When bread fails, the group cancels soup, which is still waiting, and also interrupts `main`, which waits inside of the group."""
    trace = record("one_ends_the_others")
    cancelled = [e for e in trace["events"] if e["ev"] == "cancel"]
    lanes = shown(trace)
    assert [e["who"] for e in cancelled] == [lanes["soup"], lanes["main"]]
    assert {e["by"] for e in cancelled} == {lanes["bread"]}
