"""Pages, programs and tests belong together, and each says so of the others."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import runtime
from programs import (
    DOCS,
    EXAMPLES,
    ROOT,
    by_page,
    index,
    not_here,
    packages,
    page_of,
    pages,
    programs,
)

PAGES = pages()
TESTS = Path(__file__).parent / "pages"
FENCE = re.compile(
    r"(?ms)^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)$"
)
INCLUDE = re.compile(r'(?m)^ *--8<-- "([^"]+)"$')
EACH_PAGE = pytest.mark.parametrize("slug", PAGES)


def fences(slug: str) -> list[tuple[str, str]]:
    """The code blocks of a page's Markdown, as (info string, body)."""
    text = PAGES[slug].read_text("utf-8")
    return [(found["info"].strip(), found["body"]) for found in FENCE.finditer(text)]


def prose(slug: str) -> str:
    """The sentences of a page: no code blocks, no mark-up, single spaces."""
    return plain(FENCE.sub("", PAGES[slug].read_text("utf-8")))


def plain(markdown: str) -> str:
    """`markdown` without links, emphasis and code marks, with single spaces."""
    text = re.sub(r"\[([^]]+)\]\([^)]+\)(?:\{[^}]*\})?", r"\1", markdown)
    text = re.sub(r"(?m)^(?:#+|[-*>]|\d+\.|!!!|\?\?\?\+?) +", "", text)
    return re.sub(r"\s+", " ", re.sub(r"[*`\\]|\b_|_\b", "", text)).strip()


def claims(module: Path) -> dict[str, str]:
    """The docstring of each test of a module, by the test's name."""
    return {
        node.name: ast.get_docstring(node) or ""
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
    }


def test_each_folder_of_programs_has_a_page() -> None:
    """A program that no page shows is not published."""
    assert all(page_of(program) for program in programs())


def test_each_package_can_be_downloaded() -> None:
    """A page has the archive of a program that is several files."""
    texts = [page.read_text("utf-8") for page in PAGES.values()]
    for package in packages():
        name = f"{package.name}.zip"
        link = f'[{name}](../examples/{name}){{ download="" }}'
        assert any(link in text for text in texts), name


def test_each_page_has_a_test_module_and_each_module_a_page() -> None:
    """The page `event-loop.md` is proved by `tests/pages/test_event_loop.py`."""
    modules = {path.stem.removeprefix("test_") for path in TESTS.glob("test_*.py")}
    assert modules == PAGES.keys()


def test_no_two_pages_share_a_slug() -> None:
    """A file name leads to one page."""
    names = [p.stem for p in DOCS.rglob("*.md") if "_" not in p.relative_to(DOCS).parts]
    assert len(names) == len(set(names))


@EACH_PAGE
def test_each_program_stands_on_its_page(slug: str) -> None:
    """A program is embedded whole, with its file name; then its output.

    A stage of the tutorial's program is followed by what it changes in the last.
    A tool may be too long for a page, which then has a download.
    """
    text = PAGES[slug].read_text("utf-8")
    missing: list[str] = []
    for program in by_page()[PAGES[slug]]:
        source = f"examples/{program.id}.py"
        wanted = f'```python title="{program.path.name}"\n--8<-- "{source}"\n```\n'
        outputs = [("Output", program.output), ("Errors", program.errors)]
        for name, path in outputs:
            if path.exists() and path.stat().st_size:
                shown = f"examples/{program.folder}/{path.name}"
                wanted += f'\n```text title="{name}"\n--8<-- "{shown}"\n```\n'
        download = f'[{program.path.name}](../{source}){{ download="" }}'
        if program.folder == "tools" and download in text:
            continue
        if wanted not in text:
            missing.append(program.path.name)
        change = program.difference
        shown = f"examples/{program.folder}/{change.name}"
        wanted = f'```diff title="What changed"\n--8<-- "{shown}"\n```\n'
        if change.exists() and wanted not in text:
            missing.append(change.name)
    assert missing == []


@EACH_PAGE
def test_each_include_leads_to_a_file_of_the_page(slug: str) -> None:
    """A page embeds programs of its own folder, tools or packages; no line ranges."""
    for target in INCLUDE.findall(PAGES[slug].read_text("utf-8")):
        path, *section = target.split(":")
        assert (ROOT / path).is_file(), target
        pictures = f"docs/_includes/timelines/{slug}"
        own = {f"examples/{slug}", f"docs/_includes/{slug}", pictures}
        folders = {*own, "examples/tools", "docs/_includes"}
        folders |= {"docs/_includes/benchmarks"}
        folders |= {f"examples/{package.name}" for package in packages()}
        assert str(Path(path).parent.as_posix()) in folders, target
        if section:
            assert re.fullmatch(r"[a-z_]+", section[0]), f"{target}: name a section"
            assert f"[start:{section[0]}]" in (ROOT / path).read_text("utf-8")


@EACH_PAGE
def test_a_page_shows_no_output_typed_by_hand(slug: str) -> None:
    """What looks like output is included from a recorded file."""
    for info, body in fences(slug):
        if info.split(" ")[0] in {"text", "console", "pycon", "diff", ""}:
            assert INCLUDE.fullmatch(body.strip("\n")), f"{info}: {body}"


@EACH_PAGE
def test_each_claim_is_a_sentence_of_its_page(slug: str) -> None:
    """The docstring of a test is what the page says."""
    found = claims(TESTS / f"test_{slug}.py")
    assert found
    text = prose(slug)
    strangers = [name for name, claim in found.items() if plain(claim) not in text]
    assert strangers == []
    assert all(found.values())


@EACH_PAGE
def test_a_page_points_at_code_by_its_words(slug: str) -> None:
    """Line numbers rot: no `hl_lines`, no `linenums`, no "line 7" in the prose."""
    text = PAGES[slug].read_text("utf-8")
    assert not re.search(r"hl_lines|linenums", text)
    assert not re.search(r"(?i)\blines? \d", prose(slug))


@EACH_PAGE
def test_a_page_keeps_the_style(slug: str) -> None:
    """500 to 1,500 words, at most two admonitions, no word that belittles."""
    text = prose(slug)
    if PAGES[slug].parent.name in {"concepts", "how-to", "measurements", "tutorial"}:
        assert 500 <= len(text.split()) <= 1500, len(text.split())
    markdown = FENCE.sub("", PAGES[slug].read_text("utf-8"))
    assert len(re.findall(r"(?m)^(?:!!!|\?\?\?)", markdown)) <= 2
    assert not re.search(r"(?i)\b(?:simply|just|obviously|of course)\b|!(?:\s|$)", text)


@EACH_PAGE
def test_a_page_has_a_title_and_a_description(slug: str) -> None:
    """A search engine and a reader's tab tell the pages apart."""
    text = PAGES[slug].read_text("utf-8")
    head = re.match(r"---\n(?:.*\n)*?description: (.+)\n(?:.*\n)*?---\n", text)
    assert head
    assert 50 <= len(head[1]) <= 160, len(head[1])
    assert len(re.findall(r"(?m)^# ", FENCE.sub("", text))) == 1


def test_the_index_of_programs_is_complete(request: pytest.FixtureRequest) -> None:
    """`reference/examples.md` lists what the files say of themselves."""
    path = DOCS / "_includes" / "programs.md"
    if request.config.option.record:
        path.write_text(index(), "utf-8", newline="\n")
    assert path.read_text("utf-8") == index()
    assert index().count("\n| `") == len(programs())


@pytest.mark.parametrize("name", ["not_here", "runtime"])
def test_what_runs_in_the_page_is_said(
    name: str, request: pytest.FixtureRequest
) -> None:
    """`reference/run-in-the-page.md` lists what does not run, and what is loaded."""
    made = {"not_here": not_here, "runtime": runtime.parts}[name]()
    path = DOCS / "_includes" / f"{name}.md"
    if request.config.option.record:
        path.write_text(made, "utf-8", newline="\n")
    assert path.read_text("utf-8") == made


def test_the_examples_folder_holds_only_programs_and_what_they_printed() -> None:
    """A newcomer who opens a folder finds programs."""
    there = {p for p in EXAMPLES.glob("*/*") if p.name != "__pycache__"}
    locks = {package / "requirements.txt" for package in packages()}
    kinds = {path.suffix for path in there - locks}
    assert kinds <= {".py", ".out", ".err", ".json", ".diff"}
