"""A program in which a reader has changed something."""

from __future__ import annotations

from types import ModuleType

from programs import EXAMPLES


def changed(program: str, *edits: tuple[str, str]) -> ModuleType:
    """Import a program by its id, with each old text replaced by a new one."""
    path = EXAMPLES / f"{program}.py"
    source = path.read_text("utf-8")
    for old, new in edits:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    module = ModuleType(path.stem)
    exec(compile(source, path.name, "exec", dont_inherit=True), vars(module))
    return module
