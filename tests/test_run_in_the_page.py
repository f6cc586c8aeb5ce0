"""Every program, run in a page of the site: it prints what its page shows.

CPython 3.14 runs there, so what was recorded holds but for the line numbers
and the place of the standard library.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from in_a_page import Runner, without_places
from programs import NOT_HERE, Program, programs
from running import expected, record, run, same

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


def each(some: list[Program]) -> pytest.MarkDecorator:
    """Run a test with each of these programs."""
    return pytest.mark.parametrize("program", some, ids=lambda program: program.id)


@pytest.fixture(scope="module")
def chromium(
    browser: Browser, runtime: str, request: pytest.FixtureRequest
) -> Iterator[Runner]:
    """A page that runs programs: those that this session asks for, a few at once."""
    page = browser.new_page()
    page.goto(runtime)
    runner = Runner(page.evaluate, runtime)
    asked = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [call.params.get("program") for call in asked if call]
    runner.start(program for program in PROGRAMS + BATTERY if program in wanted)
    yield runner
    page.close()


@each(PROGRAMS + BATTERY)
def test_a_program_prints_in_the_page_what_it_shows(
    chromium: Runner, program: Program
) -> None:
    """Output, errors and exit status are as recorded, but where the site says no."""
    got = chromium.result(program).run
    if program.not_here:
        assert not same(program, got), "it runs here: take it out of not_here.toml"
        return
    if not same(program, got):  # a busy machine may be late: once more, alone
        got = chromium.run(program.text, program.path.name).run
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
