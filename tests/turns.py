"""What takes long is done where something has changed, else on one day of a week.

A file beside the tests notes each program as it was when it was done last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from programs import Program

WEEK = 7  # days until everything had its turn


def digest(*parts: bytes) -> str:
    """Sixteen hexadecimal digits that tell whether any of the parts has changed."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def recorded(program: Program) -> list[bytes]:
    """The text of a program, and all that was recorded of it."""
    files = [program.path, program.output, program.errors, program.trace]
    return [file.read_bytes() for file in files if file.exists()]


def today() -> int:
    """The number of this day, in UTC."""
    return datetime.now(UTC).toordinal()


def is_in_turn(name: str, day: int) -> bool:
    """Whether something of this name has its turn on a day: it has on one of WEEK."""
    return int(digest(name.encode()), 16) % WEEK == day % WEEK


@dataclass(frozen=True)
class Turns:
    """When the programs have their turn, by what a JSON `file` notes of them."""

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
