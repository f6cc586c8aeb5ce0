"""The map of asyncio: every public name, since when it is there, who uses it.

`docs/_api/names.toml` has our line for each name, `docs/_api/3.*.json` what
each Python has, as recorded on it. `table()` makes `reference/api-map.md` of
them; tests record and compare.
"""

from __future__ import annotations

import ast
import asyncio
import asyncio.subprocess
import inspect
import json
import platform
import re
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from programs import DOCS, ROOT, Program, by_page, pages, title

DATA = DOCS / "_api"
DOCUMENTATION = "https://docs.python.org/"
SHOWN = 3  # programs in a row of the table
LEVELS = {"high": "", "low": "low-level"}

# As Python's own index, we say `loop` for any event loop.
LOOPS = {"AbstractEventLoop", "BaseEventLoop", "SelectorEventLoop", "EventLoop"}
WITHOUT_MEMBERS = {"asyncio-protocol", "asyncio-policy"}  # a row for the class does
MODULES = {"asyncio": "", "asyncio.subprocess": "subprocess."}

_FENCE = re.compile(r"(?ms)^(`{3,})[^`\n]*\n.*?^\1$")


@dataclass(frozen=True)
class Name:
    """A name of asyncio, as in `Queue.put`, and our line for it."""

    name: str
    line: str
    section: str
    level: str
    page: str
    elsewhere: str = ""

    @property
    def owner(self) -> str:
        """The class that it is a member of; empty for a name of the module."""
        return self.name.removeprefix("subprocess.").rpartition(".")[0]

    @property
    def documentation(self) -> str:
        """The address of its entry in Python's documentation."""
        own = f"3/library/{self.page}.html#asyncio.{self.name}"
        return DOCUMENTATION + (self.elsewhere or own)


@cache
def names() -> dict[str, Name]:
    """Every name of the map, in its order."""
    data = tomllib.loads((DATA / "names.toml").read_text("utf-8"))
    elsewhere = data["documented"]
    found = [
        Name(
            name,
            line,
            section["title"],
            section["level"],
            section["page"],
            elsewhere.get(name, ""),
        )
        for section in data["section"]
        for name, line in section["names"].items()
    ]
    return {name.name: name for name in found}


def reasons() -> dict[str, str]:
    """The names that no program uses, and why."""
    data = tomllib.loads((DATA / "names.toml").read_text("utf-8"))
    return {name: w["reason"] for w in data.get("without", ()) for name in w["names"]}


def introspect() -> dict[str, Any]:
    """What the Python that runs this has.

    `all` is `asyncio.__all__`, `names` adds what the module has beside it;
    `members` are the public members of the classes that have rows of their own
    for them, `parameters` those of the functions and methods.
    """
    here = set(asyncio.__all__) | {n for n in vars(asyncio) if n in _known()}
    objects = {name: getattr(asyncio, name) for name in sorted(here)}
    for name in ("Process", "PIPE", "STDOUT", "DEVNULL"):
        objects[f"subprocess.{name}"] = getattr(asyncio.subprocess, name)
    members = {}
    parameters = {}
    for name, value in objects.items():
        parameters[name] = _parameters(value)
        known = names().get(name)
        if isinstance(value, type) and known and known.page not in WITHOUT_MEMBERS:
            members[name] = sorted(_members(value))
            for member in members[name]:
                method = inspect.getattr_static(value, member, None)
                parameters[f"{name}.{member}"] = _parameters(method)
    return {
        "python": platform.python_version(),
        "all": sorted(asyncio.__all__),
        "names": sorted(objects),
        "members": {name: found for name, found in members.items() if found},
        "parameters": {name: found for name, found in parameters.items() if found},
    }


def strangers() -> list[str]:
    """The names and members of this Python's asyncio that the map does not list."""
    data = tomllib.loads((DATA / "names.toml").read_text("utf-8"))
    here = introspect()
    found = [name for name in here["all"] if name not in names()]
    for owner, members in here["members"].items():
        module = asyncio.subprocess if "." in owner else asyncio
        kind = getattr(module, owner.rpartition(".")[2])
        owners = [owner, *(base.__name__ for base in kind.__mro__)]
        if LOOPS & {*owners} or "AbstractServer" in owners:
            owners += ["loop", "Server"]
        for member in members:
            inner = any(member in data["undocumented"].get(o, ()) for o in owners)
            if not inner and not any(f"{o}.{member}" in names() for o in owners):
                found.append(f"{owner}.{member}")
    return found


def write(found: dict[str, Any]) -> str:
    """`introspect()` as JSON, with a line for each name."""
    parts = []
    for key, value in found.items():
        if isinstance(value, dict):
            lines = [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()]
            parts.append(f"{json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n}")
        elif isinstance(value, list):
            lines = [f"  {json.dumps(v)}" for v in value]
            parts.append(f"{json.dumps(key)}: [\n" + ",\n".join(lines) + "\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _known() -> set[str]:
    return {name for name in names() if "." not in name}


def _members(kind: type) -> set[str]:
    """The public members of a class, and what its `__init__` gives an instance."""
    base = OSError if issubclass(kind, OSError) else Exception
    inherited = set(dir(base)) if issubclass(kind, BaseException) else set[str]()
    found = {name for name in dir(kind) if name[0] != "_"} - inherited
    for each in kind.__mro__:
        if not each.__module__.startswith("asyncio") or "__init__" not in vars(each):
            continue
        try:
            source = inspect.getsource(vars(each)["__init__"])
        except (OSError, TypeError):  # written in C
            continue
        for node in ast.walk(ast.parse(textwrap.dedent(source))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
    return {name for name in found if name[0] != "_"}


def _parameters(value: object) -> list[str]:
    """The names of the parameters that a caller can give."""
    if not callable(value):
        return []
    try:
        found = inspect.signature(value).parameters
    except ValueError:  # written in C, without a signature
        return []
    return [name for name in found if name not in {"self", "cls", "args", "kwargs"}]


@cache
def recorded() -> dict[tuple[int, int], dict[str, Any]]:
    """What was recorded on each Python, by version."""
    return {
        (3, int(path.stem.partition(".")[2])): json.loads(path.read_text("utf-8"))
        for path in sorted(DATA.glob("3.*.json"))
    }


def recording() -> Path:
    """Where what the Python that runs this has is recorded."""
    return DATA / f"3.{sys.version_info.minor}.json"


def is_in(name: str, python: dict[str, Any]) -> bool:
    """Whether a Python, as recorded, has `name`."""
    owner, _, member = name.rpartition(".")
    if owner == "loop":
        return any(member in python["members"].get(loop, ()) for loop in LOOPS)
    if name in python["names"]:
        return True
    return member in python["members"].get(owner, ())


def versions(name: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """The oldest and the newest recorded Python that have `name`."""
    there = [version for version, python in recorded().items() if is_in(name, python)]
    return min(there), max(there)


def uses() -> dict[str, list[Program]]:
    """The programs that use each name, in the order of the pages."""
    shown = [p for ps in by_page().values() for p in ps if p.folder != "tools"]
    found: dict[str, list[Program]] = {name: [] for name in names()}
    each = used_in([program.path for program in shown])
    for program, used in zip(shown, each, strict=True):
        for name in used:
            found[name].append(program)
    return found


def used_in(paths: list[Path]) -> list[set[str]]:
    """The names that each of the programs uses.

    A type checker reads them and says of which class each object is; so
    `queue.put` counts for `Queue` only if `queue` is one.
    """
    from mypy.build import build
    from mypy.modulefinder import BuildSource
    from mypy.options import Options

    options = Options()
    options.python_version = max(recorded())
    options.mypy_path = [str(ROOT / "examples" / "tools")]
    options.export_types = options.preserve_asts = True
    options.incremental = False
    options.follow_imports = "silent"
    sources = [BuildSource(str(path), f"p{n}", None) for n, path in enumerate(paths)]
    result = build(sources, options)
    return [
        set(_used(result.files[f"p{number}"], result.types))
        for number in range(len(paths))
    ]


def _used(tree: Any, types: dict[Any, Any]) -> Iterator[str]:
    """The names of asyncio that a program uses, outside of annotations."""
    from mypy.nodes import MemberExpr, MypyFile, NameExpr
    from mypy.server.subexpr import get_subexpressions

    for node in get_subexpressions(tree):
        if isinstance(node, NameExpr):
            module, _, name = node.fullname.rpartition(".")
            if node.fullname == "builtins.TimeoutError":
                yield name
            elif module in {"asyncio", *MODULES} or module.startswith("asyncio."):
                yield from _if_known(MODULES.get(module, "") + name)
        elif isinstance(node, MemberExpr):
            of = getattr(node.expr, "node", None)
            if isinstance(of, MypyFile):
                if of.fullname in MODULES:
                    yield from _if_known(MODULES[of.fullname] + node.name)
            else:
                yield from _member(types.get(node.expr), node.name)


def _member(kind: Any, member: str) -> Iterator[str]:
    """The names that `x.member` uses, where `x` has the type `kind`."""
    from mypy.types import CallableType, Instance, UnionType, get_proper_type

    kind = get_proper_type(kind)
    if isinstance(kind, UnionType):
        for each in kind.items:
            yield from _member(each, member)
    elif isinstance(kind, CallableType) and kind.is_type_obj():
        yield from _member(kind.ret_type, member)
    elif isinstance(kind, Instance):
        bases = [
            base.name
            for base in kind.type.mro
            if base.module_name.split(".")[0] in {"asyncio", "_asyncio"}
        ]
        if not bases:
            return
        own = "subprocess.Process" if bases[0] == "Process" else bases[0]
        for base in bases:
            owner = "loop" if base in LOOPS else base
            owner = own if base == "Process" else owner
            if f"{owner}.{member}" in names():
                yield f"{owner}.{member}"
                break
        if own not in LOOPS:
            yield from _if_known(own)


def _if_known(name: str) -> Iterator[str]:
    if name in names():
        yield name


def places() -> dict[str, str]:
    """Where each program stands: its page and the heading above it, as a link."""
    found = {}
    for page, members in by_page().items():
        text = page.read_text("utf-8")
        headings = _headings(text)
        for program in members:
            start = text.find(f"examples/{program.id}.py")
            above = [anchor for at, anchor in headings if at < start]
            link = f"../{page.relative_to(DOCS).as_posix()}"
            found[program.id] = link + (f"#{above[-1]}" if above else "")
    return found


def _headings(text: str) -> list[tuple[int, str]]:
    """Where each heading below the first is, and its anchor."""
    from markdown import Markdown

    blank = _FENCE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    at = [found.start() for found in re.finditer(r"(?m)^#+ .+$", blank)]
    reader = Markdown(extensions=["toc", "attr_list"])
    reader.convert(re.sub(r"\A---\n.*?\n---\n", "", blank, flags=re.DOTALL))
    anchors: list[str] = []

    def walk(tokens: list[dict[str, Any]]) -> None:
        for token in tokens:
            anchors.append(token["id"])
            walk(token["children"])

    walk(getattr(reader, "toc_tokens"))  # noqa: B009  what the extension adds
    return list(zip(at, anchors, strict=True))[1:]


def chosen(name: str, users: list[Program]) -> list[Program]:
    """The programs that the table shows for a name, one of a page.

    They are of the pages that mention the name most, and then of the first.
    """
    texts = {slug: _FENCE.sub("", p.read_text("utf-8")) for slug, p in pages().items()}
    short = name.rpartition(".")[2]
    mention = re.compile(rf"`[^`]*\b{re.escape(short)}\b[^`]*`")

    def weight(program: Program) -> int:
        return -len(mention.findall(texts[program.folder]))

    best: dict[str, Program] = {}
    for program in sorted(users, key=weight):
        best.setdefault(program.folder, program)
    return list(best.values())[:SHOWN]


def spoken(program: Program) -> str:
    """The name of a program, in words."""
    return program.path.stem.replace("_", " ")


def new_parameters(name: str) -> dict[tuple[int, int], list[str]]:
    """The parameters that came later than `name` itself, by version."""
    owner, _, member = name.rpartition(".")
    here = [f"{loop}.{member}" for loop in sorted(LOOPS)] if owner == "loop" else [name]
    known: set[str] | None = None
    found = {}
    for version, python in recorded().items():
        if is_in(name, python):
            lists = [python["parameters"].get(each, []) for each in here]
            now = list(dict.fromkeys(p for parameters in lists for p in parameters))
            if known is not None and (new := [p for p in now if p not in known]):
                found[version] = new
            known = (known or set()) | set(now)
    return found


def table(used: dict[str, list[Program]]) -> str:
    """The map as Markdown for `reference/api-map.md`."""
    lines: list[str] = []
    newest = max(recorded())
    where = places()
    heads = {page.stem.replace("-", "_"): title(page) for page in by_page()}
    for section in dict.fromkeys(name.section for name in names().values()):
        mine = [name for name in names().values() if name.section == section]
        level = LEVELS[mine[0].level]
        lines += [
            *([""] if lines else []),
            f"## {section}" + (f" ({level})" if level else ""),
            "",
            "| Name | Since | What it is | Programs |",
            "| --- | --- | --- | --- |",
        ]
        for name in mine:
            since, until = versions(name.name)
            when = "" if since == min(recorded()) else f"{since[0]}.{since[1]}"
            if until < newest:
                when = f"{when} until {until[0]}.{until[1]}".strip()
            users = used[name.name]
            links = [
                f'[{spoken(p)}]({where[p.id]} "{heads[p.folder]}")'
                for p in chosen(name.name, users)
            ]
            more = len(users) - len(links)
            cell = ", ".join(links) + (f" and {more} more" if more else "")
            line = name.line
            for (major, minor), parameters in new_parameters(name.name).items():
                told = ", ".join(f"`{parameter}`" for parameter in parameters)
                line += f" From {major}.{minor}: {told}."
            shown = f"[`{name.name}`]({name.documentation})"
            lines.append(f"| {shown} | {when} | {line} | {cell or 'none'} |")
    lines += ["", "## Names without a program", ""]
    for reason, each in grouped(reasons()).items():
        told = ", ".join(f"`{name}`" for name in each)
        lines.append(f"- {reason}: {told}.")
    return "\n".join(lines) + "\n"


def grouped(pairs: dict[str, str]) -> dict[str, list[str]]:
    """The keys of `pairs` by their value."""
    found: dict[str, list[str]] = {}
    for key, value in pairs.items():
        found.setdefault(value, []).append(key)
    return found
