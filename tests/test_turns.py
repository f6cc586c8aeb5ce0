"""What takes long has its turn: when it has changed, and on one day of the week."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import turns
from turns import WEEK, Turns, TurnsOfPages, is_in_turn, page_of, state

CLAIM = "tests/pages/test_coroutines.py::test_calling"
PROGRAM = "tests/test_examples.py::test_a_program_prints[3.14-coroutines/forgotten]"
TOOL = "tests/test_virtual_clock.py::test_time_jumps"


@pytest.fixture
def left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Which tests the plugin leaves out on a day, by what the file notes."""
    file = tmp_path / "noted.json"
    file.write_text("{}")

    def left_out(day: int, *tests: str) -> list[str]:
        monkeypatch.setattr(turns, "today", lambda: day)
        gone: list[str] = []
        hook = SimpleNamespace(
            pytest_deselected=lambda items: gone.extend(it.nodeid for it in items)
        )
        items: Any = [SimpleNamespace(nodeid=test) for test in tests]
        config: Any = SimpleNamespace(hook=hook)
        TurnsOfPages(file, record=False).pytest_collection_modifyitems(config, items)
        assert [it.nodeid for it in items] + gone != []
        assert {it.nodeid for it in items} | {*gone} == {*tests}
        return gone

    left_out.file = file  # type: ignore[attr-defined]
    return left_out


def test_a_test_is_about_a_page_or_about_none() -> None:
    """A page's module and its programs count; the tools' tests have no page."""
    assert page_of(CLAIM) == page_of(PROGRAM) == "coroutines"
    assert page_of(TOOL) is None
    assert page_of("tests/test_x.py::test_y[browser_battery/echo]") is None
    assert page_of("tests/test_x.py::test_y[a/b-c]") is None


def test_a_page_as_it_was_noted_has_its_turn_once_a_week(left_out: Any) -> None:
    """What is new or has changed is always run, and so is what has no page."""
    days = range(WEEK)
    assert not any(left_out(day, CLAIM, PROGRAM, TOOL) for day in days)
    Turns(left_out.file).note("coroutines", state("coroutines"), ["coroutines"])
    gone = [left_out(day, CLAIM, PROGRAM, TOOL) for day in days]
    assert sorted(map(tuple, gone)) == [(), *[(CLAIM, PROGRAM)] * (WEEK - 1)]
    assert [not it for it in gone] == [is_in_turn("coroutines", day) for day in days]
    Turns(left_out.file).note("coroutines", "as it was before", ["coroutines"])
    assert not any(left_out(day, CLAIM, PROGRAM, TOOL) for day in days)


@pytest.mark.parametrize(
    "changed",
    [
        "tests/pages/test_coroutines.py",
        "examples/coroutines/b.out",
        "examples/tools/c.py",
    ],
)
def test_what_a_page_stands_on_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    """Its tests, its programs with their recordings, and the tools."""
    monkeypatch.setattr(turns, "PAGES", tmp_path / "tests" / "pages")
    monkeypatch.setattr(turns, "EXAMPLES", tmp_path / "examples")
    for name in (
        "tests/pages/test_coroutines.py",
        "examples/coroutines/b.py",
        "examples/coroutines/b.out",
        "examples/tools/c.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    before = state("coroutines")
    assert state("coroutines") == before
    (tmp_path / changed).write_text("changed")
    assert state("coroutines") != before


def test_midnight_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session keeps the day on which it began, and its workers have it too."""
    monkeypatch.setenv("DAY_OF_THE_SUITE", "7")
    assert turns.today() == 7
    monkeypatch.delenv("DAY_OF_THE_SUITE")
    day = turns.today()
    assert os.environ["DAY_OF_THE_SUITE"] == str(day)
    assert 0 <= datetime.now(UTC).toordinal() - day <= 1


def test_a_page_with_a_failure_is_not_noted(tmp_path: Path) -> None:
    """Of the pages that ran, those are noted of which all tests passed."""
    file = tmp_path / "noted.json"
    file.write_text("{}")
    plugin = TurnsOfPages(file, record=True)
    other = "tests/pages/test_event_loop.py::test_one"
    for test, failed in [
        (CLAIM, True),
        (PROGRAM, False),
        (other, False),
        (TOOL, False),
    ]:
        report: Any = SimpleNamespace(nodeid=test, failed=failed)
        plugin.pytest_runtest_logreport(report)
    session: Any = SimpleNamespace(config=SimpleNamespace())
    plugin.pytest_sessionfinish(session)
    assert Turns(file).noted() == {"event_loop": state("event_loop")}
