"""The claims of `reference/examples.md`."""

from __future__ import annotations

import ast
import sys

from programs import DOCS, EXAMPLES, programs


def test_complete() -> None:
    """Every program of this site is in the lists below, by page."""
    listed = (DOCS / "_includes" / "programs.md").read_text("utf-8")
    for program in programs():
        assert listed.count(f"| `{program.path.name}` | {program.claim} |") == 1


def test_alone() -> None:
    """Each is one file that runs alone, except that a few want the virtual clock or the small site of the tutorial beside them."""
    allowed = {*sys.stdlib_module_names, "aiohttp", "aiofiles", "aiosqlite"}
    for program in programs():
        tree = ast.parse(program.text)
        imported = {
            name.split(".")[0]
            for node in ast.walk(tree)
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        imported -= {"virtual_clock", "small_site"} & set(program.needs)
        assert imported <= allowed, program.id
        packages = imported - sys.stdlib_module_names
        assert packages == set(program.dependencies), program.id


def test_the_licence() -> None:
    """They are under the 0BSD licence, so you may paste them anywhere without a notice."""
    text = (EXAMPLES / "LICENSE").read_text("utf-8")
    assert text.startswith("Zero-Clause BSD")
    assert "the above copyright notice" not in text
