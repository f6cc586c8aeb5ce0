"""What was found: which links stand where, and which of them are broken."""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple
from urllib.parse import unquote

from .document import Link


@dataclass
class Page:
    """What came of asking for an address."""

    url: str
    problem: str = ""  # what is wrong with it; empty if it is good
    address: str = ""  # where it led to
    links: list[Link] = field(default_factory=list)
    ids: set[str] | None = None  # None, if they are not known


class Place(NamedTuple):
    """A link where it stands."""

    page: str
    line: int
    text: str


class Broken(NamedTuple):
    """A link that leads nowhere, and why."""

    page: str
    line: int
    text: str
    problem: str


COMMAND = "the command line"  # the page that the first address is from
Fragments = defaultdict[str, list[Place]]


def fragments() -> Fragments:
    """No link yet, by the fragment that it leads to."""
    return defaultdict(list)


@dataclass
class Report:
    """What a crawl knows so far."""

    asked: set[str] = field(default_factory=set)
    results: dict[str, Page] = field(default_factory=dict)
    places: defaultdict[str, Fragments] = field(
        default_factory=lambda: defaultdict(fragments)
    )
    malformed: list[Place] = field(default_factory=list)

    def broken(self) -> list[Broken]:
        """Every broken link, in the order of pages and lines."""
        found = {Broken(*place, "malformed") for place in self.malformed}
        for url, page in self.results.items():
            for fragment, places in self.places[url].items():
                if problem := page.problem or missing(page, fragment):
                    found |= {Broken(*place, problem) for place in places}
        return sorted(found)

    def lines(self) -> list[str]:
        """The report, as lines of text."""
        told: list[str] = []
        broken = self.broken()
        for page, links in groupby(broken, key=lambda link: link.page):
            told.append(page)
            for _, line, text, problem in links:
                where = f"line {line}: " if line else ""
                told.append(f"  {where}{printable(text.strip())}: {problem}")
        known, noted = len(self.results), len(self.places)
        told.append(f"Broken links: {len(broken)}. Addresses checked: {known}.")
        if known < noted:
            told.append(f"Addresses not checked: {noted - known}.")
        return told


def printable(text: str) -> str:
    """`text`, with what would steer a terminal in a form that does not."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def missing(page: Page, fragment: str) -> str:
    """What is wrong with a link to a fragment of a good page."""
    name = fragment.partition(":~:")[0]  # what follows marks words in the text
    if page.ids is None or {name, unquote(name)} & {*page.ids, "", "top"}:
        return ""
    return f"no id {name!r} there"
