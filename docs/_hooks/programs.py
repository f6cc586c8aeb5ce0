"""The programs in `examples/`: what each says about itself, and its place on the site.

MkDocs runs this file as a hook. It adds to each program's title what the file
says of itself (the Python it needs, the packages) and a download, and it
publishes the files. The text of a page does not depend on it.
"""

from __future__ import annotations

import ast
import difflib
import io
import json
import re
import tomllib
import zipfile
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
DOCS = ROOT / "docs"

OLDEST_PYTHON = (3, 11)
NEEDS = {
    "loopback": "sockets on 127.0.0.1",
    "files": "files",
    "subprocess": "child processes",
    "threads": "threads",
    "processes": "processes",
    "signals": "signals",
    "database": "a database",
    "virtual_clock": "`virtual_clock.py` beside it",
    "small_site": "`small_site.py` beside it",
}

# The tutorial's program, as it grows: at the end of each lesson it is the next.
STAGES = [
    "first_coroutine/check_a_page_broken",
    "first_coroutine/check_a_page_fixed",
    "two_waits_at_once/two_pages_at_once",
    "see_who_waits/every_page_has_a_lane",
    "real_requests/one_session_for_every_page",
    "not_too_many_at_once/two_at_a_time",
    "pages_that_fail/a_failure_is_a_result",
    "follow_the_links/workers_follow_links",
    "stop_cleanly/stop_with_a_report",
    "test_without_network/test_the_crawl",
]

NOT_HERE: dict[str, str] = tomllib.loads(
    (DOCS / "_runtime" / "not_here.toml").read_text("utf-8")
)

_BLOCK = re.compile(r"(?m)^# /// script$\n((?:^#(?: .*)?$\n)+?)^# ///$")
_TITLE = re.compile(r'<span class="filename">([\w.]+\.py)</span>')

_published: dict[Path, list[Program]] = {}  # of the build that is under way


class BadMetadataError(ValueError):
    """A program says something about itself that nothing here understands."""


@dataclass(frozen=True)
class Program:
    """One program: `examples/<folder>/<name>.py`, and what was recorded of it."""

    path: Path

    @property
    def folder(self) -> str:
        """The page it belongs to, with underscores for hyphens."""
        return self.path.parent.name

    @property
    def id(self) -> str:
        """Folder and name, as in `coroutines/calling_is_not_running`."""
        return f"{self.folder}/{self.path.stem}"

    @cached_property
    def text(self) -> str:
        """The source."""
        return self.path.read_text("utf-8")

    @property
    def claim(self) -> str:
        """The first line of the docstring, without its full stop."""
        doc = ast.get_docstring(ast.parse(self.text))
        if not doc:
            raise BadMetadataError(f"{self.id}: its docstring must state the claim.")
        return doc.splitlines()[0].removesuffix(".")

    @property
    def output(self) -> Path:
        """Where its recorded standard output is."""
        return self.path.with_suffix(".out")

    @property
    def errors(self) -> Path:
        """Where its recorded standard error is, if it writes any."""
        return self.path.with_suffix(".err")

    @property
    def trace(self) -> Path:
        """Where the recorded trace of its timeline is, if it has one."""
        return self.path.with_suffix(".trace.json")

    @property
    def difference(self) -> Path:
        """Where its difference from the stage before it is, if it is a stage."""
        return self.path.with_suffix(".diff")

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """The inline script metadata (PEP 723); empty where there is none.

        Raises BadMetadataError for a key or a need that the site does not know.
        """
        block = _BLOCK.search(self.text)
        if block is None:
            return {}
        lines = block[1].splitlines()
        found = tomllib.loads("\n".join(line[2:] for line in lines))
        own = found.get("tool", {}).get("example", {})
        unknown = [
            *(found.keys() - {"requires-python", "dependencies", "tool"}),
            *(found.get("tool", {}).keys() - {"example"}),
            *(own.keys() - {"needs", "exit-code", "unordered"}),
            *(set(own.get("needs", ())) - NEEDS.keys()),
        ]
        if unknown:
            names = ", ".join(sorted(unknown))
            raise BadMetadataError(
                f"{self.id}: its metadata has {names}, which means nothing here;"
                " CONTRIBUTING.md lists the keys."
            )
        return found

    @property
    def python(self) -> tuple[int, int]:
        """The oldest Python that runs it, as (major, minor)."""
        said = self.metadata.get("requires-python")
        if said is None:
            return OLDEST_PYTHON
        version = re.fullmatch(r">=3\.(\d+)", said)
        if version is None:
            raise BadMetadataError(
                f'{self.id}: requires-python is "{said}"; write it as ">=3.12".'
            )
        return 3, int(version[1])

    @property
    def dependencies(self) -> list[str]:
        """The packages that it needs beside the standard library."""
        return list(self.metadata.get("dependencies", ()))

    @property
    def needs(self) -> list[str]:
        """What it needs of the machine: names from NEEDS."""
        return list(self._own.get("needs", ()))

    @property
    def beside(self) -> list[str]:
        """The files of `examples/tools/` that must lie beside it."""
        return [f"{n}.py" for n in self.needs if (EXAMPLES / f"tools/{n}.py").exists()]

    @property
    def not_here(self) -> str:
        """Why it does not run in the browser; empty where it does."""
        return NOT_HERE.get(self.id, "")

    @property
    def exit_code(self) -> int:
        """The exit status that it ends with."""
        return int(self._own.get("exit-code", 0))

    @property
    def unordered(self) -> bool:
        """Whether its lines may come in any order."""
        return bool(self._own.get("unordered", False))

    @property
    def _own(self) -> dict[str, Any]:
        own: dict[str, Any] = self.metadata.get("tool", {}).get("example", {})
        return own


def programs() -> list[Program]:
    """Every program of the site, by folder and name; not the files of a package."""
    paths = sorted(EXAMPLES.glob("*/*.py"))
    return [Program(p) for p in paths if not (p.parent / "__init__.py").exists()]


def packages() -> list[Path]:
    """The folders of `examples/` that are one program in several files."""
    return sorted(path.parent for path in EXAMPLES.glob("*/__init__.py"))


def archive(package: Path) -> bytes:
    """A package and its licence, as a ZIP file that is the same in each build."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        files = [*sorted(package.glob("*.py")), *package.glob("requirements.txt")]
        for path in [EXAMPLES / "LICENSE", *files]:
            inside = zipfile.ZipInfo(f"{package.name}/{path.name}")
            target.writestr(inside, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def stages() -> list[tuple[Program, Program]]:
    """Each stage of the tutorial's program, after the one that it grew from."""
    grown = [Program(EXAMPLES / f"{stage}.py") for stage in STAGES]
    return list(pairwise(grown))


def difference(before: Program, after: Program) -> str:
    """What a stage changes in the one before it, as a diff without line numbers."""
    old, new = (program.text.splitlines(keepends=True) for program in (before, after))
    names = before.path.name, after.path.name
    made = "".join(difflib.unified_diff(old, new, *names))
    return re.sub(r"(?m)^@@ .*", "@@ ... @@", made)


def pages() -> dict[str, Path]:
    """Every page of the site, by slug: its file name with underscores.

    They come in the order of the navigation; what it lacks comes last.
    """
    nav = re.findall(r"(?m)(\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"))
    there = [
        p for p in sorted(DOCS.rglob("*.md")) if p.relative_to(DOCS).parts[0][0] != "_"
    ]
    order = {name: number for number, name in enumerate(nav)}
    there.sort(key=lambda p: order.get(p.relative_to(DOCS).as_posix(), len(nav)))
    return {path.stem.replace("-", "_"): path for path in there}


def by_page() -> dict[Path, list[Program]]:
    """The programs of each page: those of its folder, and tools that it names.

    Raises LookupError for a program without a page.
    """
    here = pages()
    texts = {page: page.read_text("utf-8") for page in here.values()}
    found: dict[Path, list[Program]] = {page: [] for page in texts}
    for program in programs():
        page = here.get(program.folder)
        if page is None:
            named = re.compile(rf'examples/{program.id}\.py[")]')
            page = next((p for p, text in texts.items() if named.search(text)), None)
        if page is None:
            raise LookupError(f"{program.id}: no page names it.")
        found[page].append(program)
    return found


def page_of(program: Program) -> Path:
    """The page of `program`. Raises LookupError where a program has none."""
    return next(page for page, members in by_page().items() if program in members)


def title(page: Path) -> str:
    """The first heading of a page's Markdown."""
    heading = re.search(r"(?m)^# (.+)$", page.read_text("utf-8"))
    if heading is None:
        raise ValueError(f"{page.name} has no first-level heading.")
    return heading[1]


def index() -> str:
    """The index of all programs, as Markdown for `reference/examples.md`."""
    lines: list[str] = []
    for page, members in by_page().items():
        if not members:
            continue
        lines += [
            *([""] if lines else []),
            f"## [{title(page)}](../{page.relative_to(DOCS).as_posix()})",
            "",
            "| Program | What it shows | Python | Needs |",
            "| --- | --- | --- | --- |",
        ]
        for program in members:
            needs = [*program.dependencies, *(NEEDS[n] for n in program.needs)]
            lines.append(
                f"| `{program.path.name}` | {program.claim} "
                f"| {program.python[0]}.{program.python[1]} | {', '.join(needs)} |"
            )
    return "\n".join(lines) + "\n"


def not_here() -> str:
    """The programs that do not run in the browser, as Markdown, each with why."""
    lines = []
    for page, members in by_page().items():
        path = page.relative_to(DOCS).as_posix()
        for program in members:
            if program.not_here:
                name = f"[`{program.path.name}`](../{path})"
                lines.append(f"- {name}: {program.not_here}.")
    return "\n".join(lines) + "\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Publish each program beside the pages, for download."""
    from mkdocs.exceptions import PluginError
    from mkdocs.structure.files import File

    _published.clear()
    try:
        _published.update(by_page())
        for program in programs():
            _ = program.python, program.needs
    except (LookupError, ValueError) as error:
        raise PluginError(str(error)) from None
    for program in programs():
        uri = f"examples/{program.folder}/{program.path.name}"
        files.append(File.generated(config, uri, abs_src_path=str(program.path)))
    for package in packages():
        name = f"examples/{package.name}.zip"
        files.append(File.generated(config, name, content=archive(package)))
    choice = json.dumps(to_start_from())
    files.append(File.generated(config, "examples/index.json", content=choice))
    return files


def to_start_from() -> list[dict[str, Any]]:
    """What the playground offers: for each page, its programs that run there."""
    return [
        {"page": title(page), "programs": [p.id for p in members if not p.not_here]}
        for page, members in _published.items()
        if any(p.folder != "tools" and not p.not_here for p in members)
    ]


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Add badges and a download to the title of each program of the page."""
    mine = {p.path.name: p for p in _published[DOCS / page.file.src_uri]}
    runs = bool(config.extra.get("runtime"))

    def decorate(match: re.Match[str]) -> str:
        program = mine.get(match[1])
        if program is None:
            return match[0]
        badges = [*program.dependencies, *program.beside]
        if runs and program.not_here:
            badges.append(f"does not run in the browser: {program.not_here}")
        if program.python > OLDEST_PYTHON:
            badges.insert(0, f"Python {program.python[0]}.{program.python[1]}+")
        marks = "".join(f'<span class="badge">{escape(b)}</span>' for b in badges)
        target = files.get_file_from_path(f"examples/{program.id}.py")
        assert target is not None
        url = target.url_relative_to(page.file)
        name, buttons = match[1], ""
        if runs and not program.not_here:
            buttons = (
                '<button type="button" class="run-it">▶ Run</button>'
                '<button type="button" class="edit-it">Edit</button>'
            )
        return (
            f'<span class="filename">{name}{marks}{buttons}'
            f'<a class="download" href="{url}" download>'
            f'Download<span class="for-readers"> {name}</span></a></span>'
        )

    return _TITLE.sub(decorate, html)
