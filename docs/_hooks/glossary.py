"""The glossary on every page: a term's first use says what it means.

MkDocs runs this file as a hook. The terms are the headings of
`reference/glossary.md`, and what a page says of one is the first sentence below.
In each page, the first use of a term becomes a link to its entry, with that
sentence as its title; where it is a link already, it has the title alone.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from markdown.extensions.toc import slugify

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

GLOSSARY = Path(__file__).resolve().parents[1] / "reference" / "glossary.md"

_ENTRY = re.compile(r"(?m)^## (.+)\n\n(.+?\.)(?= |$)")
_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_NAME = re.compile(r"</?([a-z0-9]+)")
_UNTOUCHED = {
    *("button", "code", "figure", "h1", "h2", "h3", "h4", "pre", "summary", "table")
}
_VOID = {"br", "hr", "img", "input", "source"}


class Term(NamedTuple):
    """A heading of the glossary, its fragment, and its first sentence."""

    name: str
    fragment: str
    meaning: str


def terms() -> list[Term]:
    """The terms of the glossary, as it has them."""
    return [
        Term(name, slugify(name, "-"), plain(meaning))
        for name, meaning in _ENTRY.findall(GLOSSARY.read_text("utf-8"))
    ]


def plain(markdown: str) -> str:
    """`markdown` without its links and code marks."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", markdown).replace("`", "")


def explain(html: str, known: list[Term], glossary: str) -> str:
    """The content of a page, `html`, with each term explained where it comes first.

    `glossary` is the address of the glossary, seen from the page.
    """
    left = {term.name.lower(): term for term in known}
    pieces = _TAG.split(html)
    inside: list[str] = []
    link = 0  # where in pieces the link begins that we are in
    for number, piece in enumerate(pieces):
        if number % 2:
            name = _NAME.match(piece)
            if name is None or name[1] in _VOID or piece.endswith("/>"):
                continue
            if not piece.startswith("</"):
                inside.append(name[1])
                link = number if name[1] == "a" else link
            elif name[1] in inside:
                while inside.pop() != name[1]:
                    pass
            continue
        if not left or not _UNTOUCHED.isdisjoint(inside) or not piece.strip():
            continue

        def explained(found: re.Match[str], link: int = link) -> str:
            word = found[0]
            term = left.pop(word.lower(), None) or left.pop(word[:-1].lower(), None)
            if term is None:
                return word
            title = f' title="{escape(term.meaning)}"'
            if "a" in inside:
                if "title=" not in pieces[link]:
                    pieces[link] = f"{pieces[link][:-1]}{title}>"
                return word
            where = f"{glossary}#{term.fragment}"
            return f'<a class="term" href="{where}"{title}>{word}</a>'

        names = sorted(left, key=len, reverse=True)
        any_of = "|".join(map(re.escape, names))
        pieces[number] = re.sub(rf"(?i)\b(?:{any_of})s?\b", explained, piece)
    return "".join(pieces)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Explain the terms of a page, but not those of the glossary itself."""
    glossary = files.get_file_from_path("reference/glossary.md")
    if glossary is None or page.file == glossary or page.is_homepage:
        return html
    return explain(html, terms(), glossary.url_relative_to(page.file))
