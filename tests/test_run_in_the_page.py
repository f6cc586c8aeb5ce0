"""Every program, run in a page of the site: it prints what its page shows.

CPython 3.14 runs there, so what was recorded holds but for the line numbers
and the place of the standard library. Without --slow, a program has its turn on
one day of a week, and as long as it or the runtime is not as it was when it ran
here last: `pytest -n0 --record tests/test_run_in_the_page.py` notes that.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firefox import opened
from in_a_page import Runner, without_places
from programs import DOCS, EXAMPLES, NOT_HERE, Program, programs
from running import expected, record, run, same
from turns import WEEK, Turns, digest, is_in_turn, recorded, today

pytestmark = pytest.mark.xdist_group("runtime")  # one Chromium for all
PYTHON = (3, 14)  # in the browser
PROGRAMS = [
    program
    for program in programs()
    if program.folder != "tools" and program.python <= PYTHON
]
# These show what no page does, and readers will try. With Python 3.14,
# `pytest --record -k cpython tests/test_run_in_the_page.py` records them.
BATTERY = [
    Program(path)
    for path in sorted(Path(__file__).with_name("browser_battery").glob("*.py"))
]

TOOLS = EXAMPLES / "tools"
RAN = Turns(Path(__file__).with_name("ran_in_the_page.json"))
COARSE_CLOCK = {"event_loop/timers_come_late"}


def each(some: list[Program]) -> pytest.MarkDecorator:
    """Run a test with each of these programs."""
    return pytest.mark.parametrize("program", some, ids=lambda program: program.id)


@pytest.fixture(scope="module")
def firefox(runtime: str, request: pytest.FixtureRequest) -> Iterator[Runner]:
    """The same in Firefox; without one the test is skipped, under CI it fails."""
    if not (request.config.option.slow or os.environ.get("CI")):
        pytest.skip("slow: --slow runs the programs in Firefox too")
    paths = map(shutil.which, ["firefox", "firefox-esr"])
    path = next(filter(None, [os.environ.get("FIREFOX"), *paths]), None)
    if path is None:
        reason = "no Firefox found: install it, or set FIREFOX to its path"
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    with opened(path) as tab:
        tab.goto(runtime)
        yield Runner(tab.evaluate, runtime, "firefox")


IN_FIREFOX = pytest.param("firefox", marks=pytest.mark.xdist_group("firefox"))


@functools.cache
def runtime_parts() -> list[bytes]:
    """The files that every program runs on in the page."""
    folder = DOCS / "_runtime"
    parts = [folder / "package-lock.json", DOCS / "_hooks" / "runtime.py"]
    for kind in ("*.mjs", "*.js", "frame.html", "browser_os/*.py"):
        parts += sorted(folder.glob(kind))
    parts += [DOCS / "assets" / "js" / "runtime.js"]
    parts += [TOOLS / "record_timeline.py", TOOLS / "draw_timeline.py"]
    return [part.read_bytes() for part in parts]


def state(program: Program) -> str:
    """A digest of all that decides what a program prints in the page."""
    beside = [(TOOLS / name).read_bytes() for name in program.beside]
    site_says = str(program.not_here).encode()
    return digest(*recorded(program), *beside, *runtime_parts(), site_says)


def is_asked_for(program: Program, browser: str, config: pytest.Config) -> bool:
    """Whether this session runs a program in a browser."""
    if config.option.slow:
        return True
    if browser == "firefox":
        return is_in_turn(program.id, today())
    return RAN.is_due(program.id, state(program), today())


@pytest.fixture(scope="module", params=["chromium", IN_FIREFOX])
def runner(request: pytest.FixtureRequest) -> Runner:
    """A page that has started the programs that this session asks for."""
    runner: Runner = request.getfixturevalue(request.param)
    items = request.session.items
    asked = [item.callspec.params for item in items if hasattr(item, "callspec")]
    mine = [params for params in asked if params.get("runner") == request.param]
    runner.start(
        params["program"]
        for params in mine
        if is_asked_for(params["program"], request.param, request.config)
    )
    return runner


@each(PROGRAMS + BATTERY)
def test_a_program_prints_in_the_page_what_it_shows(
    runner: Runner, program: Program, request: pytest.FixtureRequest
) -> None:
    """Output, errors and exit status are as recorded, but where the site says no."""
    if not is_asked_for(program, runner.browser, request.config):
        pytest.skip("it ran as it is, and today is not its turn: --slow runs all")
    got = runner.result(program).run
    if program.id in COARSE_CLOCK and runner.browser == "firefox":
        pytest.skip("Firefox's clock goes in steps of 1 ms, and the program sees it")
    if program.not_here:
        assert not same(program, got), "it runs here: take it out of not_here.toml"
    else:
        for _ in range(2):  # a busy machine may be late: again, alone
            if not same(program, got):
                got = runner.run(program.text, program.path.name).run
        want = expected(program)
        assert same(program, got), f"\nrecorded: {want}\nin the page: {got}"
    if request.config.option.record and runner.browser == "chromium":
        names = (program.id for program in PROGRAMS + BATTERY)
        RAN.note(program.id, state(program), names)


@each(BATTERY)
def test_cpython_prints_it(program: Program, request: pytest.FixtureRequest) -> None:
    """What the battery's programs are compared with is what Python 3.14 prints."""
    if sys.version_info < PYTHON:
        pytest.skip("it needs Python 3.14")
    got = without_places(run(program.path))
    if request.config.option.record:
        record(program, got)
    assert same(program, got), f"\nrecorded: {expected(program)}\nnow:      {got}"


def test_another_runtime_runs_every_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever day it is: each part of the runtime counts, and so does the program."""
    parts = runtime_parts()
    for name in (
        "worker.js",
        "snapshot.mjs",
        "package-lock.json",
        "browser_os/epoll.py",
    ):
        assert (DOCS / "_runtime" / name).read_bytes() in parts
    before = [state(program) for program in PROGRAMS]
    monkeypatch.setitem(globals(), "runtime_parts", lambda: [*parts[1:], b"changed"])
    after = [state(program) for program in PROGRAMS]
    assert not {*before} & {*after}
    for program, now in zip(PROGRAMS, after, strict=True):
        assert all(RAN.is_due(program.id, now, day) for day in range(WEEK))


def test_what_does_not_run_here_is_a_program() -> None:
    """not_here.toml names programs of the site, each with a reason."""
    assert NOT_HERE.keys() <= {program.id for program in PROGRAMS}
    assert all(NOT_HERE.values())
