"""What differs from Python to Python: small programs, and what each prints there.

The programs are in `docs/_includes/what_changed/`. What they print was recorded
on each Python, in `docs/_api/changes.json`; a test repeats it on whichever runs
it. The tables of `reference/what-changed.md` are made of that.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import api_map
from programs import DOCS

PROBES = DOCS / "_includes" / "what_changed"
RECORDED = DOCS / "_api" / "changes.json"
PAGE = DOCS / "reference" / "what-changed.md"


def probes() -> list[Path]:
    """The programs, in the order in which the page shows them."""
    text = PAGE.read_text("utf-8")
    found = re.findall(r'--8<-- "docs/_includes/what_changed/(\w+)\.py"', text)
    return [PROBES / f"{name}.py" for name in found]


def claim(probe: Path) -> str:
    """What a program says of the newest Python: its docstring."""
    return (ast.get_docstring(ast.parse(probe.read_text("utf-8"))) or "").strip()


def recorded() -> dict[str, dict[str, str]]:
    """What each program printed, by the program and the Python's version."""
    found: dict[str, dict[str, str]] = json.loads(RECORDED.read_text("utf-8"))
    return found


def groups(printed: dict[str, str]) -> dict[str, list[str]]:
    """The versions that printed the same, by what they printed."""
    found: dict[str, list[str]] = {}
    for version in sorted(printed):
        found.setdefault(printed[version], []).append(version)
    return found


def outputs(probe: Path) -> str:
    """What a program prints on each Python, as a table in Markdown."""
    lines = ["| Python | prints |", "| --- | --- |"]
    for text, versions in groups(recorded()[probe.stem]).items():
        lines.append(f"| {', '.join(versions)} | `{text}` |")
    return "\n".join(lines) + "\n"


def behaviour() -> str:
    """The programs' claims by the version from which they are true."""
    lines = ["| From | What is new | Before it |", "| --- | --- | --- |"]
    rows = []
    for probe in probes():
        found = groups(recorded()[probe.stem])
        *before, last = found
        since = found[last][0]
        anchor = re.sub(r"[^\w-]", "", probe.stem.replace("_", "-"))
        told = ", then ".join(f"`{text}`" for text in before)
        rows.append((since, f"| {since} | [{claim(probe)}](#{anchor}) | {told} |"))
    lines += [row for _, row in sorted(rows, key=lambda row: row[0])]
    return "\n".join(lines) + "\n"


def names() -> str:
    """The names that came and went, by version."""
    lines = ["| From | New names | New members | New parameters | Out of `__all__` |"]
    lines += ["| --- | --- | --- | --- | --- |"]
    pythons = api_map.recorded()
    for version in list(pythons)[1:]:
        came: dict[bool, list[str]] = {False: [], True: []}
        gone = []
        parameters = []
        for name in api_map.names().values():
            since, until = api_map.versions(name.name)
            if since == version:
                came[bool(name.owner)].append(f"`{name.name}`")
            if (until[0], until[1] + 1) == version:
                gone.append(f"`{name.name}`")
            for new in api_map.new_parameters(name.name).get(version, ()):
                parameters.append(f"`{name.name}({new}=)`")
        cells = [came[False], came[True], parameters, gone]
        told = " | ".join(", ".join(cell) or "none" for cell in cells)
        lines.append(f"| {version[0]}.{version[1]} | {told} |")
    return "\n".join(lines) + "\n"
