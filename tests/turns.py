"""What takes long is done where something has changed, else on one day of a week.

A file beside the tests notes each program, or page, as it was when it was done last.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from programs import EXAMPLES, Program

WEEK = 7  # days until everything had its turn


def digest(*parts: bytes) -> str:
    """Sixteen hexadecimal digits that tell whether any of the parts has changed."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def recorded(program: Program) -> list[bytes]:
    """The text of a program, and all that was recorded of it."""
    files = [program.path, program.output, program.errors, program.trace]
    return [file.read_bytes() for file in files if file.exists()]


def today() -> int:
    """The number of the day, in UTC, on which this session began.

    Its workers inherit it, so that midnight changes nobody's turn.
    """
    now = str(datetime.now(UTC).toordinal())
    return int(os.environ.setdefault("DAY_OF_THE_SUITE", now))


def is_in_turn(name: str, day: int) -> bool:
    """Whether something of this name has its turn on a day: it has on one of WEEK."""
    return int(digest(name.encode()), 16) % WEEK == day % WEEK


@dataclass(frozen=True)
class Turns:
    """When each has its turn, by what a JSON `file` notes of them."""

    file: Path

    def noted(self) -> dict[str, str]:
        """The digest of each, when it was done last."""
        noted: dict[str, str] = json.loads(self.file.read_text("utf-8"))
        return noted

    def is_due(self, name: str, now: str, day: int) -> bool:
        """Whether its digest is not `now` what was noted, or the day is its turn."""
        return self.noted().get(name) != now or is_in_turn(name, day)

    def note(self, name: str, now: str, names: Iterable[str]) -> None:
        """Note that it was done, and forget whatever is none of `names`."""
        noted = self.noted() | {name: now}
        kept = {name: noted[name] for name in sorted(noted.keys() & {*names})}
        self.file.write_text(json.dumps(kept, indent=0) + "\n", "utf-8", newline="\n")


PAGES = Path(__file__).with_name("pages")
OF_A_PAGE = re.compile(
    r"^tests/pages/test_(?P<module>\w+)\.py::|\[(?:3\.\d+-)?(?P<folder>\w+)/\w+\]"
)


def page_of(test: str) -> str | None:
    """The page that a test is about, by the test's id; None if it is about none.

    That is a page's own module, and a test of one of its programs.
    """
    found = OF_A_PAGE.search(test)
    name = found and (found["module"] or found["folder"])
    return name if name and (PAGES / f"test_{name}.py").exists() else None


def state(page: str) -> str:
    """A digest of the tests and the programs of a page, and of the tools."""
    folders = [EXAMPLES / page, EXAMPLES / "tools"]
    files = [file for folder in folders for file in folder.glob("*.*")]
    files = [file for file in files if file.suffix in {".py", ".out", ".err"}]
    parts = [PAGES / f"test_{page}.py", *sorted(files)]
    return digest(*(part.read_bytes() for part in parts))


class TurnsOfPages:
    """A plugin: leaves out the tests of the pages whose turn it is not.

    With `record`, notes the pages of which all tests that ran have passed.
    """

    def __init__(self, file: Path, *, record: bool) -> None:
        self.turns, self.record = Turns(file), record
        self.ran, self.failed = set[str](), set[str]()

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Leave out what is not due."""
        pages = {page for item in items if (page := page_of(item.nodeid))}
        noted, day = self.turns, today()
        due = {page for page in pages if noted.is_due(page, state(page), day)}
        late = [item for item in items if page_of(item.nodeid) in pages - due]
        config.hook.pytest_deselected(items=late)
        items[:] = [item for item in items if page_of(item.nodeid) not in pages - due]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember which pages passed."""
        if page := page_of(report.nodeid):
            self.ran.add(page)
            if report.failed:
                self.failed.add(page)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Note them, in the process that hears of all tests."""
        if self.record and not hasattr(session.config, "workerinput"):
            names = [path.stem.removeprefix("test_") for path in PAGES.glob("test_*")]
            for page in self.ran - self.failed:
                self.turns.note(page, state(page), names)
