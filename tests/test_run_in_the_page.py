"""Every program, run in a page of the site: it prints what its page shows.

CPython 3.14 runs there, so what was recorded holds but for the line numbers
and the place of the standard library.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from in_a_page import Runner, without_places
from programs import NOT_HERE, Program, programs
from running import expected, same

pytestmark = pytest.mark.xdist_group("runtime")  # one Chromium for all
PYTHON = (3, 14)  # in the browser
PROGRAMS = [
    program
    for program in programs()
    if program.folder != "tools" and program.python <= PYTHON
]
EACH = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.id)


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
    runner.start(program for program in PROGRAMS if program in wanted)
    yield runner
    page.close()


@EACH
def test_a_program_prints_in_the_page_what_it_shows(
    chromium: Runner, program: Program
) -> None:
    """Output, errors and exit status are as recorded, but where the site says no."""
    recorded = without_places(expected(program))
    got = chromium.result(program).run
    if program.not_here:
        assert not same(program, got), "it runs here: take it out of not_here.toml"
        return
    if not same(program, got):  # a busy machine may be late: once more, alone
        got = chromium.run(program.text, program.path.name).run
    assert same(program, got), f"\nrecorded: {recorded}\nin the page: {got}"


def test_what_does_not_run_here_is_a_program() -> None:
    """not_here.toml names programs of the site, each with a reason."""
    assert NOT_HERE.keys() <= {program.id for program in PROGRAMS}
    assert all(NOT_HERE.values())
