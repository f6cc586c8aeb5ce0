"""What a checker has to know of an HTML page: its links, and its ids."""

import re
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from yarl import URL

# The attributes that lead to another address, by element.
LEADING = {
    **dict.fromkeys(("a", "area", "link", "use", "image"), ("href",)),
    **dict.fromkeys(("img", "source"), ("src", "srcset")),
    **dict.fromkeys(("script", "iframe", "frame", "embed"), ("src",)),
    **dict.fromkeys(("audio", "track", "input"), ("src",)),
    "video": ("src", "poster"),
    "object": ("data",),
}
HINTS = {"preconnect", "dns-prefetch"}  # these lead to a host, and no page
# Of a srcset. Nothing is tried twice: no page can make a search endless.
CANDIDATE = re.compile(r"([^\s,]++(?:,++[^\s,]++)*+)(?:\s[^,]*+)?")
REFRESH = re.compile(r"""(?i)[^;,]*[;,]\s*url\s*=\s*["']?([^"']+)""")

Attributes = list[tuple[str, str | None]]


@dataclass(frozen=True)
class Link:
    """A link: how it is written, in which line, and where it leads."""

    text: str
    line: int
    url: URL | None  # None, if it is malformed


class Document(HTMLParser):
    """The links to the web, and the ids, in the text of the page at `address`."""

    def __init__(self, text: str, address: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[Link] = []
        self._base = ""
        self._written: list[tuple[str, int]] = []
        # Without close(): what is unfinished at the end is no element.
        self.feed(text)
        base = address
        with suppress(ValueError):
            base = str(resolve(address, self._base) or address)
        for link, line in self._written:
            try:
                if url := resolve(base, link):
                    self.links.append(Link(link, line, url))
            except ValueError:
                self.links.append(Link(link, line, None))

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        """Note what one element says."""
        # Of an attribute that is there twice, the first counts.
        given = {name: value or "" for name, value in reversed(attrs)}
        self.ids.update(filter(None, (given.get("id"),)))
        if tag == "a":
            self.ids.update(filter(None, (given.get("name"),)))
        if tag == "base" and not self._base:
            self._base = given.get("href", "")
        refreshes = tag == "meta" and given.get("http-equiv", "").lower() == "refresh"
        if refreshes and (written := REFRESH.match(given.get("content", ""))):
            self._note([written[1]])
        if tag == "link" and HINTS & set(given.get("rel", "").lower().split()):
            return
        for name in LEADING.get(tag, ()):
            if name == "srcset":
                self._note(CANDIDATE.findall(given.get(name, "")))
            elif name in given:
                self._note([given[name]])
        if tag in ("a", "use", "image") and "xlink:href" in given:
            self._note([given["xlink:href"]])

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over `<![...`, which is no HTML, as a browser does."""
        return self.parse_bogus_comment(i, report)

    def _note(self, texts: list[str]) -> None:
        line, _ = self.getpos()
        self._written += [(text, line) for text in texts]


def resolve(base: str, text: str) -> URL | None:
    """The address that a link leads to from `base`, with its fragment.

    None, if it leads to something else than the web, such as `mailto:`.
    Raises ValueError, if it is malformed.
    """
    # As browsers do: outer spaces do not count, nor line ends within,
    # and in front of a question mark or a hash, \ is /.
    clean = re.sub(r"[\t\r\n]", "", text).strip()
    clean = re.sub(r"^[^?#]+", lambda head: head[0].replace("\\", "/"), clean)
    if re.match(r"(?i)(?!https?:)[a-z][a-z0-9+.-]*:", clean):
        return None
    if re.match(r"(?i)https?://(?:[/?#]|$)", clean):
        raise ValueError("it names no host")
    url = URL(urljoin(base, clean))
    if url.scheme not in ("http", "https"):
        return None
    if not url.raw_host or re.search(r"[\s<>^|%]", url.raw_host):
        raise ValueError("it names no host")
    url.raw_host.encode("idna")  # raises for what no name can be
    if url.path == "/":  # also where nothing is written
        return url.with_path("/", keep_query=True, keep_fragment=True)
    return url
