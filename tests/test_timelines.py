"""Each recorded timeline is that of its program, and so is each picture of one."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from draw_timeline import STYLE, figure
from forked import RECORDED, run_contained
from programs import DOCS, EXAMPLES, ROOT, Program, page_of, programs
from stories import plot, trace_of

DRAWN = [program for program in programs() if program.trace.exists()]
EACH = pytest.mark.parametrize("program", DRAWN, ids=lambda program: program.id)


def picture_of(program: Program) -> Path:
    """Where the picture of a program's timeline is, ready to be included in a page."""
    return DOCS / "_includes" / "timelines" / f"{program.id}.html"


@EACH
def test_each_task_goes_through_the_same_steps(
    program: Program, request: pytest.FixtureRequest
) -> None:
    """Recorded anew, every task waits for the same, at the same lines, and ends so.

    It has three tries, for on a busy machine two timers may fall together.
    """
    for _ in range(3):
        again = run_contained(program.path, program.text, RECORDED)
        assert again.run.status == program.exit_code, again.run.stderr
        if request.config.option.record:
            program.trace.write_text(again.trace, "utf-8", newline="\n")
        fresh = plot(json.loads(again.trace))
        if fresh == plot(trace_of(program)):
            break
    assert fresh == plot(trace_of(program))


@EACH
def test_a_timeline_was_recorded_of_this_program(program: Program) -> None:
    """A program that was changed since must be recorded again."""
    trace = trace_of(program)
    source = program.path.read_bytes()
    assert trace["sha256"] == hashlib.sha256(source).hexdigest()
    assert trace["complete"]
    assert str(program.path.parent) not in program.trace.read_text("utf-8")


@EACH
def test_the_picture_is_drawn_from_the_trace(
    program: Program, request: pytest.FixtureRequest
) -> None:
    """The picture in the page is what `draw_timeline.py` makes of the trace today."""
    picture = figure(trace_of(program)) + "\n"
    path = picture_of(program)
    if request.config.option.record:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(picture, "utf-8", newline="\n")
    assert path.read_text("utf-8") == picture


@EACH
def test_a_picture_is_light(program: Program) -> None:
    """With all that the player needs it is at most 8 KB, gzip."""
    assert len(gzip.compress(picture_of(program).read_bytes(), 9)) <= 8000


def test_the_pictures_have_their_style(request: pytest.FixtureRequest) -> None:
    """The site has what `draw_timeline.py` says of colours and strokes, once."""
    path = DOCS / "assets" / "css" / "picture.css"
    if request.config.option.record:
        path.write_text(f"{STYLE}\n", "utf-8", newline="\n")
    assert path.read_text("utf-8") == f"{STYLE}\n"


@EACH
def test_a_timeline_stands_on_the_page_of_its_program(program: Program) -> None:
    """It comes below what the program prints."""
    include = picture_of(program).relative_to(ROOT).as_posix()
    printed = program.errors if program.errors.exists() else program.output
    shown = printed.relative_to(ROOT).as_posix()
    wanted = f'--8<-- "{shown}"\n```\n\n--8<-- "{include}"\n'
    assert wanted in page_of(program).read_text("utf-8")


def test_no_picture_is_left_over() -> None:
    """Each picture has its trace, and each trace its program."""
    there = set((DOCS / "_includes" / "timelines").rglob("*.html"))
    assert there == set(map(picture_of, DRAWN))
    assert set(EXAMPLES.rglob("*.trace.json")) == {p.trace for p in DRAWN}
