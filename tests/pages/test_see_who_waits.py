"""The claims of `tutorial/see-who-waits.md`."""

from __future__ import annotations

import asyncio
import itertools
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
from running import run

Load = Callable[[str], ModuleType]
Captured = pytest.CaptureFixture[str]
HERE = EXAMPLES / "see_who_waits"
BLOCKS = "one_page_blocks_broken"
GIVES_WAY = "every_page_has_a_lane"
HALF = 500_000  # the unit of a trace is a microsecond
ORDER = ["/cakes: 200, it is there", "/bread: 200, it is there"]


class Picture:
    """What the picture of a program shows, recorded on the virtual clock."""

    def __init__(self, program: ModuleType, name: str) -> None:
        """Run it, and record what its tasks do."""
        path = str(HERE / f"{name}.py")
        with virtual_clock.VirtualClock(), Recorder(path) as recorder:
            asyncio.run(program.main())
        trace = recorder.trace()
        self.lanes = {
            "main" if task["call"] == "main()" else task["name"]: who
            for who, task in trace["tasks"].items()
            if task["shown"]
        }
        self.events: list[dict[str, Any]] = trace["events"]
        self.begun = self.all("run", "main")[0]["t"]

    def all(self, kind: str, name: str) -> list[dict[str, Any]]:
        """The events of a kind in the lane of a task."""
        who = self.lanes[name]
        return [e for e in self.events if (e["ev"], e["who"]) == (kind, who)]

    def at(self, moment: int) -> dict[str, str]:
        """What each lane does at a moment of the run."""
        doing = {}
        kinds = {"ready", "run", "wait", "end"}
        for name, who in self.lanes.items():
            *_, last = (
                event
                for event in self.events
                if event["who"] == who
                and event["ev"] in kinds
                and event["t"] <= self.begun + moment
            )
            waits_for = f" {last['label']}" if last["ev"] == "wait" else ""
            doing[name] = last["ev"] + waits_for
        return doing

    def idle(self, moment: int) -> bool:
        """Whether the thread is idle at a moment of the run."""
        return any(
            e["t"] <= self.begun + moment < e["t"] + e["dur"]
            for e in self.events
            if e["ev"] == "idle"
        )


def timed(program: ModuleType) -> float:
    """How long `main` of a program takes."""

    async def main() -> float:
        start = time.perf_counter()
        await program.main()
        return time.perf_counter() - start

    return virtual_clock.run(main())


def changed(folder: Path, old: str, new: str) -> Path:
    """The last program of the page after a reader's change."""
    path = HERE / f"{GIVES_WAY}.py"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    copy = folder / path.name
    copy.write_text(text.replace(old, new), "utf-8")
    return copy


def test_it_is_late(load: Load, capsys: Captured) -> None:
    """It took 1.6 seconds, which the program rounds to 2."""
    assert timed(load(f"see_who_waits/{BLOCKS}")) == pytest.approx(1.6, abs=0.01)
    assert capsys.readouterr().out.splitlines()[-1] == "checked in 2 s"


def test_all_were_made_before(load: Load) -> None:
    """All three tasks were made before the first wait, as the last lesson demands."""
    picture = Picture(load(f"see_who_waits/{BLOCKS}"), BLOCKS)
    assert [*picture.lanes] == ["main", "/map", "/bread", "/cakes"]
    made = [picture.all("create", name)[0]["t"] for name in [*picture.lanes][1:]]
    waits = [e["t"] for e in picture.events if e["ev"] == "wait"]
    assert max(made) < min(waits)


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("main", "waits for `/map`"),
        ("/map", "blocks"),
        ("/bread", "is ready, and has not run yet"),
        ("/cakes", "is ready, and has not run yet"),
    ],
)
def test_at_500_ms(name: str, does: str, load: Load) -> None:
    """Now draw a line down through the picture at 500 ms, and ask each lane."""
    page = (EXAMPLES.parent / "docs/tutorial/see-who-waits.md").read_text("utf-8")
    lane = "main()" if name == "main" else name
    assert f"\n| `{lane}` | {does} |\n" in page
    picture = Picture(load(f"see_who_waits/{BLOCKS}"), BLOCKS)
    want = {"waits for `/map`": "wait /map", "blocks": "run"}
    assert picture.at(HALF)[name] == want.get(does, "ready")
    if does not in want:
        assert picture.all("run", name)[0]["t"] > picture.begun + HALF


def test_ready_and_kept_waiting(load: Load) -> None:
    """`/bread` and `/cakes` were ready before `/map` began, and had their first turn a whole second later."""
    picture = Picture(load(f"see_who_waits/{BLOCKS}"), BLOCKS)
    (begun,) = picture.all("run", "/map")
    for name in ("/bread", "/cakes"):
        assert picture.all("ready", name)[0]["t"] < begun["t"]
        turn = picture.all("run", name)[0]["t"]
        assert turn - begun["t"] == pytest.approx(1_000_000, abs=10_000)


def test_only_then(load: Load) -> None:
    """Only then did their own waits begin."""
    picture = Picture(load(f"see_who_waits/{BLOCKS}"), BLOCKS)
    over = picture.all("end", "/map")[0]["t"]
    for name, seconds in (("/bread", 0.6), ("/cakes", 0.3)):
        (wait,) = picture.all("wait", name)
        assert wait["t"] > over
        assert wait["until"] - over == pytest.approx(seconds * 1e6, abs=10_000)


def test_one_step(load: Load) -> None:
    """Its whole life is one **step**, as we call what a task does from one wait to the next."""
    picture = Picture(load(f"see_who_waits/{BLOCKS}"), BLOCKS)
    own = [e["ev"] for e in picture.events if e["who"] == picture.lanes["/map"]]
    assert [kind for kind in own if kind != "print"] == [
        "create",
        "ready",
        "run",
        "end",
    ]


def test_it_keeps_the_thread() -> None:
    """It returns after a second, and until then it keeps the thread."""
    turns: list[str] = []

    async def other() -> None:
        turns.append("other")

    async def main() -> None:
        task = asyncio.create_task(other())
        start = time.perf_counter()
        time.sleep(1)
        assert time.perf_counter() - start == pytest.approx(1, abs=0.01)
        turns.append("main")
        await task

    virtual_clock.run(main())
    assert turns == ["main", "other"]


def test_without_a_picture() -> None:
    """Here the report begins with `Executing <Task finished name='/map'`, and ends with the seconds."""
    told = run(HERE / f"{BLOCKS}.py", "-X", "dev").stderr.splitlines()
    (line,) = [line for line in told if "name='/map'" in line]
    assert line.startswith("Executing <Task finished name='/map'")
    assert line.split(" took ")[1].startswith("1.")
    assert line.endswith(" seconds")


@pytest.mark.parametrize(("seconds", "told"), [(0.01, False), (0.11, True)])
def test_a_tenth_of_a_second(
    seconds: float, told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """The event loop then reports each step that took longer than a tenth of a second, and names the task."""

    async def main() -> None:
        async def step() -> None:
            time.sleep(seconds)

        await asyncio.create_task(step(), name="oven")

    with virtual_clock.VirtualClock():
        asyncio.run(main(), debug=True)
    slow = [r.message for r in caplog.records if "Executing" in r.message]
    assert any("name='oven'" in message for message in slow) is told


def test_it_gives_way(load: Load, capsys: Captured) -> None:
    """One second, for waits that add up to 1.9."""
    program = load(f"see_who_waits/{GIVES_WAY}")
    assert sum(program.PAGES.values()) == pytest.approx(1.9)
    assert timed(program) == pytest.approx(1, abs=0.01)
    assert capsys.readouterr().out.splitlines()[-1] == "checked in 1 s"


def test_the_orders(load: Load, capsys: Captured) -> None:
    """The tasks began in the order of the list, and ended in the order in which their waits were over."""
    program = load(f"see_who_waits/{GIVES_WAY}")
    timed(program)
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [f"{page}: asking" for page in program.PAGES]
    by_wait = sorted(program.PAGES, key=program.PAGES.__getitem__)
    assert lines[3:6] == [f"{page}: 200, it is there" for page in by_wait]


def test_a_single_wait(load: Load) -> None:
    """That is why the lane of `main()` has a single wait."""
    picture = Picture(load(f"see_who_waits/{GIVES_WAY}"), GIVES_WAY)
    (wait,) = picture.all("wait", "main")
    assert wait["label"] == "/map"
    woken = picture.all("ready", "main")[-1]
    assert woken["by"] == picture.lanes["/map"]
    for name in ("/bread", "/cakes"):
        assert picture.all("end", name)[0]["t"] < woken["t"]


def test_the_slowest(
    load: Load, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the order of the list, the loop is through when the slowest task is done."""
    program = load(f"see_who_waits/{GIVES_WAY}")
    pages = program.PAGES.items()
    for order in itertools.permutations(pages):
        monkeypatch.setattr(program, "PAGES", dict(order))
        assert timed(program) == pytest.approx(1, abs=0.01)
        told = capsys.readouterr().out.splitlines()
        assert told[3:] == [*ORDER, "/map: 200, it is there", "checked in 1 s"]


def test_answer_1(load: Load) -> None:
    """`main()` waits for `/map`. `/map` and `/bread` wait, each for its sleep. `/cakes` is done. The thread is idle."""
    picture = Picture(load(f"see_who_waits/{GIVES_WAY}"), GIVES_WAY)
    assert picture.at(HALF) == {
        "main": "wait /map",
        "/map": "wait sleep(1)",
        "/bread": "wait sleep(0.6)",
        "/cakes": "end",
    }
    assert picture.idle(HALF)


def test_answer_2(load: Load, tmp_path: Path) -> None:
    """The output stays the same. `main()` now waits three times, for `/cakes`, for `/bread` and for `/map`, and each of them wakes it when it returns."""
    path = changed(tmp_path, "in tasks:", "in reversed(tasks):")
    want = (HERE / f"{GIVES_WAY}.out").read_text("utf-8")
    assert run_strictly(path).stdout == want
    program = load(str(path.with_suffix("")))
    with virtual_clock.VirtualClock(), Recorder(str(path)) as recorder:
        asyncio.run(program.main())
    trace = recorder.trace()
    names = {who: task["name"] for who, task in trace["tasks"].items()}
    (main,) = [w for w, task in trace["tasks"].items() if task["call"] == "main()"]
    mine = [e for e in trace["events"] if e["who"] == main]
    waits = [e["label"] for e in mine if e["ev"] == "wait"]
    woken = [names.get(e["by"]) for e in mine if e["ev"] == "ready"][1:]
    assert waits == woken == ["/cakes", "/bread", "/map"]


def test_answer_3(tmp_path: Path, load: Load) -> None:
    """It takes 1.9 seconds, which the program rounds to 2: each task is awaited before the next one is made, as in the broken program of lesson 2."""
    text = (HERE / f"{GIVES_WAY}.py").read_text("utf-8")
    start, end = text.index("    tasks = ["), text.index("    seconds = ")
    path = changed(
        tmp_path,
        text[start:end],
        "    for p in PAGES:\n        await asyncio.create_task(check(p), name=p)\n",
    )
    lines = run_strictly(path).stdout.splitlines()
    assert lines[:2] == ["/map: asking", "/map: 200, it is there"]
    assert lines[-1] == "checked in 2 s"
    assert timed(load(str(path.with_suffix("")))) == pytest.approx(1.9, abs=0.01)
