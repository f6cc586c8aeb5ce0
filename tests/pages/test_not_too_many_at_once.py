"""The claims of `tutorial/not-too-many-at-once.md`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES
from record_timeline import Recorder
from small_site import SmallSite

Load = Callable[[str], ModuleType]
Captured = pytest.CaptureFixture[str]
BEFORE = "real_requests/one_session_for_every_page"
STAGE = "not_too_many_at_once/two_at_a_time"
PAGES = ["/map", "/about", "/tart", "/bread", "/shop"]


def told(captured: Captured) -> list[str]:
    """The lines printed since the last call."""
    return captured.readouterr().out.splitlines()


def changed(
    load: Load, folder: Path, old: str, new: str, program: str = STAGE
) -> ModuleType:
    """A program after a reader's change."""
    text = (EXAMPLES / f"{program}.py").read_text("utf-8")
    assert text.count(old) == 1
    copy = folder / "changed.py"
    copy.write_text(text.replace(old, new), "utf-8")
    return load(str(copy.with_suffix("")))


def seconds(program: ModuleType) -> float:
    """How long `report` of a program takes."""

    async def main() -> float:
        async with SmallSite() as site:
            start = time.perf_counter()
            await program.report(site.home)
            return time.perf_counter() - start

    return virtual_clock.run(main())


class Picture:
    """What the picture of the program shows, recorded on the virtual clock."""

    def __init__(self, program: ModuleType) -> None:
        """Run it, and record what its tasks do."""
        path = str(EXAMPLES / f"{STAGE}.py")
        with virtual_clock.VirtualClock(), Recorder(path) as recorder:
            asyncio.run(program.main())
        trace = recorder.trace()
        self.events: list[dict[str, Any]] = trace["events"]
        self.names = {
            who: "main" if task["call"] == "main()" else page
            for who, task in trace["tasks"].items()
            for page in PAGES
            if task["shown"]
            and (task["call"] == "main()" or f"{page}'" in task["call"])
        }

    def of(self, name: str, kind: str) -> list[dict[str, Any]]:
        """The events of a kind in a lane."""
        return [
            e
            for e in self.events
            if e["ev"] == kind and self.names.get(e["who"]) == name
        ]

    def labels(self, name: str) -> list[str]:
        """What a lane waited for, without repetitions."""
        return list(dict.fromkeys(e["label"] for e in self.of(name, "wait")))

    def wakers(self, name: str) -> list[str]:
        """Which pages woke a lane."""
        by = [e.get("by") for e in self.of(name, "ready")]
        names = [self.names[who] for who in by if who in self.names]
        return [page for page in names if page != "main"]


def test_fifty(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """The last line is now `at most 50 requests at once`."""
    old = "for page in PAGES]"
    program = changed(load, tmp_path, old, "for page in PAGES * 10]", BEFORE)
    virtual_clock.run(program.main())
    assert told(capsys)[-1] == "at most 50 requests at once"


def test_a_session_has_a_limit(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """A session stops it at 100 connections, which is still a strange way to visit a small bakery."""
    old = "for page in PAGES]"
    program = changed(load, tmp_path, old, "for page in PAGES * 30]", BEFORE)
    virtual_clock.run(program.main())
    assert told(capsys)[-1] == "at most 100 requests at once"


def test_in_line() -> None:
    """If none is left, it waits for one, and those who wait get theirs in the order in which they came."""
    inside: list[int] = []

    async def work(number: int, turn: asyncio.Semaphore) -> None:
        async with turn:
            inside.append(number)
            await asyncio.sleep(10)

    async def main() -> None:
        turn = asyncio.Semaphore(3)
        async with asyncio.TaskGroup() as group:
            for number in range(9):
                group.create_task(work(number, turn))
            await asyncio.sleep(5)
            assert inside == [0, 1, 2]
            await asyncio.sleep(10)
            assert inside == [0, 1, 2, 3, 4, 5]
        assert inside == list(range(9))

    virtual_clock.run(main())


def test_given_back() -> None:
    """On leaving the block the place is given back, with an exception as well."""

    async def main() -> None:
        turn = asyncio.Semaphore(1)

        async def work(error: Exception | None) -> None:
            async with turn:
                assert turn.locked()
                if error is not None:
                    raise error

        with pytest.raises(LookupError):
            await work(LookupError())
        assert not turn.locked()
        await work(None)
        assert not turn.locked()

    virtual_clock.run(main())


def test_who_waits_for_a_place(load: Load) -> None:
    """`/tart`, `/bread` and `/shop` find no place, and wait for `turn.acquire()`."""
    picture = Picture(load(STAGE))
    waits = [p for p in PAGES if "turn.acquire()" in picture.labels(p)]
    assert waits == ["/tart", "/bread", "/shop"]


def test_who_gives_a_place(load: Load) -> None:
    """So it goes on, one after another, in the place that `/about` had."""
    picture = Picture(load(STAGE))
    assert picture.wakers("/tart") == ["/about"]
    assert picture.wakers("/bread") == ["/tart"]
    assert picture.wakers("/shop") == ["/bread"]


def test_no_longer(load: Load) -> None:
    """The whole takes no longer than without a limit, 0.8 seconds: the four short pages fit into the time of the slow one."""
    assert seconds(load(BEFORE)) == pytest.approx(0.8, abs=0.05)
    assert seconds(load(STAGE)) == pytest.approx(0.8, abs=0.05)


def test_a_longer_list(load: Load) -> None:
    """With a longer list, the limit does cost time, and that is what it is for."""
    took = []
    for program in (load(BEFORE), load(STAGE)):
        program.PAGES.extend(PAGES)
        took.append(seconds(program))
    assert took[0] == pytest.approx(0.8, abs=0.05)
    assert took[1] > 1.1


def test_from_left_to_right() -> None:
    """`async with turn, session.get(url) as reply` is two blocks in one line, and they are entered from left to right."""
    entered: list[str] = []

    class Block:
        def __init__(self, name: str) -> None:
            self.name = name

        async def __aenter__(self) -> None:
            entered.append(self.name)

        async def __aexit__(self, *_: object) -> None:
            entered.append(f"left {self.name}")

    async def main() -> None:
        async with Block("turn"), Block("request"):
            pass

    virtual_clock.run(main())
    assert entered == ["turn", "request", "left request", "left turn"]


def test_one_more() -> None:
    """In each round, `await result` waits until one more task is done, and gives what that task returned."""

    async def work(number: int) -> int:
        await asyncio.sleep(number)
        return number

    async def main() -> None:
        tasks = [asyncio.create_task(work(n)) for n in (3, 1, 2)]
        start = time.perf_counter()
        got = []
        for result in asyncio.as_completed(tasks):
            got.append(await result)
            took = time.perf_counter() - start
            assert took == pytest.approx(got[-1], abs=0.05)
        assert got == [1, 2, 3]

    virtual_clock.run(main())


def test_each_wakes_main(load: Load) -> None:
    """In the picture, each of the five tasks wakes `main` once, when it is done."""
    picture = Picture(load(STAGE))
    assert picture.wakers("main") == ["/about", "/tart", "/bread", "/shop", "/map"]


def test_as_they_come(load: Load, capsys: Captured) -> None:
    """So `/about` is printed while all others are still to come, and `/map`, the first in the list, is the last."""
    program = load(STAGE)

    async def main() -> None:
        async with SmallSite() as site:
            task = asyncio.create_task(program.report(site.home))
            await asyncio.sleep(0.13)
            assert told(capsys) == ["[#    ] 200 /about"]
            await task
            assert told(capsys)[-1] == "[#####] 200 /map"

    virtual_clock.run(main())


def begun(tasks: bool) -> list[int]:
    """In which order a hundred coroutines begin, given as tasks or as they are."""
    order: list[int] = []

    async def work(number: int) -> None:
        order.append(number)

    async def main() -> None:
        work_to_do = [work(number) for number in range(100)]
        if tasks:
            made = [asyncio.create_task(one) for one in work_to_do]
            for result in asyncio.as_completed(made):
                await result
        else:
            for result in asyncio.as_completed(work_to_do):
                await result

    virtual_clock.run(main())
    return order


def test_given_coroutines() -> None:
    """Given coroutines, `as_completed` starts them in any order."""
    orders = [begun(tasks=False) for _ in range(5)]
    assert all(sorted(order) == list(range(100)) for order in orders)
    assert any(order != list(range(100)) for order in orders)


def test_given_tasks() -> None:
    """Given tasks, it finds them already made, and they begin in the order of the list."""
    assert begun(tasks=True) == list(range(100))


def test_one_at_a_time(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """The tasks wait for their turn in the order in which they began, and only one of them asks at a time."""
    program = changed(load, tmp_path, "LIMIT = 2", "LIMIT = 1")
    virtual_clock.run(program.main())
    lines = told(capsys)
    assert [line.split(" ")[-1] for line in lines[:-1]] == PAGES
    assert lines[-1] == "at most 1 requests at once"


def test_one_at_a_time_takes(load: Load, tmp_path: Path) -> None:
    """It takes 1.2 seconds."""
    program = changed(load, tmp_path, "LIMIT = 2", "LIMIT = 1")
    assert seconds(program) == pytest.approx(1.2, abs=0.05)


def test_asked_before_its_turn(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """Each task has asked before it waits for its turn."""
    old = "async with turn, session.get(url) as reply:"
    new = "async with session.get(url) as reply, turn:"
    virtual_clock.run(changed(load, tmp_path, old, new).main())
    assert told(capsys)[-1] == "at most 5 requests at once"


def test_fifty_tasks(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """`at most 2 requests at once`, with fifty tasks."""
    program = changed(load, tmp_path, "for p in PAGES]", "for p in PAGES * 10]")
    virtual_clock.run(program.main())
    lines = told(capsys)
    assert len(lines) == 51
    assert lines[-1] == "at most 2 requests at once"
