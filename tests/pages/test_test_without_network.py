"""The claims of `tutorial/test-without-network.md`."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import pytest
from aiohttp import web

import virtual_clock
from broken_sites import SECONDS, broken_site, says, served, status
from linkcheck import fetch
from linkcheck.crawl import Limits, crawl
from linkcheck.document import Document
from linkcheck.fetch import Fetcher
from linkcheck.report import Report
from programs import EXAMPLES
from small_site import SmallSite
from test_linkcheck import DEADLINE, Paper, command, end_of, pages_of, run

Load = Callable[[str], ModuleType]
PROGRAM = EXAMPLES / "test_without_network/test_the_crawl.py"
DEAD = "test_it_reports_a_dead_link_and_where_it_is"
ONCE = "test_it_asks_once_for_each_page_and_ends_at_the_limit"
SIDE = "test_four_workers_wait_side_by_side"
HALF = "test_stopped_half_way_it_keeps_what_it_has"
TESTS = [DEAD, ONCE, SIDE, HALF]
DEFAULT = Limits()


@pytest.fixture
def changed(load: Load, tmp_path: Path) -> Callable[..., ModuleType]:
    """The program of the page, with some of its text replaced."""

    def changed(*changes: tuple[str, str]) -> ModuleType:
        text = PROGRAM.read_text("utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / PROGRAM.name).write_text(text, "utf-8")
        return load(str(tmp_path / PROGRAM.stem))

    return changed


Changed = Callable[..., ModuleType]


def failed(program: ModuleType) -> dict[str, BaseException]:
    """Which tests of a program fail, and with what."""
    errors: dict[str, BaseException] = {}
    assert [name for name in vars(program) if name.startswith("test_")] == TESTS
    for name in TESTS:
        try:
            vars(program)[name]()
        except (AssertionError, virtual_clock.DeadlockError) as error:
            errors[name] = error
    return errors


def minutes_of(program: ModuleType, name: str) -> float:
    """How long a test takes on its clock."""
    with virtual_clock.VirtualClock() as clock:
        vars(program)[name]()
        return clock.now / 60


async def reported(home: str, limits: Limits = DEFAULT) -> Report:
    """What the tool reports of a site."""
    report = Report()
    async with aiohttp.ClientSession() as session:
        await crawl(home, report, Fetcher(session, SECONDS).check, limits)
    return report


def test_without_a_network(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test hands in a function of its own, which makes up a site: `on_paper`, in the program below."""

    def refuse(*_: object) -> None:
        raise AssertionError("a network is asked for")

    program = load("test_without_network/test_the_crawl")
    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert failed(program) == {}


def test_the_order_needs_waits(load: Load) -> None:
    """The order in which workers begin, wait and go on is what we want to test, and without waits there is no such order."""
    program = load("test_without_network/test_the_crawl")

    def busiest(seconds: float | None) -> int:
        busy, most = 0, 0

        async def check(url: str) -> Any:
            nonlocal busy, most
            busy += 1
            most = max(most, busy)
            if seconds is not None:
                await asyncio.sleep(seconds)
            busy -= 1
            return program.Page(url, "200", [f"/{n}" for n in range(20)])

        virtual_clock.run(program.minutes(check))
        return most

    assert (busiest(60), busiest(None)) == (4, 1)


def test_the_clock_is_put_forward(load: Load) -> None:
    """On the virtual clock, the four tests took 27 minutes and a half."""
    program = load("test_without_network/test_the_crawl")
    taken = [minutes_of(program, name) for name in TESTS]
    assert taken == pytest.approx([10, 10, 6, 1.5], abs=0.01)
    assert sum(taken) == pytest.approx(27.5, abs=0.01)


def test_the_first(changed: Changed) -> None:
    """The first has one dead link on the site, and demands that it is the only one reported, with the page that it stands on."""
    assert failed(changed()) == {}
    another = ('if url == "/gone":', 'if url in ("/gone", "/b"):')
    assert DEAD in failed(changed(another))
    none = ('if url == "/gone":', 'if url == "/none":')
    assert DEAD in failed(changed(none))
    elsewhere = ("report.found_on[url] = page.url", 'report.found_on[url] = "?"')
    assert [*failed(changed(elsewhere))] == [DEAD]


@pytest.mark.parametrize("limit", [5, 20, 50])
def test_the_second(limit: int, changed: Changed) -> None:
    """The site has no end, as every page leads to another one, so the crawl has to end by its limit; and an address on another site is not asked for."""
    program = changed(("PAGES = 20", f"PAGES = {limit}"))
    report, _ = virtual_clock.run(program.minutes(program.on_paper))
    assert len(report.results) == limit
    assert "elsewhere" not in report.results
    all_of_them = changed((" and url.startswith(home)", ""))
    assert ONCE in failed(all_of_them)


@pytest.mark.parametrize(("workers", "minutes"), [(1, 20), (2, 11), (4, 6), (19, 2)])
def test_the_third(workers: int, minutes: int, changed: Changed) -> None:
    """The first takes a minute, and nineteen by four take five rounds of a minute."""
    program = changed(("WORKERS = 4", f"WORKERS = {workers}"))

    async def check(url: str) -> Any:
        await asyncio.sleep(60)
        return program.Page(url, "200", [f"/{n}" for n in range(20)])

    assert virtual_clock.run(program.minutes(check))[1] == minutes
    assert (SIDE in failed(program)) is (workers != 4)


def test_the_fourth(load: Load) -> None:
    """One page is done and three more are known, and nothing of that is lost."""
    program = load("test_without_network/test_the_crawl")
    report = program.Report()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(90):
                await program.crawl("/", report, program.on_paper)

    virtual_clock.run(main())
    assert report.results == {"/": "200"}
    assert report.found_on.keys() == {"/", "/a", "/b", "/gone"}


def test_without_queues(load: Load) -> None:
    """You could write it anew without queues, and keep all four."""
    program = load("test_without_network/test_the_crawl")

    async def anew(home: str, report: Any, check: Callable[[str], Any]) -> None:
        todo, busy = [home], set[asyncio.Task[Any]]()
        report.found_on[home] = "the command line"
        try:
            while todo or busy:
                while todo and len(busy) < program.WORKERS:
                    busy.add(asyncio.create_task(check(todo.pop(0))))
                done, busy = await asyncio.wait(
                    busy, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    page = task.result()
                    report.results[page.url] = page.result
                    for url in page.links:
                        known = report.found_on
                        if url in known or not url.startswith(home):
                            continue
                        if len(known) < program.PAGES:
                            known[url] = page.url
                            todo.append(url)
        finally:
            for task in busy:
                task.cancel()

    assert failed(program) == {}
    vars(program)["crawl"] = anew
    assert failed(program) == {}


def test_the_real_check(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The real checker calls `crawl` with its real `check`, and it is one line: `await crawl(home, report, partial(check, session))`, with `partial` from `functools`, which fills in the session."""
    program = load("test_without_network/test_the_crawl")
    real = load("follow_the_links/workers_follow_links")
    check = real.check

    async def main() -> None:
        report = real.Report()
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            home = f"{site.home}/"
            await program.crawl(home, report, partial(check, session))
            report.show(site.home)

    virtual_clock.run(main())
    recorded = EXAMPLES / "follow_the_links/workers_follow_links.out"
    assert capsys.readouterr().out == recorded.read_text("utf-8")


def test_a_script_can_ask() -> None:
    """It ends with exit status 1, as links are broken. If none is, the status is 0, so a script can ask."""

    async def main() -> list[int]:
        ends = []
        for page in ("<a href='/gone'>", "<a href='/'>"):
            async with served(pages_of({"/": page})) as home:
                ends.append((await run(home)).status)
        return ends

    assert asyncio.run(main()) == [1, 0]


@pytest.mark.skipif(
    not hasattr(signal, "SIGUSR1"), reason="it is about the signals of Unix"
)
@pytest.mark.parametrize(("number", "end"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_stopped(number: str, end: int) -> None:
    """Stopped by Ctrl-C or SIGTERM it reports what it has, and ends with 130 or 143."""

    async def main() -> None:
        asked = asyncio.Event()

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            if request.path == "/hangs":
                asked.set()
                await asyncio.Event().wait()
            page = {"/": "<a href='/gone'>, <a href='/hangs'>"}
            return await pages_of(page)(request)

        async with (
            asyncio.timeout(DEADLINE),
            served(answer) as home,
            command(home, "--per-host", "1") as process,
        ):
            await asked.wait()
            process.send_signal(getattr(signal, number))
            got = await end_of(process)
        assert "/gone: 404 Not Found" in got.out
        assert (got.status, got.err) == (end, "")

    asyncio.run(main())


def test_a_slow_host() -> None:
    """A host that takes an hour for each address holds up no other. A semaphore limits them all together."""
    paper = Paper({"home": 60, "slow": 3600})
    virtual_clock.run(crawl("http://home/", Report(), paper.check, Limits(4, 6)))
    hosts = [url.split("/")[2] for url in paper.done]
    assert hosts == ["home"] * 21 + ["slow"] * 20
    assert paper.most == {"home": 4, "slow": 4, "all": 6}


@pytest.mark.parametrize(
    ("kind", "wanted"), [("text/html", 5_000_000), ("image/png", 65_536)]
)
def test_no_more_than_it_needs(
    kind: str, wanted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a page it reads five million bytes, of anything else 65,536."""
    first = fetch.first
    read: list[int] = []

    async def noted(limit: int, reply: aiohttp.ClientResponse) -> bytes:
        body = await first(limit, reply)
        read.append(len(body))
        return body

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return await says(" " * 6_000_000, kind)(request)

    monkeypatch.setattr(fetch, "first", noted)

    async def main() -> None:
        async with served(answer) as home:
            report = await reported(f"{home}/")
        assert report.broken() == []

    virtual_clock.run(main())
    assert read == [wanted]


def test_get() -> None:
    """It asks with GET, as a browser does, since many servers answer HEAD otherwise."""
    asked: list[str] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.method)
        return await pages_of({"/": "<img src='/x'>", "/x": ""})(request)

    async def main() -> None:
        async with served(answer) as home:
            await reported(f"{home}/")

    virtual_clock.run(main())
    assert asked == ["GET", "GET"]


def test_the_place_in_the_page() -> None:
    """`/about#team` is broken, although `/about` is there: no element has that id."""

    async def main() -> None:
        async with SmallSite() as site:
            report = await reported(f"{site.home}/", Limits(addresses=20))
            found = {link.text: link.problem for link in report.broken()}
            assert found["/about#team"] == "no id 'team' there"
            assert "/about#hours" not in found
            assert report.results[f"{site.home}/about"].problem == ""

    virtual_clock.run(main())


def test_malformed(load: Load) -> None:
    """In the lesson's program, a single address with a bracket that is not closed raises `ValueError`, and that ends the crawl."""
    lesson = load("stop_cleanly/stop_with_a_report")
    page = {"/": """<a href="http://[">, <a href='/gone'>"""}

    async def main() -> None:
        async with served(pages_of(page)) as home:
            with pytest.raises(ExceptionGroup) as caught:
                await lesson.crawl(f"{home}/", lesson.Report())
            assert [type(e) for e in caught.value.exceptions] == [ValueError]
            report = await reported(f"{home}/")
        found = [(link.text, link.problem) for link in report.broken()]
        assert sorted(found) == [("/gone", "404 Not Found"), ("http://[", "malformed")]

    virtual_clock.run(main())


def test_every_element() -> None:
    """It finds every element that can hold an address: images, scripts, styles, frames, redirects in a page, each with its line."""
    document = Document(
        "<img src=1>\n<script src=2></script>\n<link rel=stylesheet href=3>\n"
        "<iframe src=4></iframe>\n<meta http-equiv=refresh content='1;url=5'>\n"
        "<a href=6>",
        "http://h/",
    )
    found = sorted((int(link.text), link.line) for link in document.links)
    assert found == [(n, n) for n in range(1, 7)]


def test_elsewhere() -> None:
    """It checks what lies elsewhere, and does not follow it."""
    asked: list[str] = []

    async def other(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        return await says("<a href='/further'>")(request)

    async def main() -> None:
        async with served(other) as there:
            page = {"/": f"<a href='{there}/near'>"}
            async with served(pages_of(page)) as home:
                report = await reported(f"{home}/")
        assert report.broken() == []

    virtual_clock.run(main())
    assert asked == ["/near"]


def test_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads a page in a thread."""
    threads: list[threading.Thread] = []

    def noted(text: str, address: str) -> Document:
        threads.append(threading.current_thread())
        return Document(text, address)

    monkeypatch.setattr(fetch, "Document", noted)

    async def main() -> None:
        async with served(pages_of({"/": ""})) as home:
            await reported(f"{home}/")

    virtual_clock.run(main())
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


def test_459() -> None:
    """It is tried on sites that a generator breaks in every way that we know: of 459 broken links among 889 good ones it has to report each, with its page, its line and its reason, and nothing else."""

    async def main() -> None:
        async with broken_site(0) as site:
            report = await reported(f"{site.home}/", Limits(per_host=16))
        assert (len(site.planted), site.good) == (459, 889)
        assert {tuple(link) for link in report.broken()} == site.planted

    virtual_clock.run(main())


def test_its_limits() -> None:
    """It does not ask `robots.txt`, it does not look into style sheets, and it reports every status that is not a success, also 403 and 429, with which a site may mean only robots."""
    asked: list[str] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        if request.path == "/style":
            return await says("body {background: url(/sky)}", "text/css")(request)
        if request.path[1:].isdecimal():
            return await status(int(request.path[1:]))(request)
        return await says(page)(request)

    page = "<link rel=stylesheet href=/style><a href=/403><a href=/429><a href=/204>"

    async def main() -> None:
        async with served(answer) as home:
            report = await reported(f"{home}/")
        assert [link.text for link in report.broken()] == ["/403", "/429"]

    virtual_clock.run(main())
    assert sorted(asked) == ["/", "/204", "/403", "/429", "/style"]


def test_answer_1(changed: Changed) -> None:
    """Only the third: with two workers it takes eleven minutes."""
    program = changed(("WORKERS = 4", "WORKERS = 2"))
    assert [*failed(program)] == [SIDE]

    async def check(url: str) -> Any:
        await asyncio.sleep(60)
        return program.Page(url, "200", [f"/{n}" for n in range(program.PAGES)])

    assert virtual_clock.run(program.minutes(check))[1] == 11


def test_answer_2(changed: Changed) -> None:
    """Only the second: pages are asked for more than once."""
    program = changed(("if new and room and", "if room and"))
    assert [*failed(program)] == [ONCE]


def test_answer_3(changed: Changed) -> None:
    """The virtual clock sees that nothing is left that could end it, and raises `DeadlockError`, which names every task and the line at which it waits."""
    program = changed(
        ("todo = asyncio.Queue[str]()", "todo = asyncio.Queue[str](maxsize=3)"),
        ("                    todo.put_nowait(url)", " " * 20 + "await todo.put(url)"),
    )
    errors = failed(program)
    assert [*errors] == [SIDE]
    assert isinstance(errors[SIDE], virtual_clock.DeadlockError)
    waits = str(errors[SIDE])
    assert waits.count("waits at line") == 5
    assert waits.count("in crawl(): await todo.put(url) (Queue.put)") == 1
    assert waits.count("in work(): await found.put(page)") == 4
