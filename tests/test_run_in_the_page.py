"""Every program, run in a page of the site: it prints what its page shows.

CPython 3.14 runs there, so what was recorded holds but for the line numbers
and the place of the standard library.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firefox import opened
from in_a_page import Runner, without_places
from programs import NOT_HERE, Program, programs
from running import expected, is_in_turn, record, run, same

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

COARSE_CLOCK = {"event_loop/a_timer_is_never_early"}


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


def is_asked_for(program: Program, browser: str, config: pytest.Config) -> bool:
    """Whether this session runs a program in a browser.

    Without --slow, Firefox runs the battery and another quarter of the others
    each day.
    """
    if browser == "chromium" or program in BATTERY or config.option.slow:
        return True
    return is_in_turn(program.id, datetime.now(UTC).toordinal())


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
        pytest.skip("not in today's quarter for Firefox: --slow runs them all")
    got = runner.result(program).run
    if program.id in COARSE_CLOCK and runner.browser == "firefox":
        pytest.skip("Firefox's clock goes in steps of 1 ms, and the program sees it")
    if program.not_here:
        assert not same(program, got), "it runs here: take it out of not_here.toml"
        return
    for _ in range(2):  # a busy machine may be late: again, alone
        if not same(program, got):
            got = runner.run(program.text, program.path.name).run
    want = expected(program)
    assert same(program, got), f"\nrecorded: {want}\nin the page: {got}"


@each(BATTERY)
def test_cpython_prints_it(program: Program, request: pytest.FixtureRequest) -> None:
    """What the battery's programs are compared with is what Python 3.14 prints."""
    if sys.version_info < PYTHON:
        pytest.skip("it needs Python 3.14")
    got = without_places(run(program.path))
    if request.config.option.record:
        record(program, got)
    assert same(program, got), f"\nrecorded: {expected(program)}\nnow:      {got}"


def test_what_does_not_run_here_is_a_program() -> None:
    """not_here.toml names programs of the site, each with a reason."""
    assert NOT_HERE.keys() <= {program.id for program in PROGRAMS}
    assert all(NOT_HERE.values())
