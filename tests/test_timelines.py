"""Each recorded timeline is that of its program, and so is each picture of one."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from draw_timeline import figure
from programs import DOCS, EXAMPLES, Program, page_of
from running import DEADLINE, environment
from test_record_timeline import story

RECORDER = EXAMPLES / "tools" / "record_timeline.py"
TRACES = sorted(EXAMPLES.glob("*/*.trace.json"))
EACH = pytest.mark.parametrize(
    "path", TRACES, ids=lambda path: f"{path.parent.name}/{path.name}"
)


def program_of(path: Path) -> Program:
    """The program that a trace was recorded of."""
    return Program(path.with_name(path.name.replace(".trace.json", ".py")))


def drawn(path: Path) -> Path:
    """Where the picture of a trace is, ready to be included in a page."""
    name = path.name.replace(".trace.json", ".html")
    return DOCS / "_includes" / "timelines" / path.parent.name / name


@EACH
def test_each_task_goes_through_the_same_steps(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Recorded anew, every task waits for the same, at the same lines, and ends so."""
    program = program_of(path)
    again = tmp_path / "again.json"
    command = [sys.executable, str(RECORDER), "--lines", "--json", str(again)]
    subprocess.run(
        [*command, str(program.path)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        timeout=DEADLINE,
        check=True,
    )
    if request.config.option.record:
        path.write_bytes(again.read_bytes())
    fresh = json.loads(again.read_text("utf-8"))
    assert story(fresh) == story(json.loads(path.read_text("utf-8")))


@EACH
def test_a_timeline_was_recorded_of_this_program(path: Path) -> None:
    """A program that was changed since must be recorded again."""
    trace = json.loads(path.read_text("utf-8"))
    source = program_of(path).path.read_bytes()
    assert trace["sha256"] == hashlib.sha256(source).hexdigest()
    assert trace["complete"]


@EACH
def test_the_picture_is_drawn_from_the_trace(
    path: Path, request: pytest.FixtureRequest
) -> None:
    """The picture in the page is what `draw_timeline.py` makes of the trace today."""
    picture = figure(json.loads(path.read_text("utf-8"))) + "\n"
    if request.config.option.record:
        drawn(path).parent.mkdir(parents=True, exist_ok=True)
        drawn(path).write_text(picture, "utf-8", newline="\n")
    assert drawn(path).read_text("utf-8") == picture


@EACH
def test_a_timeline_stands_on_the_page_of_its_program(path: Path) -> None:
    """It comes below the output of the program."""
    program = program_of(path)
    include = drawn(path).relative_to(DOCS.parent).as_posix()
    output = program.output.relative_to(DOCS.parent).as_posix()
    wanted = f'--8<-- "{output}"\n```\n\n--8<-- "{include}"\n'
    assert wanted in page_of(program).read_text("utf-8")


def test_no_picture_is_left_over() -> None:
    """Each picture has its trace."""
    there = set((DOCS / "_includes" / "timelines").rglob("*.html"))
    assert there == {drawn(path) for path in TRACES}
