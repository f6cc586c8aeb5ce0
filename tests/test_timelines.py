"""Each recorded timeline is that of its program, and so is each picture of one."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from draw_timeline import STYLE, figure
from forked import RECORDED, run_contained
from programs import DOCS, EXAMPLES, ROOT, Program, page_of, pages, programs
from stories import plot, trace_of

DRAWN = [program for program in programs() if program.trace.exists()]
EACH = pytest.mark.parametrize("program", DRAWN, ids=lambda program: program.id)


ONE_CALL = "what explains it is one call, and not who waits for whom"
MADE = "it is a list, or a table, or tells of the site"
# The pages without a timeline, and why.
WITHOUT = {
    "eager_tasks": "its programs need Python 3.12, and 3.11 records the timelines",
    "test_without_sleeping": "its programs are tests, which take no time",
    "test_without_network": "its program is tests, which take no time",
    "many_requests": "it has plots of what was measured",
    "cost_of_one": "it has plots of what was measured",
    "which_tool": "it compares what comes out, in tables",
    "what_changed": "its programs show what differs, in one line each",
} | dict.fromkeys(
    [
        "async_for_requires_aiter",
        "attached_to_a_different_loop",
        "cannot_be_awaited",
        "cannot_be_called_from_a_running_event_loop",
        "cannot_reuse_already_awaited_coroutine",
        "created_in_a_different_context",
        "errno_24_too_many_open_files",
        "event_loop_is_closed",
        "no_current_event_loop",
        "no_running_event_loop",
        "non_thread_safe_operation",
        "this_event_loop_is_already_running",
        "timeout_should_be_used_inside_a_task",
        "unclosed_client_session",
        "was_never_awaited",
    ],
    ONE_CALL,
)
WITHOUT |= dict.fromkeys(
    ["api_map", "error_messages", "examples", "glossary", "run_in_the_page"], MADE
)


def picture_of(program: Program) -> Path:
    """Where the picture of a program's timeline is, ready to be included in a page."""
    return DOCS / "_includes" / "timelines" / f"{program.id}.html"


def test_each_page_has_a_timeline_or_a_reason_for_none() -> None:
    """Whoever adds a page, or a picture, sees to it."""
    here = "docs/_includes/timelines/"
    none = {
        slug for slug, page in pages().items() if here not in page.read_text("utf-8")
    }
    assert none == WITHOUT.keys()


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
