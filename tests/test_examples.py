"""Every program: what it prints, on each Python, and that it is clean."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from forked import ON_THE_CLOCK, STRICT_ON_THE_CLOCK, run_contained
from programs import EXAMPLES, ROOT, STAGES, Program, difference, programs, stages
from running import expected, minor, record, run, same

LOCKS = [EXAMPLES / "requirements.txt", EXAMPLES / "benchmarks" / "requirements.txt"]
OWN = ["docs/_hooks", "docs/_runtime"]
FOR_GITHUB = ["README.md", "CONTRIBUTING.md"]
PROGRAMS = [program for program in programs() if program.folder != "tools"]
EACH = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.id)


def skip_if_too_old(program: Program, python: str) -> None:
    """Skip where `python` is older than the program asks for."""
    if (3, minor(python)) < program.python:
        version = ".".join(map(str, program.python))
        pytest.skip(f"it needs Python {version}: run the suite with --every-python")


@EACH
def test_a_program_prints_what_its_page_shows(
    program: Program, python: str, request: pytest.FixtureRequest
) -> None:
    """A plain run gives the recorded output, errors and exit status."""
    skip_if_too_old(program, python)
    got = run(program.path, python=python)
    if request.config.option.record and python == sys.executable:
        record(program, got)
    assert same(program, got), f"\nrecorded: {expected(program)}\nnow:      {got}"


@EACH
def test_a_program_is_clean_and_its_order_is_no_chance(
    program: Program, python: str
) -> None:
    """In development mode, on the virtual clock, it prints the same, and is clean.

    No warning, no lost exception, no leak: standard error stays empty. A program
    that shows a mistake is the exception; it has an `.err` file. On the clock
    waits take no time, so no order depends on the time that a step takes.
    """
    skip_if_too_old(program, python)
    way = STRICT_ON_THE_CLOCK
    got = run_contained(program.path, program.text, way, python=python).run
    if program.errors.exists():
        assert got.stderr
        way = ON_THE_CLOCK
        got = run_contained(program.path, program.text, way, python=python).run
    else:
        assert got.stderr == ""
    assert same(program, got), f"\nrecorded: {expected(program)}\nnow:      {got}"


@EACH
def test_what_a_program_prints_names_no_machine(program: Program) -> None:
    """No recorded output has a path, an address or an id of where it ran."""
    recorded = expected(program)
    told = re.findall(
        r"\bFile \"/.*|\b0x[0-9a-f]{6,}|/(?:home|root|tmp|usr)/\S*|127\.0\.0\.1:\d{2,}",
        recorded.stdout + recorded.stderr,
    )
    assert not told


@EACH
def test_a_program_fits_a_page(program: Program) -> None:
    """Its lines have at most 72 columns; it has at most 70 of them.

    The last stages of the tutorial's program are longer: a reader of the lesson
    has read all but what is new, and the page shows the difference.
    """
    lines = program.text.splitlines()
    assert [line for line in lines if len(line) > 72] == []
    assert len(lines) <= (126 if program.id in STAGES[-4:] else 70)


@pytest.mark.parametrize(
    ("before", "after"), stages(), ids=[after.id for _, after in stages()]
)
def test_the_difference_of_two_stages_is_shown(
    before: Program, after: Program, request: pytest.FixtureRequest
) -> None:
    """What a lesson shows of it is made from the two programs."""
    made = difference(before, after)
    if request.config.option.record:
        after.difference.write_text(made, "utf-8", newline="\n")
    assert after.difference.read_text("utf-8") == made


def test_nothing_was_recorded_of_a_program_that_is_gone() -> None:
    """Each .out and .err file stands beside its program, each .diff by a stage."""
    recorded = [*EXAMPLES.rglob("*.out"), *EXAMPLES.rglob("*.err")]
    alone = [path.name for path in recorded if not path.with_suffix(".py").exists()]
    assert alone == []
    assert set(EXAMPLES.rglob("*.diff")) == {after.difference for _, after in stages()}


def test_the_locks_agree() -> None:
    """A program runs with the packages that the site's own lock names.

    The benchmarks have more, and of what both name the same versions.
    """
    pin = re.compile(r"(?m)^[\w.-]+==[^\s;]+")
    whole = set(pin.findall((ROOT / "requirements.txt").read_text()))
    part, more = (set(pin.findall(lock.read_text())) for lock in LOCKS)
    assert part
    assert part <= whole
    names = {pin.split("==")[0] for pin in whole}
    shared = {pin for pin in more if pin.split("==")[0] in names}
    assert shared
    assert shared <= whole


def test_no_lock_holds_an_address() -> None:
    """A lock file carries versions and hashes, and installs from any registry."""
    for lock in (ROOT / "requirements.txt", *LOCKS):
        assert "://" not in lock.read_text()


@pytest.mark.parametrize("tool", ["ruff", "ruff format", "mypy", "codespell"])
def test_the_programs_are_linted_and_typed(tool: str) -> None:
    """`ruff` with ASYNC and RUF006, `mypy --strict` and a spelling check pass."""
    commands = {
        "ruff": ["ruff", "check", "--no-cache", "."],
        "ruff format": ["ruff", "format", "--no-cache", "--check", "."],
        "mypy": ["mypy", "--no-error-summary", "examples", *OWN],
        "codespell": ["codespell_lib", "docs", "examples", "tests", *FOR_GITHUB],
    }
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *commands[tool]],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
