"""A generator of broken web sites, which knows of each link whether it is good.

A site has pages that lead to one another, and among their good links broken ones
of every kind, in every element that can hold one.
"""

from __future__ import annotations

import asyncio
import gzip
import html
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from aiohttp import web

SECONDS = 5.0  # what the checker waits for an address, here

# How an address is written into a page. What a page holds comes first.
FRAMES = {
    "a": '<a href="{}">to it</a>',
    "area": '<map name="m"><area href="{}" alt=""></map>',
    "iframe": "<iframe src='{}'></iframe>",
    "link": '<LINK rel="stylesheet" HREF="{}">',
    "img": '<img alt="" src={}>',
    "srcset": '<img alt="" srcset="/good?s=1 1x, {} 2x,/good?s=2 3x">',
    "source": '<picture><source srcset="{} 100w"></picture>',
    "script": '<script src="{}"></script>',
    "video": '<video src="{}"></video>',
    "poster": '<video poster="{}"></video>',
    "track": '<video><track src="{}"></video>',
    "object": '<object data="{}"></object>',
    "embed": '<embed src="{}">',
    "input": '<input type="image" alt="go" src="{}">',
    "refresh": '<meta http-equiv="refresh" content="5; url={}">',
    "svg": '<svg><use href="{}"></use></svg>',
}

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Kind = tuple[str, Answer | None, str]


class Planted(NamedTuple):
    """A broken link: its page, its line, how it is written, and what is wrong."""

    page: str
    line: int
    text: str
    problem: str


@dataclass
class Site:
    """A site that is being served, and what is wrong with it."""

    home: str = ""
    planted: set[Planted] = field(default_factory=set)
    good: int = 0
    asked: list[str] = field(default_factory=list)
    most_at_once: int = 0


def status(number: int) -> Answer:
    """Answer with a status."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=number)

    return answer


def leads_to(address: str, number: int = 302) -> Answer:
    """Redirect to an address."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(status=number, headers={"Location": address})

    return answer


def says(text: str, kind: str = "text/html", after: float = 0, **more: str) -> Answer:
    """Answer with a text."""

    async def answer(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(after)
        head = {"Content-Type": kind} | {
            k.replace("_", "-"): v for k, v in more.items()
        }
        return web.Response(body=text.encode("utf-8"), headers=head)

    return answer


def sends(raw: bytes, kind: str = "text/html", **more: str) -> Answer:
    """Answer with bytes, as they are."""

    async def answer(_: web.BaseRequest) -> web.Response:
        head = {"Content-Type": kind} | {
            k.replace("_", "-"): v for k, v in more.items()
        }
        return web.Response(body=raw, headers=head)

    return answer


async def hangs(_: web.BaseRequest) -> web.Response:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


def begins(kind: str, then: str) -> Answer:
    """Begin an answer; then hang, hang up, or go on without end."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": kind})
        if then == "hang up":
            response.content_length = 100_000
        await response.prepare(request)
        await response.write(b"<p>It begins well.</p>\n" * 10)
        if then == "hang up":
            assert request.transport is not None
            request.transport.close()
            return response
        if then == "hang":
            await asyncio.Event().wait()
        while True:  # much, or slowly
            await response.write(
                b"<p>and so on</p>\n" * (1 if then == "drip" else 4096)
            )
            await asyncio.sleep(1 if then == "drip" else 0)

    return answer


async def hangs_up(request: web.BaseRequest) -> web.Response:
    """End the connection without a word."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def kinds(refused: str, other: str) -> list[Kind]:
    """Each way in which an address can be bad: a name, what it does, the problem."""
    late = f"not here after {SECONDS:g} seconds"
    elsewhere = "redirects to something else than the web"
    return [
        ("404", status(404), "404 Not Found"),
        ("410", status(410), "410 Gone"),
        ("403", status(403), "403 Forbidden"),
        ("500", status(500), "500 Internal Server Error"),
        ("503", status(503), "503 Service Unavailable"),
        ("to-404", leads_to("/404/target"), "404 Not Found"),
        ("to-404-for-ever", leads_to("/404/target", 308), "404 Not Found"),
        ("to-nobody", leads_to(refused), "Connection refused"),
        ("to-itself", leads_to("/to-itself/again"), "redirects without end"),
        ("to-no-address", leads_to("http://[::1/"), "redirects to a malformed address"),
        (
            "to-no-host",
            leads_to(f"http://{'a' * 64}.example/"),
            "redirects to a malformed address",
        ),
        ("to-mail", leads_to("mailto:a@b.invalid"), elsewhere),
        ("to-nothing", status(301), "301 Moved Permanently"),
        ("hanging", hangs, late),
        ("half", begins("text/html", "hang up"), "broke off"),
        ("half-an-image", begins("image/png", "hang up"), "broke off"),
        ("stuck", begins("text/html", "hang"), late),
        ("dripping", begins("text/html", "drip"), late),
        ("hangs-up", hangs_up, "broke off"),
        ("not-gzip", sends(b"no gzip", Content_Encoding="gzip"), "broke off"),
        (f"{refused}/nobody", None, "Connection refused"),
        (f"{other}/404/elsewhere", None, "404 Not Found"),
        ("http://[::1/malformed", None, "malformed"),
        ("http://a..b/malformed", None, "malformed"),
        ("http://127.0.0.1:99999/malformed", None, "malformed"),
        ("http:///malformed", None, "malformed"),
        ("http://127.0.0.1:port/malformed", None, "malformed"),
    ]


def good(other: str) -> dict[str, Answer]:
    """Addresses that are good, though some look strange."""
    text = '<p id="b&auml;r">x</p><a name="old">x</a><p id="a%20b">x</p>'
    broken = "<a href='/404/not-mine'>"
    return {
        "/good": says(text),
        "/empty": status(204),
        "/moved": leads_to("/good"),
        "/moved/far": leads_to("/moved", 307),
        "/away": leads_to(f"{other}/page"),
        "/late": says(text, after=SECONDS - 1),
        "/caf%C3%A9": says(text),
        "/latin": sends(
            '<p id="größe">'.encode("latin-1"), "text/html; charset=iso-8859-1"
        ),
        "/meta": sends('<meta charset="cp1252"><p id="größe">'.encode("cp1252")),
        "/bom": sends("\ufeff<p id=größe>".encode()),
        "/no-charset": sends(b"<p id=x>\xff\xfe", "text/html; charset=nonsense"),
        "/odd-charset": sends(b"<p id=x>\xff", "text/html; charset=undefined"),
        "/file.pdf": says("%PDF", "application/pdf"),
        "/text": says(broken, "text/plain"),
        "/squeezed": sends(gzip.compress(b"<p id=x>"), Content_Encoding="gzip"),
        "/radio": begins("audio/mpeg", "go on"),
        "/huge": begins("text/html", "go on"),
        "/unfinished": says(f"<p id=x><!-- {broken}"),
        "/odd": says(f"<![if !IE]><p id=x><p id=y id=z><script>'{broken}'</script>"),
        "/hints": says('<link rel="dns-prefetch preconnect" href="//nobody.invalid/">'),
        "/comment": says(f"<p id=x><!-- {broken} --><noindex><p/>"),
    }


# Links that are good: the address, or the fragment, is there.
GOOD = [
    *("/good", "/empty", "/moved", "/moved/far", "/away", "/late", "/café"),
    *("/caf%C3%A9", "/latin", "/meta", "/bom", "/no-charset", "/odd-charset"),
    *("/file.pdf", "/text", "/squeezed", "/radio", "/huge", "/unfinished", "/odd"),
    *("/hints", "/comment", "good", "./good", "../../good", "/x/../good", "?q=1"),
    *(
        "/good?a=1&b=%20",
        "//{host}/good",
        "//{host}",
        "HTTP://{host}/good",
        " /good\n",
        "",
    ),
    *("#", "#top", "/good#old", "/good#bär", "/good#b%C3%A4r", "/good#a%20b"),
    *("/latin#größe", "/meta#größe", "/bom#größe", "/squeezed#x", "/moved#old"),
    *("/odd#x", "/odd#y", "/file.pdf#page=3", "/huge#far", "/good#:~:text=x"),
    *("/good#old:~:text=x", "\\good", "mailto:a@b.invalid", "tel:+491234"),
    *("javascript:void(0)", "data:image/png;base64,AAAA", "{other}/page#here"),
]
# Links to good pages that have no such id.
MISSING = [
    *("/good#gone", "/moved#gone", "#gone", "/good#Old", "/latin#gr%F6%DFe"),
    *("/odd#z", "/unfinished#y", "{other}/page#gone", "/squeezed#X"),
]
ELSEWHERE = '<h1 id="here">Elsewhere</h1><a href="/404/not-mine">'


class Writer:
    """Writes the pages of a site, and notes what is broken in them."""

    def __init__(self, site: Site, refused: str, other: str, seed: int) -> None:
        self.site, self.refused, self.other = site, refused, other
        self.random = random.Random(seed)
        self.answers: dict[str, Answer] = good(other)

    def write(self, pages: int) -> None:
        """Write so many pages; each leads to the next, and to others."""
        links: list[tuple[str, str, str]] = []  # frame, text, problem
        for (name, answer, problem), frame in product(self._kinds(), FRAMES):
            text = name
            if answer:
                text = f"/{name}/{frame}"
                self.answers[text] = answer
            links.append((frame, text, problem))
        self.answers["/404/target"] = status(404)
        self.answers["/to-itself/again"] = leads_to("/to-itself/again")
        for text, frame in product(MISSING, ("a", "area", "iframe")):
            name = text.format(other=self.other)
            links.append((frame, name, f"no id {name.partition('#')[2]!r} there"))
        for text, frame in product(GOOD, FRAMES):
            name = text.format(other=self.other, host=self.site.home.split("/")[2])
            links.append((frame, name, ""))
        self.random.shuffle(links)
        for number in range(pages):
            self._page(number, pages, links[number::pages])

    def _kinds(self) -> list[Kind]:
        return kinds(self.refused, self.other)

    def _page(self, number: int, pages: int, links: list[tuple[str, str, str]]) -> None:
        path = f"/pages/{number}/" if number else "/"
        lines = ["<!DOCTYPE html>", '<html lang="en">', f"<title>{number}</title>"]
        to_others = self.random.sample(range(1, pages), 3)
        for other in [*to_others, min(number + 1, pages - 1)]:
            lines.append(f'<p><a href="/pages/{other}/">page {other}</a>')
        for frame, text, problem in links:
            if frame in ("srcset", "source") and (not text.strip() or " " in text):
                continue  # there, a space would end it
            if frame == "img" and set(text) & set(" \n"):
                continue  # nor can it stand without quotation marks
            if frame in ("img", "refresh") and not text:
                continue
            if text == "good" or text.startswith("./"):
                self.answers.setdefault(f"{path}good", says("here, too"))
            line = len("\n".join(lines).split("\n")) + 1
            lines.append(FRAMES[frame].format(html.escape(text)))
            if problem:
                planted = Planted(self.site.home + path, line, text, problem)
                self.site.planted.add(planted)
            else:
                self.site.good += 1
        self.answers[path] = says("\n".join(lines), "text/html; charset=utf-8")


@asynccontextmanager
async def served(answer: Answer) -> AsyncIterator[str]:
    """Serve on this machine; give the address."""
    runner = web.ServerRunner(
        web.Server(answer, handler_cancellation=True), shutdown_timeout=0.01
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "http://{}:{}".format(*runner.addresses[0])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def broken_site(seed: int, pages: int = 20) -> AsyncIterator[Site]:
    """Serve a broken site, one of many."""
    site = Site()
    answers: dict[str, Answer] = {}
    busy = 0

    async def here(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal busy
        site.asked.append(str(request.rel_url))
        busy += 1
        site.most_at_once = max(site.most_at_once, busy)
        try:
            path = request.rel_url.raw_path
            if request.query and path.endswith("/"):
                path = "/good"  # no page again, with all its links
            return await answers.get(path, status(404))(request)
        finally:
            busy -= 1

    async def elsewhere(request: web.BaseRequest) -> web.StreamResponse:
        site.asked.append(f"elsewhere{request.path}")
        there = says(ELSEWHERE) if request.path == "/page" else status(404)
        return await there(request)

    with socket.socket() as silent:  # holds a port, and does not listen
        silent.bind(("127.0.0.1", 0))
        refused = "http://{}:{}".format(*silent.getsockname())
        async with served(here) as site.home, served(elsewhere) as other:
            writer = Writer(site, refused, other, seed)
            writer.write(pages)
            answers |= writer.answers
            yield site
