"""The claims of `tutorial/first-coroutine.md`."""

from __future__ import annotations

import asyncio
import functools
import inspect
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest

import virtual_clock
from linkcheck.crawl import Limits, crawl
from linkcheck.fetch import Fetcher
from linkcheck.report import Page, Report
from programs import DOCS, EXAMPLES
from record_timeline import Recorder
from running import Run, run
from small_site import SmallSite

Load = Callable[[str], ModuleType]
BROKEN = EXAMPLES / "first_coroutine" / "check_a_page_broken.py"
FIXED = EXAMPLES / "first_coroutine" / "check_a_page_fixed.py"
PAGES = [
    "/bread: asking",
    "/bread: 200, it is there",
    "/cakes: asking",
    "/cakes: 200, it is there",
]


def run_changed(path: Path, folder: Path, old: str, new: str) -> Run:
    """Run a program of the page after a reader's change."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    changed = folder / path.name
    changed.write_text(text.replace(old, new), "utf-8")
    return run(changed)


@functools.cache
def finished_tool() -> tuple[list[str], dict[str, float], float]:
    """Its report on the bakery, the wait for each address, and for all of them."""
    waits: dict[str, float] = {}
    report = Report()

    async def main() -> float:
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            fetcher = Fetcher(session, 3)
            now = asyncio.get_running_loop().time

            async def check(url: str) -> Page:
                start = now()
                page = await fetcher.check(url)
                waits[url.removeprefix(site.home)] = now() - start
                return page

            start = now()
            await crawl(f"{site.home}/", report, check, Limits(addresses=20))
            home.append(site.home)
            return now() - start

    home: list[str] = []
    took = virtual_clock.run(main())
    (address,) = home
    lines = [line.replace(address, "http://127.0.0.1:8080") for line in report.lines()]
    return lines, waits, took


def test_the_report() -> None:
    """This is its report on the web site of a bakery:"""
    shown = (DOCS / "_includes" / "linkcheck_report.txt").read_text("utf-8")
    lines, _, _ = finished_tool()
    assert lines == shown.splitlines()


@pytest.mark.parametrize("path", ["/phone", "/radio"])
def test_two_that_never_end(path: str) -> None:
    """`/phone` never answers, and the page at `/radio` has no end,"""

    async def main() -> int:
        got = 0
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            whole_day = aiohttp.ClientTimeout(total=86_400)
            async with session.get(site.home + path, timeout=whole_day) as reply:
                assert reply.content_length is None
                while got < 20_000:
                    part = await reply.content.readany()
                    assert part, "the page has come to its end"
                    got += len(part)
        return got

    if path == "/phone":
        with pytest.raises(TimeoutError):
            virtual_clock.run(main())
    else:
        assert virtual_clock.run(main()) >= 20_000


def test_what_they_cost() -> None:
    """so each of the two cost its whole three seconds."""
    _, waits, _ = finished_tool()
    slowest = sorted(waits, key=waits.__getitem__)[-2:]
    assert sorted(slowest) == ["/phone", "/radio"]
    assert [waits[path] for path in slowest] == pytest.approx([3, 3], abs=0.1)


def test_one_after_another() -> None:
    """Asked for one after another, the twenty take nearly eight seconds."""
    _, waits, _ = finished_tool()
    assert len(waits) == 20
    assert 7.5 < sum(waits.values()) < 8


def test_together() -> None:
    """The tool was through in less than four: while it waited for one reply, it waited for others too."""
    _, waits, took = finished_tool()
    assert took < 4 < sum(waits.values())


def test_calling(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """a call of it runs nothing of its body."""
    program = load("first_coroutine/check_a_page_broken")
    coroutine = program.check("/bread")
    assert capsys.readouterr().out == ""
    virtual_clock.run(coroutine)
    assert capsys.readouterr().out.splitlines() == PAGES[:2]


def test_what_a_call_gives(load: Load) -> None:
    """What you get is a **coroutine**: an object that holds the body and its arguments, and is ready to begin."""
    program = load("first_coroutine/check_a_page_broken")
    assert inspect.iscoroutinefunction(program.check)
    coroutine = program.check("/bread")
    assert inspect.iscoroutine(coroutine)
    assert coroutine.cr_code is program.check.__code__
    assert inspect.getcoroutinelocals(coroutine) == {"page": "/bread"}
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED
    coroutine.close()


def test_as_if_all_were_well() -> None:
    """The program went on, and it ended with exit status 0, as if all were well."""
    done = run(BROKEN)
    assert (done.stdout, done.status) == ("checked in 0 s\n", 0)
    assert done.stderr.count("coroutine 'check' was never awaited") == 2


def test_each_warning_shows_its_call() -> None:
    """Each of the two warnings shows the call that came to nothing."""
    lines = run(BROKEN).stderr.splitlines()
    shown = [
        after.strip()
        for line, after in itertools.pairwise(lines)
        if "never awaited" in line
    ]
    assert shown == ['check("/bread")', 'check("/cakes")']


def test_tracemalloc() -> None:
    """with `python -X tracemalloc check_a_page_broken.py`, Python also says where each coroutine was made."""
    assert "Object allocated at" not in run(BROKEN).stderr
    told = run(BROKEN, "-X", "tracemalloc").stderr
    source = BROKEN.read_text("utf-8").splitlines()
    for call in ('check("/bread")', 'check("/cakes")'):
        number = source.index(f"    {call}") + 1
        made = f'Object allocated at (most recent call last):\n  File "{BROKEN.name}"'
        assert f"{made}, lineno {number}\n    {call}\n" in told


def test_two_pages(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`await check("/bread")` runs the coroutine to its end, and then goes on with the next line."""
    program = load("first_coroutine/check_a_page_fixed")
    virtual_clock.run(program.main())
    assert capsys.readouterr().out.splitlines() == [*PAGES, "checked in 2 s"]


def test_both_are_paused(load: Load) -> None:
    """`main` waits for `check`, so it is paused along with it."""
    program = load("first_coroutine/check_a_page_fixed")
    with virtual_clock.VirtualClock(), Recorder(str(FIXED)) as recorder:
        asyncio.run(program.main())
    trace = recorder.trace()
    waits = [event for event in trace["events"] if event["ev"] == "wait"]
    paused = [[name for name, _ in event["stack"]] for event in waits]
    assert paused == [["main", "check"]] * 2
    assert [event["label"] for event in waits] == ["sleep(1)"] * 2


def test_the_thread_is_idle(load: Load) -> None:
    """for two seconds, the thread is idle."""
    program = load("first_coroutine/check_a_page_fixed")
    with virtual_clock.VirtualClock(), Recorder(str(FIXED)) as recorder:
        asyncio.run(program.main())
    idle = [e["dur"] for e in recorder.trace()["events"] if e["ev"] == "idle"]
    assert sum(idle) / 1_000_000 == pytest.approx(2, abs=0.01)


def test_one_thread(tmp_path: Path) -> None:
    """A program has one thread, unless it starts more."""
    asking = 'print(f"{page}: asking")'
    count = f"import threading\n    {asking}\n    print(threading.active_count())"
    done = run_changed(FIXED, tmp_path, asking, count)
    assert done.stdout.splitlines().count("1") == 2


def test_where_await_may_stand() -> None:
    """`await` can stand only inside of an `async def`, so nothing at the bottom of the file could await `main()`."""
    text = FIXED.read_text("utf-8")
    compile(text, FIXED.name, "exec")
    for below in ("await main()\n", "def go() -> None:\n    await main()\n"):
        with pytest.raises(SyntaxError, match="'await' outside"):
            compile(text + below, FIXED.name, "exec")


def test_where_it_begins() -> None:
    """it takes one coroutine, runs it to its end, and gives back what it returned."""
    told: list[str] = []

    async def bake() -> str:
        told.append("begun")
        await asyncio.sleep(0)
        told.append("over")
        return "bread"

    assert asyncio.run(bake()) == "bread"
    assert told == ["begun", "over"]


def test_no_time_is_gained(load: Load) -> None:
    """An ordinary function with `time.sleep(1)` would need two seconds as well."""
    program = load("first_coroutine/check_a_page_fixed")

    def ordinary() -> None:
        for _ in range(2):
            time.sleep(1)

    took = []
    for job in (ordinary, lambda: asyncio.run(program.main())):
        with virtual_clock.VirtualClock():
            start = time.perf_counter()
            job()
            took.append(time.perf_counter() - start)
    assert took == pytest.approx([2, 2], abs=0.01)


def test_change_1(tmp_path: Path) -> None:
    """Something like `<coroutine object check at 0x7f5ed2c0>`: that is what a call gives you. The warning comes all the same, since nobody awaits the object."""
    done = run_changed(BROKEN, tmp_path, 'check("/bread")', 'print(check("/bread"))')
    first, last = done.stdout.splitlines()
    assert first.startswith("<coroutine object check at 0x")
    assert last == "checked in 0 s"
    assert done.stderr.count("coroutine 'check' was never awaited") == 2


def test_change_2(tmp_path: Path) -> None:
    """It prints the same four lines about the pages, and then `checked in 0 s`. A sleep that nobody awaits does not begin. This time the warning says that `coroutine 'sleep' was never awaited`. It comes once for two lost sleeps, since Python shows a warning once for each line of the source."""
    done = run_changed(FIXED, tmp_path, "await asyncio.sleep", "asyncio.sleep")
    assert done.stdout.splitlines() == [*PAGES, "checked in 0 s"]
    assert done.stderr.count("coroutine 'sleep' was never awaited") == 1


def test_change_3(tmp_path: Path) -> None:
    """Not a line is run. Python refuses the file with `SyntaxError: 'await' outside async function`."""
    done = run_changed(FIXED, tmp_path, "async def main", "def main")
    assert (done.stdout, done.status) == ("", 1)
    assert "SyntaxError: 'await' outside async function" in done.stderr
