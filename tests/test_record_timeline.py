"""The claims of examples/tools/record_timeline.py.

The scripts in battery/ use every way to wait. TIMELINE_RUNS=50 repeats
their recordings on the virtual clock so often.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import dataclasses
import functools
import gc
import itertools
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
import weakref
from asyncio import events
from collections import defaultdict
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

import record_timeline
import virtual_clock
from programs import EXAMPLES
from record_timeline import Recorder
from running import Run, environment, minor
from stories import Trace, story

RECORDER = EXAMPLES / "tools" / "record_timeline.py"
BATTERY = Path(__file__).with_name("battery")
STORIES = BATTERY / "stories.txt"
SCRIPTS = sorted(p.stem for p in BATTERY.glob("[a-z]*.py"))
NEEDS = {"eager": 12, "eager_turn": 12, "eager_start": 14}  # Python 3.…

# Real sockets, threads and processes take real time on any clock.
REAL = {
    "executor",
    "loop_in_thread",
    "prints",
    "process_pool",
    "streams",
    "subprocess_run",
    "to_thread",
}
VIRTUAL = [script for script in SCRIPTS if script not in REAL]

EACH = pytest.mark.parametrize("script", SCRIPTS)
EACH_VIRTUAL = pytest.mark.parametrize("script", VIRTUAL)

BLOCKING = 20_000  # microseconds
SLACK = 12  # microseconds by which the export may move an event
NEXT = {
    None: {"create"},
    "create": {"ready", "run"},
    "ready": {"run"},
    "run": {"wait", "end", "pause"},
    "pause": {"run"},
    "wait": {"ready"},
    "end": set[str](),
    "lost": set[str](),
}
KINDS = {
    "sleep": "sleep",
    "lock": "lock",
    "semaphore": "limit",
    "event": "event|start",
    "condition": "changed",
    "barrier": "barrier",
    "queue": "queue|jobs",
    "tasks": "gather|group|wait|task|next_one|saving|shield|await (a, await )?",
    "socket": "server|reader|writer|connection|process",
    "thread": "to_thread|run_in_executor|gather",
    "process": "process|pool|create_subprocess",
    "future": "future",
    "yield": "sleep|server",
}


def call(*command: object, cwd: Path | None = None) -> Run:
    """Run a command, and say what it printed."""
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        env=environment(),
        cwd=cwd,
    )
    return Run(done.stdout, done.stderr, done.returncode)


def skip_if_too_old(script: str, python: str) -> None:
    """Skip where this Python has not what the script shows."""
    if minor(python) < NEEDS.get(script, 0):
        pytest.skip(f"{script} needs Python 3.{NEEDS[script]}: use --every-python")


@functools.cache
def record(script: str, python: str) -> tuple[Run, Trace]:
    """Record a script of the battery; what it printed, and the trace."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "trace.json")
        path = BATTERY / f"{script}.py"
        run = call(python, RECORDER, "--json", out, path, "argument", cwd=Path(folder))
        return run, json.loads(out.read_bytes())


def stories(script: str, version: int) -> list[str]:
    """The story that stories.txt has of a script, on Python 3.`version`."""
    parts = re.split(r"(?m)^# (.+)\n", STORIES.read_text("utf-8"))
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert {title.split()[0] for title in found} == set(SCRIPTS)
    text = found.get(f"{script} 3.{version}", found.get(script))
    assert text is not None, f"stories.txt tells nothing of {script} on 3.{version}"
    return text.splitlines()


def as_expected(told: list[str], expected: list[str]) -> bool:
    """Whether a story is the expected one; * in it stands for anything."""
    patterns = [".*".join(map(re.escape, line.split("*"))) for line in expected]
    return len(told) == len(expected) and all(map(re.fullmatch, patterns, told))


def contradictions(trace: Trace) -> list[str]:
    """What in a trace cannot be true of any asyncio program."""
    bad: list[str] = []
    tasks, happened = trace["tasks"], trace["events"]
    state: dict[str, Any] = dict.fromkeys(tasks)
    waits: dict[str, Any] = {}
    cancelled: set[str] = set()
    holders: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    begun: dict[str, int] = {}
    slow: dict[str, Any] = {}
    last = 0
    for e in happened:
        who, ev, t = e["who"], e["ev"], e["t"]
        if t < last:
            bad.append(f"time runs back: {e}")
        last = t
        by = e.get("by")
        if ev in ("create", "ready", "call", "cancel") and not known(by, tasks):
            bad.append(f"nobody did this: {e}")
        caused = ev in ("create", "ready") and e["line"] and by in tasks
        if caused and state[by] != "run":
            bad.append(f"{by} did this, but did not run: {e}")
        if ev == "print" and who in tasks and state[who] != "run":
            bad.append(f"printed without running: {e}")
        if who in ("loop",) or who.startswith("loop "):
            if ev in ("call", "idle"):
                holders[who].append((t, t + e["dur"], e.get("label", "idle")))
            continue
        if who not in tasks or ev == "print":
            continue
        if ev == "cancel":
            cancelled.add(who)
            continue
        if ev != "lost" and ev not in NEXT[state[who]]:
            bad.append(f"{who} comes from {state[who]} to {e}")
        if ev == "lost" and state[who] in ("end", "lost"):
            bad.append(f"{who} is lost after its end: {e}")
        if ev == "run":
            begun[who], slow[who] = t, e.get("slow")
        if state[who] == "run" and ev in ("wait", "pause", "end"):
            holders[tasks[who]["loop"]].append((begun[who], t, who))
            blocks = t - begun[who] > BLOCKING and tasks[who]["shown"]
            if blocks and slow[who] is None:
                bad.append(f"{who} ran {t - begun[who]} us; blames line {slow[who]}")
        if ev == "wait":
            waits[who] = e
            bad += wrong_wait(e, trace)
        if ev == "ready" and state[who] == "wait":
            bad += wrong_wake(waits[who], e, tasks)
        if e.get("with") == "CancelledError":
            cancelled.add(who)
        if ev == "end":
            bad += wrong_end(e, who in cancelled)
        state[who] = ev
    bad += [f"{w} stops at {s}" for w, s in state.items() if s not in ("end", "lost")]
    for loop, spans in holders.items():
        spans.sort()
        wall = max(end for _, end, _ in spans) - spans[0][0]
        rest = wall - sum(end - begin for begin, end, _ in spans)
        if rest < -SLACK * len(spans):
            bad.append(f"{loop}: parts are {-rest} us longer than the whole")
        for one, two in itertools.pairwise(spans):
            if two[0] < one[1] - SLACK:
                bad.append(f"{loop}: two at once: {one} {two}")
    return bad


def known(by: Any, tasks: dict[str, Any]) -> bool:
    """Is this one of those who can do something?"""
    others = ("main", "loop", "timer", "timeout", "socket")
    return by in tasks or by in others or str(by).startswith(("thread ", "loop "))


def wrong_wait(e: dict[str, Any], trace: Trace) -> list[str]:
    """What is wrong with a wait: its line, its label."""
    if not trace["tasks"][e["who"]]["shown"] or not e["stack"]:
        return []
    if e["line"] != e["stack"][-1][1]:
        return [f"line and stack differ: {e}"]
    lines = (BATTERY / trace["script"]).read_text("utf-8").splitlines()
    code = " ".join(lines[e["line"] - 1 : e["line"] + 1])
    if not re.search(r"\bawait\b|\basync (with|for)\b", code):
        return [f"nobody waits in {code!r}: {e}"]
    if not re.search(KINDS[e["kind"]], code):
        return [f"{e['kind']} is not in {code!r}: {e}"]
    return []


def wrong_wake(wait: dict[str, Any], e: dict[str, Any], tasks: Any) -> list[str]:
    """What is wrong with the end of a wait: who caused it, and when."""
    by, on = e["by"], wait.get("on", ())
    if "with" in e:
        return []
    if wait["kind"] == "sleep" and (by != "timer" or e["t"] < wait["until"] - 1500):
        return [f"a sleep ends early, or by {by}: {wait} {e}"]
    if wait["kind"] == "yield" and by != e["who"]:
        return [f"its turn was given by another: {e}"]
    if on and by not in on and by not in ("timeout", "timer"):
        return [f"waits for {on}, woken by {by}: {e}"]
    if wait["kind"] == "thread" and not by.startswith("thread "):
        return [f"waits for a thread, woken by {by}: {e}"]
    return []


def wrong_end(e: dict[str, Any], cancelled: bool) -> list[str]:
    """What is wrong with the end of a task."""
    if e["how"] == "cancelled" and not cancelled:
        return [f"cancelled by nobody: {e}"]
    if e["how"] == "raised" and not re.match(r"\w+\(.*\)$", e["detail"]):
        return [f"raised what? {e}"]
    return []


@EACH
def test_a_script_does_not_notice(script: str, python: str) -> None:
    """Recording changes neither output, errors, tracebacks nor exit status.

    A busy machine may change an order, so it has three tries.
    """
    skip_if_too_old(script, python)
    for more in (2, 1, 0):
        plain = call(python, BATTERY / f"{script}.py", "argument")
        if record(script, python)[0] == plain or not more:
            break
        record.cache_clear()
    assert record(script, python)[0] == plain


@EACH
def test_a_trace_does_not_contradict_itself(script: str, python: str) -> None:
    """What must hold of any trace holds of this one.

    At no instant do two tasks run on one loop. A task's states follow one
    another without gap or overlap, from creation to end. Running, callbacks
    and idle add up to the wall time, less a rest. Each wait names the right
    thing and line, each wake-up its cause, each long step the line that
    blocks. What is printed stands where its task runs.
    """
    skip_if_too_old(script, python)
    trace = record(script, python)[1]
    assert trace["complete"]
    bad = contradictions(trace)
    # What a busy machine stops has no line; the virtual clock knows better.
    assert [one for one in bad if "blames line None" not in one] == []


@EACH
def test_a_trace_tells_what_happened(script: str, python: str) -> None:
    """Each task waits for what, wakes by whom and ends how stories.txt says.

    A busy machine may change an order, so it has three tries; on the
    virtual clock there is but one.
    """
    skip_if_too_old(script, python)
    expected = stories(script, minor(python))
    for more in (2, 1, 0):
        told = story(record(script, python)[1])
        if as_expected(told, expected) or not more:
            break
        record.cache_clear()
    assert as_expected(told, expected), "\n".join(["told:", *told])


def test_the_battery_uses_each_kind_of_wait(python: str) -> None:
    """Each kind of wait that the recorder knows occurs in some script."""
    seen = set()
    for script in SCRIPTS:
        if minor(python) >= NEEDS.get(script, 0):
            events_ = record(script, python)[1]["events"]
            seen |= {e["kind"] for e in events_ if e["ev"] == "wait"}
    assert seen >= set(KINDS)
    assert set(record_timeline.KINDS.values()) <= set(KINDS)


@pytest.mark.parametrize(
    ("script", "call", "blocks"),
    [
        ("blocking", "report()", "parse()"),
        ("blocking_last", "ends()", "time.sleep(0.06)"),
        ("blocking_last", "begins()", "time.sleep(0.05)"),
    ],
)
def test_the_line_that_blocks_is_named(
    script: str, call: str, blocks: str, python: str
) -> None:
    """Of a step of 50 ms, the line of the coroutine that called what blocks."""
    trace = record(script, python)[1]
    [who] = [w for w, t in trace["tasks"].items() if t["call"] == call]
    begun, steps = {}, []
    for e in trace["events"]:
        if e["who"] == who and e["ev"] == "run":
            begun = e
        elif e["who"] == who and e["ev"] in ("wait", "end"):
            steps.append((e["t"] - begun["t"], begun.get("slow", 0)))
    lines = (BATTERY / f"{script}.py").read_text("utf-8").splitlines()
    assert lines[max(steps)[1] - 1].strip() == blocks


def test_a_callback_of_the_script_has_its_line(python: str) -> None:
    """So the picture can tell it from those of asyncio, which have none."""
    trace = record("callbacks", python)[1]
    calls = [e for e in trace["events"] if e["ev"] == "call"]
    lines = (BATTERY / "callbacks.py").read_text("utf-8").splitlines()
    named = {e["label"]: lines[e["line"] - 1] for e in calls if "line" in e}
    assert named == {"done": "def done(future, text):"}
    assert len(calls) > 1


@functools.cache
def virtually(python: str, number: int) -> dict[str, tuple[bytes, Any]]:
    """Record the battery on the virtual clock: trace, and what a witness saw.

    number: which of many equal recordings this is.
    """
    chosen = [s for s in VIRTUAL if minor(python) >= NEEDS.get(s, 0)]
    with tempfile.TemporaryDirectory() as folder:
        paths = [BATTERY / f"{script}.py" for script in chosen]
        done = call(python, BATTERY / "_record_all.py", folder, *paths)
        assert done == Run("", "", 0), number
        return {
            script: (
                Path(folder, f"{script}.json").read_bytes(),
                json.loads(Path(folder, f"{script}.seen.json").read_bytes()),
            )
            for script in chosen
        }


@pytest.mark.skipif(os.name == "nt", reason="the virtual clock needs Unix")
def test_on_the_virtual_clock_a_trace_is_always_the_same(python: str) -> None:
    """Byte for byte, in processes with other hash seeds and addresses."""
    runs = int(os.environ.get("TIMELINE_RUNS", "3"))
    first = {s: trace for s, (trace, _) in virtually(python, 0).items()}
    assert len(first) >= 30
    for number in range(1, runs):
        again = {s: trace for s, (trace, _) in virtually(python, number).items()}
        virtually.cache_clear()
        assert [s for s in first if first[s] != again[s]] == []


@EACH_VIRTUAL
def test_on_the_virtual_clock_a_script_does_the_same(script: str, python: str) -> None:
    """The virtual clock changes no task's steps, waits and ends.

    And there, where recording takes no time, all but a rest of 20
    microseconds for each step is accounted for.
    """
    skip_if_too_old(script, python)
    trace = json.loads(virtually(python, 0)[script][0])
    bad = contradictions(trace)
    if minor(python) < 12:
        bad = [one for one in bad if "blames line None" not in one]
    assert bad == []
    told = story(trace)
    assert as_expected(told, stories(script, minor(python))), "\n".join(told)
    assert rest(trace) == 0


def rest(trace: Trace) -> int:
    """How many microseconds too much lie between two things that a loop does."""
    spans, begun = [], {}
    for e in trace["events"]:
        if e["ev"] in ("idle", "call"):
            spans.append((e["t"], e["t"] + e["dur"]))
        elif e["ev"] == "run":
            begun[e["who"]] = e["t"]
        elif e["ev"] in ("wait", "pause", "end"):
            spans.append((begun[e["who"]], e["t"]))
    spans.sort()
    gaps = [two[0] - one[1] for one, two in itertools.pairwise(spans)]
    return sum(gap for gap in gaps if gap > 20)


@EACH_VIRTUAL
def test_a_second_witness_agrees(script: str, python: str) -> None:
    """What sys.monitoring sees of the script's coroutines fits the trace.

    Each coroutine starts, stops and ends while its task runs, and a task
    stops at the line that the trace gives. The witness cannot see where a
    cancellation is thrown into a coroutine that awaits another: such a
    wait may lack its PY_YIELD, but never has one at another line.
    """
    skip_if_too_old(script, python)
    if minor(python) < 12:
        pytest.skip("Python 3.11 has no sys.monitoring: use --every-python")
    text, seen = virtually(python, 0)[script]
    trace = json.loads(text)
    steps: list[tuple[int, int, str, Any]] = []
    begun = {}
    for e in trace["events"]:
        if e["ev"] == "run":
            begun[e["who"]] = e["t"]
        elif e["ev"] in ("wait", "pause", "end") and e["who"] in begun:
            line = e["line"] if e["ev"] == "wait" else None
            steps.append((begun[e["who"]], e["t"], e["who"], line))
    inside: dict[int, set[int]] = defaultdict(set)
    for t, what, task, line in seen:
        if task in (None, "None"):
            continue
        holding = [i for i, s in enumerate(steps) if s[0] <= t <= s[1] and s[2] == task]
        assert holding, f"{task} {what} at {t}, line {line}: it does not run"
        if what == "PY_YIELD":
            inside[holding[0]].add(line)
    for index, lines in inside.items():
        assert steps[index][3] is None or steps[index][3] in lines, steps[index]
    if script not in ("no_loop", "cancel_before_first_step"):
        assert inside


def test_the_witness_does_see_something(python: str) -> None:
    """It sees hundreds of events, and most waits."""
    if minor(python) < 12:
        pytest.skip("Python 3.11 has no sys.monitoring: use --every-python")
    seen = [e for _, some in virtually(python, 0).values() for e in some]
    assert len(seen) > 1000
    assert {e[1] for e in seen} >= {"PY_START", "PY_RESUME", "PY_YIELD", "PY_RETURN"}


# The recorder as a library, in this process.


async def ping(give: asyncio.Queue[int], take: asyncio.Queue[int], n: int) -> None:
    """Hand a number back and forth."""
    for i in range(n):
        await give.put(i)
        await take.get()


async def rally(n: int) -> None:
    """Two tasks make n steps each."""
    one, two = asyncio.Queue[int](), asyncio.Queue[int]()
    await two.put(0)
    await asyncio.gather(ping(one, two, n), ping(two, one, n))


def hooks() -> list[Any]:
    """All that the recorder replaces."""
    return [
        asyncio.BaseEventLoop.__init__,
        events._set_running_loop,
        asyncio.BaseEventLoop.create_task,
        record_timeline.executors._WorkItem.run,
        record_timeline.executors._WorkItem.__init__,
        vars(sys.stdout).get("write"),
        vars(sys.stderr).get("write"),
        sys.gettrace(),
    ]


def test_nothing_stays_replaced() -> None:
    """After the with block each hook is gone, also after an error."""
    before = hooks()
    recorder = Recorder()
    with pytest.raises(ZeroDivisionError), recorder:  # noqa: PT012
        assert hooks()[:2] != before[:2]
        asyncio.run(rally(2))
        raise ZeroDivisionError
    assert hooks() == before
    assert recorder.trace()["complete"]


def test_a_loop_that_goes_on_is_left_alone() -> None:
    """Its selector is as it was, and no more is noted of it."""
    loop = asyncio.new_event_loop()
    with Recorder() as recorder:
        loop.run_until_complete(asyncio.sleep(0.001))
    selector = loop._selector  # type: ignore[attr-defined]
    assert "select" not in vars(selector)
    noted = recorder.trace()
    loop.run_until_complete(asyncio.sleep(0.001))
    loop.close()
    assert recorder.trace() == noted
    assert "idle" in {e["ev"] for e in noted["events"]}


def test_a_loop_is_recorded_by_one_recorder_after_another() -> None:
    """Each notes what happens while it records, a task made before, too."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(asyncio.sleep(0.001, "made before"))
    details = []
    for _ in range(2):
        with Recorder() as recorder:
            loop.run_until_complete(task)
        happened = recorder.trace()["events"]
        details.append([e["detail"] for e in happened if e["ev"] == "end"])
        task = loop.create_task(asyncio.sleep(0.001, "made between"))
    loop.run_until_complete(task)
    loop.close()
    assert details == [["'made before'"], ["'made between'"]]


def test_what_runs_in_a_loop_ends_when_the_loop_stops() -> None:
    """The time between two runs belongs to no callback."""
    loop = asyncio.new_event_loop()
    with Recorder() as recorder:
        loop.run_until_complete(asyncio.sleep(0))
        time.sleep(0.2)
        loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    calls = [e for e in recorder.trace()["events"] if e["ev"] == "call"]
    assert calls
    assert max(e["dur"] for e in calls) < 200_000


def test_after_its_limit_the_recorder_takes_its_hooks_away() -> None:
    """And the trace says that it is not complete."""
    before = hooks()
    seen = []

    async def main() -> None:
        await rally(100)
        seen.append(hooks())

    with Recorder(limit=200) as recorder:
        asyncio.run(main())
    trace = recorder.trace()
    assert seen == [before]
    assert trace["complete"] is False
    assert 200 <= len(trace["events"]) < 230
    assert "lost" not in {e["ev"] for e in trace["events"]}


def test_a_recorder_that_fails_lets_the_program_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An error of its own stops the recording, not what is recorded."""

    def fail(*_: object) -> None:
        raise LookupError("a mistake")

    before = hooks()
    for method in ("_scheduled", "_begin", "_end", "_waits", "_written", "_at_line"):
        with monkeypatch.context() as patch:
            patch.setattr(Recorder, method, fail)
            with Recorder() as recorder:
                asyncio.run(rally(3))
                print("printed")
        if method == "_at_line" and sys.version_info < (3, 12):
            continue
        assert recorder.trace()["complete"] is False, method
        assert "a mistake" in recorder.reason
        assert hooks() == before


def test_a_task_that_asyncio_makes_is_told_apart() -> None:
    """A coroutine of asyncio makes tasks that are not the script's.

    What the script itself makes a task of is, whoever wrote the coroutine.
    """

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(
            "localhost", port, happy_eyeballs_delay=0.25
        )
        await reader.read()
        writer.close()
        nap = asyncio.create_task(asyncio.sleep(0.001))
        await asyncio.gather(nap, asyncio.to_thread(len, ""))
        server.close()

    with Recorder() as recorder:
        asyncio.run(main())
    tasks = recorder.trace()["tasks"].values()
    shown = {t["call"].split("(")[0].split(".")[-1] for t in tasks if t["shown"]}
    hidden = {t["call"].split("(")[0].split(".")[-1] for t in tasks if not t["shown"]}
    assert shown == {"main", "serve", "sleep", "to_thread"}
    assert hidden >= {"run_one_coro", "_accept_connection2", "shutdown_asyncgens"}


def recorded(main: Callable[[], Coroutine[Any, Any, object]]) -> list[dict[str, Any]]:
    """What happened in a program of this file."""
    with Recorder(__file__) as recorder:
        asyncio.run(main())
    return recorder.trace()["events"]


def test_who_ran_is_not_ready_any_more() -> None:
    """Who cancels a ready task is known, however many tasks ran before."""

    async def main() -> None:
        many = [asyncio.create_task(asyncio.sleep(0)) for _ in range(40)]
        await asyncio.gather(*many)
        late = asyncio.create_task(asyncio.sleep(0), name="late")
        late.cancel()
        await asyncio.wait([late])

    [cancel] = [e for e in recorded(main) if e["ev"] == "cancel"]
    assert cancel["by"] == "T1"
    if sys.version_info >= (3, 12):
        start = main.__code__.co_firstlineno
        assert cancel["line"] == start + 4


def test_a_task_that_cancels_itself_is_named() -> None:
    """Its cancel() is its own doing, once, whether it then waits or yields."""

    async def main(seconds: float) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(seconds)

    for seconds in (0, 0.001):
        with Recorder() as recorder, contextlib.suppress(asyncio.CancelledError):
            asyncio.run(main(seconds))
        happened = recorder.trace()["events"]
        assert [e["by"] for e in happened if e["ev"] == "cancel"] == ["T1"]
        ready = [e for e in happened if e["ev"] == "ready" and e["who"] == "T1"]
        assert ready[-1]["by"] == "T1"
        assert ("with" in ready[-1]) == (seconds > 0)


def test_who_cancels_a_task_that_yielded_is_known() -> None:
    """A task that made itself ready is among the ready ones."""

    async def yields() -> None:
        for _ in range(9):
            await asyncio.sleep(0)

    async def main() -> None:
        task = asyncio.create_task(yields())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])

    [cancel] = [e for e in recorded(main) if e["ev"] == "cancel"]
    assert (cancel["who"], cancel["by"]) == ("T2", "T1")


def test_in_a_crowd_a_cancel_is_seen_at_its_turn() -> None:
    """With too many to look at, nobody is named, but the cancel is there."""

    async def main() -> None:
        many = [asyncio.create_task(asyncio.sleep(0)) for _ in range(40)]
        many[7].cancel()
        await asyncio.wait(many)

    [cancel] = [e for e in recorded(main) if e["ev"] == "cancel"]
    assert (cancel["who"], cancel["by"]) == ("T9", None)


def test_a_sleep_that_is_over_at_once_says_how_long() -> None:
    """Whether its time is typed in or computed, and each time anew."""

    async def main() -> None:
        await asyncio.sleep(0)
        for seconds in (0, -1):
            await asyncio.sleep(seconds)

    waits = [e for e in recorded(main) if e["ev"] == "wait" and e["who"] == "T1"]
    assert [e["label"] for e in waits] == ["sleep(0)", "sleep(0)", "sleep(-1)"]


def test_a_sleep_of_a_library_has_the_name_of_the_library(tmp_path: Path) -> None:
    """The script called that, and not sleep()."""
    (tmp_path / "library.py").write_text(
        "import asyncio\n"
        "async def naps(seconds):\n"
        "    for one in seconds:\n"
        "        await asyncio.sleep(one)\n"
    )
    naps = runpy.run_path(str(tmp_path / "library.py"))["naps"]

    async def main() -> None:
        await naps([0, 0.001])

    waits = [e for e in recorded(main) if e["ev"] == "wait" and e["who"] == "T1"]
    assert {e["label"] for e in waits} == {"naps()"}


def test_a_callback_that_is_cancelled_does_not_run() -> None:
    """It is taken out of the queue, and nothing comes of it."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(len, "").cancel()
        loop.call_soon(abs, 1)
        await asyncio.sleep(0)

    calls = {e["label"] for e in recorded(main) if e["ev"] == "call"}
    assert "abs" in calls
    assert not {"len", "NoneType"} & calls


def test_one_line_can_wait_for_different_things() -> None:
    """What is awaited counts, and not only where."""

    async def gives(future: asyncio.Future[None]) -> None:
        for _ in range(9):
            await asyncio.sleep(0)
        future.set_result(None)

    async def main() -> None:
        future = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(asyncio.sleep(0))
        giver = asyncio.create_task(gives(future))
        for one in (task, future):
            await one
        await giver

    waits = [e for e in recorded(main) if e["ev"] == "wait" and e["who"] == "T1"]
    assert [e["kind"] for e in waits] == ["tasks", "future"]
    assert waits[1]["label"] == "future"


@pytest.mark.skipif(os.name == "nt", reason="the virtual clock needs Unix")
def test_the_longest_line_of_a_long_step_is_named() -> None:
    """Not the last one, not one of a step before, and not the one that waited."""
    if sys.version_info < (3, 12):
        pytest.skip("Python 3.11 has no sys.monitoring")

    async def main() -> None:
        time.sleep(0.05)  # noqa: ASYNC251
        time.sleep(0.01)  # noqa: ASYNC251
        await asyncio.sleep(0.1)
        time.sleep(0.03)  # noqa: ASYNC251
        await asyncio.sleep(0)

    with virtual_clock.VirtualClock():
        happened = recorded(main)
    slow = [e["slow"] for e in happened if "slow" in e]
    start = main.__code__.co_firstlineno
    assert slow == [start + 1, start + 4]


@pytest.mark.skipif(os.name == "nt", reason="the virtual clock needs Unix")
def test_a_callback_goes_on_after_an_eager_task() -> None:
    """It takes the time that it takes, before and after it creates a task."""
    if sys.version_info < (3, 12):
        pytest.skip("Python 3.11 has no eager tasks")
    kept = []

    async def quick() -> None:
        await asyncio.sleep(0)

    def starts() -> None:
        kept.append(asyncio.get_running_loop().create_task(quick()))
        time.sleep(0.05)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        loop.call_soon(starts)
        await asyncio.sleep(0.1)

    with virtual_clock.VirtualClock():
        happened = recorded(main)
    lasts = [e["dur"] for e in happened if e["ev"] == "call" and "starts" in e["label"]]
    assert [round(us, -3) for us in lasts] == [50_000]


def test_a_ready_task_is_not_kept_when_its_loop_stops() -> None:
    """It goes with its loop, as it does when nobody records."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)
    with Recorder():
        task = loop.create_task(asyncio.sleep(0))
        seen = weakref.ref(task)
        loop.call_soon(loop.stop)
        loop.run_forever()
        assert not task.done()
        del task
        loop.close()
        gc.collect()
        assert seen() is None


def test_a_ready_task_is_not_kept_after_the_limit() -> None:
    """Once the recorder has stopped it holds nothing."""
    alive = []

    async def main() -> None:
        tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(20)]
        seen = [weakref.ref(task) for task in tasks]
        await asyncio.wait(tasks)
        tasks.clear()
        gc.collect()
        alive.append(sum(ref() is not None for ref in seen))

    with Recorder(limit=50):
        asyncio.run(main())
    assert alive == [0]


def test_memory_grows_with_the_events() -> None:
    """At most 400 bytes for each, however many there are."""

    def measure(n: int) -> tuple[int, int]:
        gc.collect()
        tracemalloc.start()
        with Recorder(limit=10**9) as recorder:
            asyncio.run(rally(n))
        gc.collect()
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return size, len(recorder.trace()["events"])

    few, many = measure(500), measure(2000)
    per_event = (many[0] - few[0]) / (many[1] - few[1])
    assert 0 < per_event < 400


@pytest.mark.skipif(os.name == "nt", reason="the virtual clock needs Unix")
def test_time_goes_on_when_a_virtual_clock_comes_and_goes() -> None:
    """The times of a trace follow the clock that is in force."""

    async def main(seconds: float) -> None:
        await asyncio.sleep(seconds)

    with Recorder() as recorder:
        asyncio.run(main(0.01))
        virtual_clock.run(main(3600))
        asyncio.run(main(0.01))
    trace = recorder.trace()
    shown = [w for w, task in trace["tasks"].items() if task["shown"]]
    waits = [e for e in trace["events"] if e["ev"] == "wait"]
    lasts = [e["until"] - e["t"] for e in waits if e["who"] in shown]
    ends = [e["t"] for e in trace["events"] if e["ev"] == "end" and e["who"] in shown]
    assert round(lasts[1], -4) == 3_600_000_000
    assert max(lasts[0], lasts[2]) < 1_000_000
    assert ends == sorted(ends)
    assert ends[1] - ends[0] > 3_600_000_000
    assert ends[2] - ends[1] < 1_000_000_000


def test_a_recorder_begins_before_the_loop() -> None:
    """Inside a coroutine it says so, instead of an empty picture."""

    async def main() -> None:
        with Recorder():
            pass

    with pytest.raises(RuntimeError, match="before the event loop runs"):
        asyncio.run(main())


def test_a_script_is_recorded_in_this_process(tmp_path: Path) -> None:
    """record() returns the trace of a script that fails, too."""
    script = tmp_path / "fails.py"
    script.write_text(
        "import asyncio, sys\n"
        "async def main():\n"
        "    await asyncio.sleep(0)\n"
        "    raise ValueError(sys.argv[1])\n"
        "asyncio.run(main())\n"
    )
    before = sys.modules["__main__"], sys.argv, sys.path[0]
    trace = record_timeline.record(str(script), ["why"])
    assert (sys.modules["__main__"], sys.argv, sys.path[0]) == before
    assert trace["error"] == "ValueError('why')"
    assert trace["script"] == "fails.py"
    [end] = [e for e in trace["events"] if e["ev"] == "end" and e["who"] == "T1"]
    assert (end["how"], end["line"]) == ("raised", 4)


def test_lines_are_noted_when_asked_for() -> None:
    """Each line that a step executes, with its time, from Python 3.12 on."""
    if sys.version_info < (3, 12):
        pytest.skip("Python 3.11 has no sys.monitoring")
    with Recorder(lines=True) as recorder:
        asyncio.run(rally(1))
    runs = [e for e in recorder.trace()["events"] if e["ev"] == "run"]
    assert any(len(e.get("lines", ())) > 2 for e in runs)


def test_of_a_long_step_the_first_lines_are_noted() -> None:
    """A loop in a coroutine does not fill the memory."""
    if sys.version_info < (3, 12):
        pytest.skip("Python 3.11 has no sys.monitoring")

    async def main() -> int:
        total = 0
        for i in range(1000):
            total += i
        return total

    with Recorder(lines=True) as recorder:
        asyncio.run(main())
    events_ = recorder.trace()["events"]
    assert max(len(e.get("lines", ())) for e in events_) == 200


@dataclasses.dataclass
class Sly:
    """Counts how often it is looked at."""

    looks: int = 0

    def __repr__(self) -> str:
        self.looks += 1
        return "looked at"


def test_the_recorder_is_not_below_the_script() -> None:
    """No frame of it lies between the loop and a running task."""

    async def main() -> list[str]:
        await asyncio.sleep(0)
        task = asyncio.current_task()
        assert task is not None
        return [frame.f_code.co_filename for frame in task.get_stack()]

    with Recorder():
        files = asyncio.run(main())
    assert __file__ in files
    assert str(RECORDER) not in files


def test_what_a_task_returns_is_not_asked() -> None:
    """No __repr__ of the program runs to describe a result."""

    async def work(sly: Sly) -> list[Sly]:
        await asyncio.sleep(0)
        return [sly]

    async def main() -> None:
        await asyncio.create_task(work(sly))

    sly = Sly()
    with Recorder() as recorder:
        asyncio.run(main())
    ends = [e["detail"] for e in recorder.trace()["events"] if e["ev"] == "end"]
    assert ends[0] == "[<Sly>]"
    assert sly.looks == 0


def test_json_has_one_event_a_line() -> None:
    """So that a change of order can be read in a comparison."""
    with Recorder() as recorder:
        asyncio.run(rally(1))
    trace = recorder.trace()
    text = record_timeline.as_json(trace)
    assert json.loads(text) == json.loads(json.dumps(trace))
    assert len(text.splitlines()) == len(trace["tasks"]) + len(trace["events"]) + 3


# The command line.


def test_a_page_is_written_beside_the_reader(tmp_path: Path) -> None:
    """The current folder gets one page; one line of standard error says so."""
    done = call(sys.executable, RECORDER, BATTERY / "sleep.py", cwd=tmp_path)
    [page] = tmp_path.iterdir()
    assert page.name == "sleep.timeline.html"
    assert done == Run("coffee\ntea\n", f"The timeline is in {page}\n", 0)
    html = page.read_text("utf-8")
    assert "<svg" in html
    assert "brew(" in html
    assert re.findall(r"(?:src|href)=.?(?:https?:)?//", html) == []


def test_parts_are_written_where_asked(tmp_path: Path) -> None:
    """--json, --svg and --table write files, or to standard output for -."""
    options = ("--json", "a.json", "--svg", "a.svg", "--table", "-")
    done = call(sys.executable, RECORDER, *options, BATTERY / "sleep.py", cwd=tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {"a.json", "a.svg"}
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    assert done.stdout.startswith("coffee\ntea\n<")
    assert (done.stderr, done.status) == ("", 0)


def test_a_page_says_that_it_is_not_complete() -> None:
    """The sentence that names the page names the limit, too."""
    code = (
        "import record_timeline as r; r.LIMIT = 50; "
        "r.Recorder.__init__.__kwdefaults__['limit'] = 50; "
        f"r.main(['--json', '-', {str(BATTERY / 'crowd.py')!r}])"
    )
    done = call(sys.executable, "-c", code)
    assert '"complete": false' in done.stdout
    assert "ends after 50 events" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "the following arguments are required: script"),
        (["missing.py"], "cannot read missing.py: No such file or directory"),
        (["."], "cannot read .: Is a directory"),
        (["--json", "no/such/folder", "a.py"], "there is no folder for no/such/folder"),
    ],
)
def test_bad_input_gets_one_sentence(
    arguments: list[str], says: str, tmp_path: Path
) -> None:
    """And a status that is not zero, before anything runs."""
    (tmp_path / "a.py").write_text("print('ran')")
    done = call(sys.executable, RECORDER, *arguments, cwd=tmp_path)
    assert done.stdout == ""
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert done.status != 0


def test_a_syntax_error_is_shown_as_python_shows_it(tmp_path: Path) -> None:
    """Nothing of the recorder stands in its traceback."""
    script = tmp_path / "wrong.py"
    script.write_text("import asyncio\nasync def main(:\n")
    alone = call(sys.executable, script)
    done = call(sys.executable, RECORDER, "--json", tmp_path / "out", script)
    assert done == alone


def test_a_missing_drawing_is_named(tmp_path: Path) -> None:
    """Without draw_timeline.py the recorder still writes JSON."""
    alone = shutil.copy(RECORDER, tmp_path)
    script = BATTERY / "sleep.py"
    done = call(sys.executable, alone, script, cwd=tmp_path)
    assert done.status != 0
    assert done.stdout == ""
    assert "draw_timeline.py" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    done = call(sys.executable, alone, "--json", "out", script, cwd=tmp_path)
    assert (done.stderr, done.status) == ("", 0)


HIDDEN = """
import asyncio

class Loop(asyncio.AbstractEventLoop):
    def run_until_complete(self, coro):
        try:
            coro.send(None)
        except StopIteration:
            print("done")

async def main():
    pass

Loop().run_until_complete(main())
"""


def test_a_loop_that_cannot_be_seen_gets_one_sentence(tmp_path: Path) -> None:
    """Instead of an empty picture; the script's own status stays."""
    script = tmp_path / "hidden.py"
    script.write_text(HIDDEN)
    done = call(sys.executable, RECORDER, script, cwd=tmp_path)
    assert (done.stdout, done.status) == ("done\n", 0)
    assert "__main__.Loop does not show its tasks" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["hidden.py"]


def test_a_forked_child_writes_nothing(tmp_path: Path) -> None:
    """Only the process that the reader started writes a page."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork()")
    script = tmp_path / "forks.py"
    script.write_text(
        "import os\n"
        "if child := os.fork():\n"
        "    os.waitpid(child, 0)\n"
        "    print('parent')\n"
    )
    done = call(sys.executable, RECORDER, "--json", "-", script, cwd=tmp_path)
    assert done.stdout.count('"version"') == 1


def test_the_recorder_needs_the_standard_library_only() -> None:
    """It can be copied alone into any project."""
    tree = ast.parse(RECORDER.read_text("utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    assert names <= sys.stdlib_module_names
