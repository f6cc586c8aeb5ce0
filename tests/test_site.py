"""The site as it is built: what a reader's browser gets."""

from __future__ import annotations

import functools
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from programs import DOCS, Program, page_of, pages, programs
from running import build, copy_parts

WEIGHT = 150_000  # bytes, gzip: all that a first visit to a page loads
PROGRAMS = pytest.mark.parametrize("program", programs(), ids=lambda p: p.id)
pytestmark = pytest.mark.xdist_group("site")  # one build for all


@functools.cache
def read(path: Path) -> BeautifulSoup:
    """The parsed page at `path`."""
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


def built(site: Path) -> dict[Path, BeautifulSoup]:
    """Every page of the site, parsed."""
    return {path: read(path) for path in sorted(site.rglob("*.html"))}


def html_of(site: Path, page: Path) -> Path:
    """Where the build puts the Markdown file `page`."""
    name = page.relative_to(DOCS).with_suffix("")
    return site / (name.parent if name.name == "index" else name) / "index.html"


@functools.cache
def blocks(path: Path, language: str) -> list[str]:
    """The text of each code block of `language` in the page at `path`."""
    found = read(path).select(f".language-{language}.highlight pre code")
    return [code.get_text() for code in found]


@functools.cache
def downloads(path: Path) -> list[str]:
    """The addresses of the files that the page at `path` offers to download."""
    links = read(path).find_all("a", download=True)
    return [str(a["href"]) for a in links]


@functools.cache
def ids(path: Path) -> Counter[str]:
    """How often each id stands in the page at `path`."""
    return Counter(str(element["id"]) for element in read(path).find_all(id=True))


def leads_somewhere(site: Path, source: Path, link: str) -> bool:
    """Whether a link of the page `source` has a target, down to its fragment."""
    parts = urlsplit(link)
    base = site if parts.path.startswith("/") else source.parent
    target = base / unquote(parts.path).lstrip("/") if parts.path else source
    if target.is_dir():
        target /= "index.html"
    if not target.is_file():
        return False
    if not parts.fragment or target.suffix != ".html":
        return True
    return unquote(parts.fragment) in ids(target)


def linked(page: BeautifulSoup) -> Iterator[tuple[Tag, str]]:
    """Each element that leads elsewhere or loads something, and its address."""
    for name in ("href", "src", "srcset", "action", "data", "poster"):
        for element in page.find_all(attrs={name: True}):
            yield element, str(element[name])


@PROGRAMS
def test_a_page_shows_the_program_and_its_output_to_the_letter(
    site: Path, program: Program
) -> None:
    """What a reader sees, and copies, is the file that the tests run."""
    page = html_of(site, page_of(program))
    if program.folder == "tools" and read(page).select(
        f"a[download][href$='{program.id}.py']:not(.download)"
    ):
        return  # too long for a page
    assert program.text.strip("\n") in [
        text.strip("\n") for text in blocks(page, "python")
    ]
    for recorded in (program.output, program.errors):
        if recorded.exists():
            shown = [text.strip("\n") for text in blocks(page, "text")]
            assert recorded.read_text("utf-8").strip("\n") in shown


@PROGRAMS
def test_a_program_can_be_downloaded(site: Path, program: Program) -> None:
    """The download beside a program is the file."""
    page = html_of(site, page_of(program))
    name = program.path.name
    hrefs = [href for href in downloads(page) if href.endswith(name)]
    assert len(hrefs) == 1
    assert (page.parent / hrefs[0]).read_text("utf-8") == program.text


def test_no_code_block_is_empty(site: Path) -> None:
    """A missing include would leave one."""
    for path, page in built(site).items():
        for block in page.select("pre"):
            assert block.get_text().strip(), path


def test_each_link_leads_somewhere(site: Path) -> None:
    """Pages, files and fragments: none is dead."""
    dead = [
        f"{path.relative_to(site)}: {link}"
        for path, page in built(site).items()
        for _, link in linked(page)
        if not urlsplit(link).scheme and not leads_somewhere(site, path, link)
    ]
    assert dead == []


def test_each_id_is_unique_on_its_page(site: Path) -> None:
    """A fragment leads to one place."""
    for path in built(site):
        twice = [name for name, times in ids(path).items() if times > 1]
        assert twice == [], path


def test_each_image_has_an_alternative(site: Path) -> None:
    """A picture says in words what it shows."""
    for path, page in built(site).items():
        for image in page.find_all("img"):
            assert image.has_attr("alt"), f"{path}: {image}"
        for drawing in page.select("article svg"):
            named = drawing.find("title") or drawing.get("aria-label")
            assert named or drawing.get("aria-hidden"), path


def test_a_page_asks_no_other_host(site: Path) -> None:
    """Nothing that a page loads comes from another server; links may lead out."""
    loading: list[str] = []
    for path, page in built(site).items():
        for element, address in linked(page):
            away = urlsplit(address).netloc or address.startswith("//")
            is_link = element.name == "a" or element.get("rel") == ["canonical"]
            if away and not is_link:
                loading.append(f"{path.name}: {element}")
    assert loading == []


def test_a_style_asks_no_other_host(site: Path) -> None:
    """No font and no picture of a style sheet comes from another server."""
    away = re.compile(r"url\(['\"]?(?:https?:)?//[^)]*|@import[^;]*//")
    texts = [sheet.read_text("utf-8") for sheet in site.rglob("*.css")]
    assert texts
    assert [found for text in texts for found in away.findall(text)] == []


def test_each_page_has_its_own_title_and_description(site: Path) -> None:
    """A search result tells the pages apart."""
    seen: set[str] = set()
    for path in (html_of(site, page) for page in pages().values()):
        page = read(path)
        assert page.title
        about = page.find("meta", attrs={"name": "description"})
        assert isinstance(about, Tag)
        for text in (page.title.get_text(), str(about["content"])):
            assert text not in seen, f"{path}: {text}"
            seen.add(text)


def test_a_first_visit_is_light(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A concept page with all that it loads is at most 150 KB, gzip."""

    def weigh(path: Path) -> int:
        return len(gzip.compress(path.read_bytes(), 9))

    # Scripts load these: the search's worker at once, the player for a timeline.
    shared = sum(weigh(p) for p in site.glob("assets/javascripts/workers/*.js"))
    player = site / "assets" / "js" / "timeline.js"
    for name, markdown in pages().items():
        path = html_of(site, markdown)
        page = read(path)
        parts = {path}
        for element in page.select("script[src], link[rel=stylesheet], img[src]"):
            address = str(element.get("src") or element.get("href"))
            parts.add((path.parent / urlsplit(address).path).resolve())
        if page.select("figure.timeline"):
            parts.add(player)
        weight = shared + sum(weigh(part) for part in parts)
        with capsys.disabled():
            print(f"\n{name}: {weight / 1000:.0f} KB gzip", end="")
        assert weight <= WEIGHT, f"{name} weighs {weight} bytes"


def test_each_page_is_published_as_markdown_too(site: Path) -> None:
    """`llms.txt` lists the pages; each copy has its programs in place."""
    listed = (site / "llms.txt").read_text("utf-8")
    for page in pages().values():
        name = page.relative_to(DOCS).as_posix()
        assert f"/{name})" in listed
        copy = (site / name).read_text("utf-8")
        assert "--8<--" not in copy
    for program in programs():
        copy = (site / page_of(program).relative_to(DOCS)).read_text("utf-8")
        assert program.text in copy or f"examples/{program.id}.py" in copy


def test_there_is_a_page_for_what_is_not_there(site: Path) -> None:
    """A dead link of somebody else's leads to help."""
    page = read(site / "404.html")
    assert page.h1
    assert len(page.select("article a[href]")) >= 2


def test_the_copy_for_reading_offline_needs_no_server(tmp_path: Path) -> None:
    """With OFFLINE=true, every link leads to a file; opening index.html is enough."""
    done = build("mkdocs", "build", "--site-dir", str(tmp_path), OFFLINE="true")
    assert done.returncode == 0, done.stderr
    for path, page in built(tmp_path).items():
        if path.name == "404.html":
            continue
        for _, link in linked(page):
            if not urlsplit(link).scheme:
                target = path.parent / unquote(urlsplit(link).path)
                assert target.is_file() or link.startswith("#"), f"{path}: {link}"
    assert (tmp_path / "search" / "search_index.js").is_file()


def test_the_successor_of_material_builds_the_same_articles(
    site: Path, tmp_path: Path
) -> None:
    """Zensical reads the same files, strictly, and shows the same code."""
    copy_parts(["docs", "examples", "mkdocs.yml"], tmp_path)
    done = build("zensical", "build", "--strict", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for page in pages().values():
        ours = html_of(site, page)
        theirs = html_of(tmp_path / "site", page)
        for language in ("python", "text"):
            assert blocks(theirs, language) == blocks(ours, language)


@pytest.mark.parametrize(
    "mistakes",
    [
        {"nowhere.md": "[gone](nowhere.md)", "#far": "[gone](coroutines.md#far)"},
        {"nowhere.py": '```python\n--8<-- "examples/coroutines/nowhere.py"\n```'},
    ],
    ids=["links", "include"],
)
def test_a_page_with_a_dead_end_is_not_built(
    tmp_path: Path, mistakes: dict[str, str]
) -> None:
    """A dead link, fragment or include ends the build, and is named."""
    copy_parts(["docs", "examples", "mkdocs.yml"], tmp_path)
    page = tmp_path / "docs" / "concepts" / "coroutines.md"
    text = "\n\n".join([page.read_text("utf-8"), *mistakes.values()])
    page.write_text(f"{text}\n", "utf-8")
    done = build("mkdocs", "build", folder=tmp_path)
    assert done.returncode != 0
    assert [said for said in mistakes if said not in done.stderr] == []
