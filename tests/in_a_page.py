"""Run programs in a page of the site, by the site's own runtime."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from programs import Program
from running import Run

SCRIPT = Path(__file__).with_suffix(".js").read_text("utf-8")
AT_ONCE = 3  # interpreters; programs wait for most of their time
LIBRARY = re.compile(r'[^"\s]*/python3\.?14(?:\.zip)?/([^":\n]+(?:", line |:))\d+')


@dataclass(frozen=True)
class Seen:
    """What a page saw of one run of a program."""

    stdout: str
    stderr: str
    status: int | None
    ended: str  # "done", or what happened instead
    notes: list[str] = field(default_factory=list)
    seconds: float = 0
    timeline: int = 0  # characters of its figure
    stopped: list[float] = field(default_factory=list)

    @property
    def run(self) -> Run:
        """What it printed; where nothing ended in order, what happened instead."""
        ended = "" if self.ended == "done" else f"[{self.ended}]\n"
        status = -1 if self.status is None else self.status
        return without_places(Run(self.stdout, self.stderr + ended, status))


def without_places(run: Run) -> Run:
    """The same without where the standard library is, and its line numbers."""
    return Run(run.stdout, LIBRARY.sub(r"\1N", run.stderr), run.status)


class Runner:
    """A tab that runs programs. `evaluate` runs JavaScript there, gives its value."""

    def __init__(
        self, evaluate: Callable[[str], Any], address: str, browser: str = "chromium"
    ) -> None:
        self._evaluate, self.browser = evaluate, browser
        script = json.dumps(f"{address}assets/js/runtime.js")
        evaluate(f"(() => {{ {SCRIPT} return prepareToRun({script}); }})()")

    def start(self, programs: Iterable[Program]) -> None:
        """Start these programs, a few at once."""
        about = [
            {"key": it.id, "text": it.text, "name": it.path.name} for it in programs
        ]
        self._evaluate(f"programRunner.start({json.dumps(about)}, {AT_ONCE})")

    def result(self, program: Program) -> Seen:
        """Wait for a started program."""
        return Seen(**self._evaluate(f"programRunner.result({json.dumps(program.id)})"))

    def run(self, text: str, name: str = "program.py", **how: Any) -> Seen:
        """Run one program now; `how` is as run() in in_a_page.js takes it."""
        about = json.dumps({"text": text, "name": name, **how})
        return Seen(**self._evaluate(f"programRunner.run({about})"))

    def start_one_more(self) -> None:
        """Start an interpreter that waits for a program, and wait until it does."""
        self._evaluate("programRunner.ready()")
