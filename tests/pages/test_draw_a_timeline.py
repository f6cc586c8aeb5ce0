"""The claims of `how-to/draw-a-timeline.md`."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES
from record_timeline import Recorder

Load = Callable[[str], ModuleType]
SCRIPT = EXAMPLES / "draw_a_timeline" / "two_dishes_one_stove.py"
RECORDER = EXAMPLES / "tools" / "record_timeline.py"


@pytest.fixture
def trace(load: Load) -> dict[str, Any]:
    """What was recorded of the page's program, on the virtual clock."""
    program = load("draw_a_timeline/two_dishes_one_stove")
    with virtual_clock.VirtualClock(), Recorder(str(SCRIPT)) as recorder:
        asyncio.run(program.main())
    return recorder.trace()


def named(trace: dict[str, Any], name: str) -> str:
    """The id of the task of that name."""
    (found,) = (id for id, task in trace["tasks"].items() if task["name"] == name)
    return str(found)


def events(trace: dict[str, Any], kind: str, name: str) -> list[dict[str, Any]]:
    """The events of one kind in the lane of a task."""
    who = named(trace, name)
    return [e for e in trace["events"] if e["ev"] == kind and e["who"] == who]


def record(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the recorder from a folder."""
    return subprocess.run(
        [sys.executable, str(RECORDER), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_page(tmp_path: Path) -> None:
    """It prints what the script prints, and writes `two_dishes_one_stove.timeline.html`."""
    done = record(tmp_path, str(SCRIPT))
    assert done.stdout == SCRIPT.with_suffix(".out").read_text("utf-8")
    assert done.returncode == 0
    assert [p.name for p in tmp_path.iterdir()] == [
        "two_dishes_one_stove.timeline.html"
    ]


def test_one_file(tmp_path: Path) -> None:
    """That is one file without a link to anything outside of it: open it in a browser, mail it to a colleague, keep it with the bug report."""
    record(tmp_path, str(SCRIPT))
    (page,) = tmp_path.iterdir()
    text = page.read_text("utf-8")
    assert "<svg" in text
    away = re.findall(
        r"(?:src|href)=[\"']?(?!#|data:)[^\"'> ]+|url\((?!#)[^)]*\)", text
    )
    assert away == []


def test_labels(trace: dict[str, Any]) -> None:
    """The soup waits for `sleep(0.5)`; the rice waits for `stove.acquire()`, the name of the lock in your own source."""
    assert [e["label"] for e in events(trace, "wait", "soup")] == ["sleep(0.5)"]
    assert [e["label"] for e in events(trace, "wait", "rice")] == [
        "stove.acquire()",
        "sleep(0.5)",
    ]


def test_who_woke_whom(trace: dict[str, Any]) -> None:
    """The soup's last step wakes the rice: it gives the lock back."""
    woken = events(trace, "ready", "rice")[1]  # the first is its making
    assert woken["by"] == named(trace, "soup")
    last = events(trace, "run", "soup")[-1]
    end = events(trace, "end", "soup")[0]
    assert last["t"] <= woken["t"] <= end["t"]


def test_cancel(trace: dict[str, Any]) -> None:
    """A triangle says that somebody called `cancel()`."""
    assert len(events(trace, "cancel", "guest")) == 1
    (end,) = events(trace, "end", "guest")
    assert end["how"] == "returned"


def test_a_patient_guest(trace: dict[str, Any], tmp_path: Path) -> None:
    """The triangle is gone. An arrow ends the guest's wait, and it comes from `main`. Before, the wait ended without one: it was the clock."""
    (before,) = [e for e in events(trace, "ready", "guest") if e["by"] != "Task-1"][-1:]
    assert before["by"] == "timeout"
    source = SCRIPT.read_text("utf-8")
    guest = '        kitchen.create_task(guest(served), name="guest")\n'
    assert source.count(guest) == source.count("timeout(0.2)") == 1
    more = "        await asyncio.sleep(0.8)\n        served.set()\n"
    script = tmp_path / "patient.py"
    script.write_text(
        source.replace(guest, guest + more).replace("timeout(0.2)", "timeout(2)")
    )
    record(tmp_path, "--json", "run.json", str(script))
    changed = json.loads((tmp_path / "run.json").read_text("utf-8"))
    assert events(changed, "cancel", "guest") == []
    (main,) = (id for id, task in changed["tasks"].items() if task["call"] == "main()")
    assert events(changed, "ready", "guest")[-1]["by"] == main
    assert "guest: leaves" not in json.dumps(changed)


def test_nothing_changes(tmp_path: Path) -> None:
    """The script's output, its exit status and its tracebacks stay as they are."""
    script = tmp_path / "fails.py"
    script.write_text(
        "import asyncio\n"
        "async def main():\n"
        "    print('before')\n"
        "    await asyncio.sleep(0.01)\n"
        "    raise ValueError('after')\n"
        "asyncio.run(main())\n"
    )
    plain = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    traced = record(tmp_path, "--json", "run.json", str(script))
    assert (traced.stdout, traced.returncode) == (plain.stdout, plain.returncode)
    assert plain.returncode == 1
    assert traced.stderr.startswith(plain.stderr)
    (end,) = (
        e
        for e in json.loads((tmp_path / "run.json").read_text())["events"]
        if e["ev"] == "end" and e["how"] == "raised"
    )
    assert end["line"] == 5


def test_the_same_trace(load: Load) -> None:
    """On the virtual clock the same program gives the same trace in every run."""
    traces = set()
    for _ in range(5):
        program = load("draw_a_timeline/two_dishes_one_stove")
        with virtual_clock.VirtualClock(), Recorder(str(SCRIPT)) as recorder:
            asyncio.run(program.main())
        trace = recorder.trace()
        text = json.dumps(trace["events"])
        traces.add(text)
    assert len(traces) == 1


def test_parts(tmp_path: Path) -> None:
    """In a program of your own, `with Recorder() as recorder:` around `asyncio.run(main())`, and then `recorder.trace()`."""
    with Recorder() as recorder:
        asyncio.run(asyncio.sleep(0, "done"))
    trace = recorder.trace()
    assert any(e["ev"] == "end" for e in trace["events"])
    for option in ("--svg", "--table", "--json"):
        done = record(tmp_path, option, "part", str(SCRIPT))
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "part").stat().st_size > 500
