"""The link checker that the tutorial ends with: `examples/linkcheck/`."""

from __future__ import annotations

import asyncio
import io
import os
import random
import signal
import socket
import subprocess
import sys
import zipfile
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_reqrep import ConnectionKey
from yarl import URL

import virtual_clock
from broken_sites import (
    SECONDS,
    Answer,
    Site,
    broken_site,
    hangs,
    says,
    served,
    status,
)
from linkcheck.__main__ import check_site, parse
from linkcheck.crawl import Limits, crawl
from linkcheck.document import Document, Link, resolve
from linkcheck.fetch import WHOLE, Fetcher, decoded, explain
from linkcheck.report import Page, Place, Report
from programs import DOCS, EXAMPLES, archive
from running import SLOW_STEP, environment
from small_site import SmallSite

DEADLINE = 60  # seconds; a run that needs more hangs
SHOWN = DOCS / "_includes"
Captured = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Ran:
    """What the command printed, and its exit status."""

    out: str
    err: str
    status: int


@asynccontextmanager
async def command(
    *arguments: str,
    python: str = sys.executable,
    folder: Path = EXAMPLES,
    stderr: int = asyncio.subprocess.PIPE,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m linkcheck` in development mode; end it with the block."""
    process = await asyncio.create_subprocess_exec(
        *(python, "-X", "dev", "-W", "error", "-m", "linkcheck", *arguments),
        cwd=folder,
        env=environment() | {"COLUMNS": "80"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def end_of(process: asyncio.subprocess.Process) -> Ran:
    """What a command has printed when it ends by itself."""
    async with asyncio.timeout(DEADLINE):
        out, err = await process.communicate()
    errors = SLOW_STEP.sub("", (err or b"").decode())
    return Ran(out.decode(), errors, process.returncode or 0)


async def run(*arguments: str, python: str = sys.executable) -> Ran:
    """Run the command to its end."""
    async with command(*arguments, python=python) as process:
        return await end_of(process)


async def checked(site: Site, limits: Limits) -> Report:
    """What the checker reports of a site."""
    report = Report()
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0)
    ) as session:
        check = Fetcher(session, SECONDS).check
        await crawl(f"{site.home}/", report, check, limits)
    return report


def pages_of(answers: dict[str, str]) -> Answer:
    """Answers with a page for each path, and 404 for any other."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        text = answers.get(request.path)
        return await (status(404) if text is None else says(text))(request)

    return answer


# What it finds


@pytest.mark.parametrize("seed", range(2))
def test_it_finds_every_broken_link_and_no_other(seed: int) -> None:
    """Of a generated site it reports the planted links, all, and nothing else.

    Each with its page, its line, what is written there, and what is wrong.
    """

    async def main() -> None:
        async with broken_site(seed) as site:
            report = await checked(site, Limits(per_host=16))
        assert len(site.planted) >= 200
        assert site.good >= 200
        found = {tuple(link) for link in report.broken()}
        planted = {tuple(link) for link in site.planted}
        assert sorted(found - planted) == []
        assert sorted(planted - found) == []
        asked = Counter(site.asked)
        assert asked["/pages/7/"] == asked["/404/a"] == 1

    virtual_clock.run(main())


def test_it_follows_links_below_the_folder_where_it_begins() -> None:
    """A page beside the folder is checked, and its links are not."""
    site = {
        "/en/": "<a href='a.html'>, <a href='/de/'>",
        "/en/a.html": "<a href='/gone'>",
        "/de/": "<a href='/weg'>",
    }

    async def main() -> None:
        async with served(pages_of(site)) as home, aiohttp.ClientSession() as session:
            report = Report()
            check = Fetcher(session, SECONDS).check
            await crawl(f"{home}/en/", report, check)
        assert [link.text for link in report.broken()] == ["/gone"]
        assert f"{home}/de/" in report.results

    virtual_clock.run(main())


def test_a_site_may_lead_from_its_address_to_another() -> None:
    """It follows the links below the folder that the first address leads to."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/":
            return web.Response(status=302, headers={"Location": "/en/"})
        return await pages_of({"/en/": "<a href='b'>", "/en/b": "<a href=c>"})(request)

    async def main() -> None:
        async with served(answer) as home, aiohttp.ClientSession() as session:
            report = Report()
            await crawl(f"{home}/", report, Fetcher(session, SECONDS).check)
        assert [link.text for link in report.broken()] == ["c"]

    virtual_clock.run(main())


def test_a_page_may_be_xhtml(capsys: Captured) -> None:
    """Its links are followed as well."""
    page = "<p xmlns='http://www.w3.org/1999/xhtml'><a href='/gone'/></p>"

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/":
            return await says(page, "application/xhtml+xml")(request)
        return web.Response(status=404)

    async def main() -> int:
        async with served(answer) as home:
            return await linkcheck(home)

    assert virtual_clock.run(main()) == 1
    assert told(capsys)[1:-1] == ["  line 1: /gone: 404 Not Found"]


def test_the_report_goes_by_page_and_line() -> None:
    """Whichever came first; and of a link it shows nothing that is not seen."""
    report = Report()
    for name, places in {
        "x": [Place("http://h/b", 1, "x"), Place("http://h/a", 12, " x\n")],
        "y": [Place("http://h/a", 3, "y")],
    }.items():
        report.asked.add(f"http://h/{name}")
        report.results[f"http://h/{name}"] = Page(f"http://h/{name}", "410 Gone")
        report.places[f"http://h/{name}"][""] = places
    assert report.lines() == [
        "http://h/a",
        "  line 3: y: 410 Gone",
        "  line 12: x: 410 Gone",
        "http://h/b",
        "  line 1: x: 410 Gone",
        "Broken links: 3. Addresses checked: 2.",
    ]


def test_no_more_than_the_beginning_of_a_huge_page_is_read() -> None:
    """Its links are checked, and no fragment is missed that may come later."""

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        if request.path != "/":
            return web.Response(status=404)
        response = web.StreamResponse(headers={"Content-Type": "text/html"})
        await response.prepare(request)
        await response.write(b"<a href='/gone'>, <a href='#later'>")
        while True:
            await response.write(b" " * 100_000)
            sent.append(100_000)

    sent: list[int] = []

    async def main() -> None:
        async with served(endless) as home, aiohttp.ClientSession() as session:
            report = Report()
            await crawl(f"{home}/", report, Fetcher(session, SECONDS).check)
        assert [link.text for link in report.broken()] == ["/gone"]
        assert sum(sent) < 3 * WHOLE  # the rest was on its way

    virtual_clock.run(main())


# What it says of one address


def problems(answer: Answer, *addresses: str) -> list[str]:
    """What is wrong with addresses, at a site that is served."""

    async def main() -> list[str]:
        async with served(answer) as home, aiohttp.ClientSession() as session:
            check = Fetcher(session, SECONDS).check
            return [(await check(home + a)).problem for a in addresses]

    return virtual_clock.run(main())


def test_of_all_statuses_two_hundred_and_something_is_good() -> None:
    """A status that HTTP does not know is told as a number."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        return await status(int(request.path[1:]))(request)

    assert problems(answer, "/200", "/299", "/300", "/599") == [
        "",
        "",
        "300 Multiple Choices",
        "599",
    ]


def test_a_host_that_does_not_speak_http_is_told_so() -> None:
    """Nor does it pass for a safe one, if it is none, or is no host at all."""

    class Nowhere(AbstractResolver):
        async def resolve(self, *_: object, **__: object) -> list[ResolveResult]:
            raise OSError("no such name")

        async def close(self) -> None:
            pass

    async def speak(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        writer.close()

    async def main() -> list[str]:
        async with (
            await asyncio.start_server(speak, "127.0.0.1", 0) as server,
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=Nowhere())
            ) as session,
        ):
            check = Fetcher(session, SECONDS).check
            host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            addresses = f"http://{host}", f"https://{host}", "http://nowhere.example/"
            return [(await check(a)).problem for a in addresses]

    assert virtual_clock.run(main()) == [
        "no answer in HTTP",
        "no safe connection",
        "no such host",
    ]


def test_an_error_without_a_number_is_told_in_words() -> None:
    """So is one that nobody has thought of, by its name."""
    key = ConnectionKey("h", 80, False, True, None, None, None)
    failed = aiohttp.ClientConnectorError(key, OSError("what is this?"))
    assert explain(failed) == "no connection"
    assert explain(aiohttp.ClientError()) == "ClientError"


@pytest.mark.parametrize("before", ["", " " * (1024 - len("<meta charset=cp1252>"))])
def test_the_first_kilobyte_may_name_the_encoding(before: str) -> None:
    """As in browsers. Behind that it does not count, nor if the header says another."""
    text = f"{before}<meta charset=cp1252>\x80"
    body = text.encode("latin-1")
    assert decoded(body, None)[-1] == "€"
    assert decoded(body, "latin-1")[-1] == "\x80"
    assert decoded(b" " * 1024 + body, None)[-1] == "\ufffd"
    assert decoded(b"\xef\xbb\xbf<p>", None) == "<p>"


# How it reads a page


def test_a_document_of_nonsense_has_links_all_the_same() -> None:
    """No text makes the parser fail, and a link after it is found."""
    pieces = "<a href=x> <![ ]]> <! --> <!-- <? < & ; # ' \" > </a> <script> </script>"
    pieces += " <![if <img srcset= , CDATA[ <!doctype <base [ é \0 name= id="
    rng = random.Random(0)
    for _ in range(3000):
        text = " ".join(rng.choices(pieces.split(" "), k=20))
        Document(text, "http://h/")
        Document(text.replace(" ", ""), "http://h/")
    close = "--></script>'\">"
    for text in ("<![if !IE]>", "<!x", "<?x>", "<p <a>", "</>", "<![CDATA[x]]>"):
        found = Document(f"{text}{close}<a href=y>", "http://h/").links
        assert Link("y", 1, URL("http://h/y")) in found, text


@pytest.mark.parametrize(
    "text",
    [
        f"<img srcset='{',' * 300_000}'>",
        f"<img srcset='a{',' * 300_000}'>",
        f"<img srcset='{'a,' * 150_000}'>",
        f"<meta http-equiv=refresh content='{'a' * 300_000}'>",
        f"<meta http-equiv=refresh content='{'; ' * 150_000}'>",
    ],
    ids=["commas", "commas at the end", "one long", "refresh", "semicolons"],
)
def test_no_page_makes_a_search_endless(text: str) -> None:
    """A search holds the interpreter's lock: while it lasts, nothing else runs."""
    program = (
        "import sys; from linkcheck.document import Document;"
        "Document(sys.stdin.read(), 'http://h/')"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        cwd=EXAMPLES,
        input=text,
        text=True,
        timeout=DEADLINE,
        check=True,
    )


def test_of_what_is_written_the_links_are_taken() -> None:
    """Links and ids, the first of two attributes, and each candidate of a srcset."""
    document = Document(
        "<base href='/b/'><base href='/c/'>\n"
        "<a href=' x ' href='no' name='old' id='new'>\n"
        "<img srcset='a,b.png 1x , c.png 2.5x,d.png' SRC=e.png>\n"
        "<meta http-equiv=Refresh content='0;URL=\"f\"'><meta content='1;url=no'>\n"
        "<link rel='preconnect' href='//no'><link rel=icon href=g>\n"
        "<script>'<a href=no>'</script><!-- <a href=no> --><a>\n"
        "<svg><use xlink:href='#h'/></svg>",
        "http://a/x/y",
    )
    found = [link.text.strip() for link in document.links]
    assert found == ["x", "e.png", "a,b.png", "c.png", "d.png", "f", "g", "#h"]
    assert [link.line for link in document.links] == [2, 3, 3, 3, 3, 4, 5, 7]
    assert document.ids == {"old", "new"}
    assert document.links[0].url == URL("http://a/b/x")
    for base in ("http://[::1", "mailto:a@b.example"):
        document = Document(f"<base href='{base}'><a href='y'>", "http://a/x")
        assert document.links == [Link("y", 1, URL("http://a/y"))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("../x y?a=ü#b", "http://h/x%20y?a=%C3%BC#b"),
        ("//other:80/x", "http://other/x"),
        ("//other?q#x", "http://other/?q#x"),
        ("HTTPS://H/", "https://h/"),
        ("\n http://h/\tx\n", "http://h/x"),
        ("http:x", "http://h/dir/x"),
        ("a\\b?c\\d", "http://h/dir/a/b?c%5Cd"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("mailto:a@b.example", None),
        ("data:text/plain,x", None),
        ("unknown:x", None),
        ("javascript://[", None),
        ("http://", ValueError),
        ("http:///x", ValueError),
        ("http://[::1/", ValueError),
        ("http://h:99999/", ValueError),
        ("http://h:x/", ValueError),
        ("http://a b/", ValueError),
        ("http://a..b/", ValueError),
        (f"http://{'a' * 64}.example/", ValueError),
    ],
)
def test_a_link_leads_where_a_browser_would_go(
    text: str, wanted: str | type[ValueError] | None
) -> None:
    """An address, or nothing that is of the web, or what is malformed."""
    if wanted is ValueError:
        with pytest.raises(ValueError, match=r"."):
            resolve("http://h/dir/page", text)
        return
    url = resolve("http://h/dir/page", text)
    assert (url and str(url)) == wanted


# How much it asks for at once


class Paper:
    """Sites on paper: each address of a host leads to more of them."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds
        self.busy: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.done: list[str] = []

    async def check(self, url: str) -> Page:
        """As Fetcher.check, without a network."""
        host = url.split("/")[2]
        for name in (host, "all"):
            self.busy[name] += 1
            self.most[name] = max(self.most[name], self.busy[name])
        await asyncio.sleep(self.seconds[host])
        for name in (host, "all"):
            self.busy[name] -= 1
        self.done.append(url)
        links = []
        if url == "http://home/":
            links = [f"http://{h}/{n}" for h in self.seconds for n in range(20)]
        return Page(url, "", url, [Link(text, 1, URL(text)) for text in links])


def test_each_host_has_its_limit_and_all_have_one_together() -> None:
    """No host gets more requests at once than allowed, nor do all of them."""
    paper = Paper({"home": 60, "a": 60, "b": 60, "c": 60})
    limits = Limits(per_host=3, at_once=10)
    virtual_clock.run(crawl("http://home/", Report(), paper.check, limits))
    assert paper.most == {"home": 3, "a": 3, "b": 3, "c": 3, "all": 10}
    assert len(paper.done) == len(set(paper.done)) == 81


def test_a_slow_host_holds_up_no_other() -> None:
    """While one host takes an hour for each address, the others are done."""
    paper = Paper({"home": 60, "slow": 3600})
    virtual_clock.run(crawl("http://home/", Report(), paper.check, Limits(4, 16)))
    hosts = [url.split("/")[2] for url in paper.done]
    assert hosts == ["home"] * 21 + ["slow"] * 20


def test_a_site_without_an_end_has_one() -> None:
    """It stops at the limit of addresses, and says that there are more."""

    async def check(url: str) -> Page:
        return Page(url, "", url, [Link(text, 1, URL(f"{url}{text}")) for text in "ab"])

    report = Report()
    limits = Limits(addresses=100)
    virtual_clock.run(crawl("http://home/", report, check, limits))
    assert len(report.results) == 100
    assert report.lines()[0] == "Broken links: 0. Addresses checked: 100."
    assert report.lines()[1].startswith("Addresses not checked: ")


# The command


def test_what_it_prints_of_the_small_site_is_shown(
    python: str, request: pytest.FixtureRequest
) -> None:
    """The tutorial's page shows the report of the tutorial's site."""

    async def main() -> Ran:
        async with SmallSite() as site:
            limits = ["--addresses", "20", "--seconds", "3"]
            got = await run(f"{site.home}/", *limits, python=python)
            return Ran(
                got.out.replace(site.home, "http://127.0.0.1:8080"), *astail(got)
            )

    got = asyncio.run(main())
    shown = SHOWN / "linkcheck_report.txt"
    if request.config.option.record:
        shown.write_text(got.out, "utf-8", newline="\n")
    assert got == Ran(shown.read_text("utf-8"), "", 1)


def astail(ran: Ran) -> tuple[str, int]:
    """What a run has beside its output."""
    return ran.err, ran.status


def test_its_help_is_shown(python: str, request: pytest.FixtureRequest) -> None:
    """The tutorial's page shows what `--help` says, the same on each Python."""
    got = asyncio.run(run("--help", python=python))
    shown = SHOWN / "linkcheck_help.txt"
    if request.config.option.record:
        shown.write_text(got.out, "utf-8", newline="\n")
    assert got == Ran(shown.read_text("utf-8"), "", 0)


def test_a_site_without_a_fault_is_told_in_one_line(python: str) -> None:
    """The exit status is 0."""

    async def main() -> Ran:
        async with served(pages_of({"/": "<a href='/a'>", "/a": ""})) as home:
            return await run(home, python=python)

    got = asyncio.run(main())
    assert got == Ran("Broken links: 0. Addresses checked: 2.\n", "", 0)


def test_a_site_that_is_not_there_is_one_broken_link() -> None:
    """It stands on the command line, and the exit status is 1."""
    with socket.socket() as silent:  # holds a port, and does not listen
        silent.bind(("127.0.0.1", 0))
        address = "http://{}:{}/".format(*silent.getsockname())
        got = asyncio.run(run(address))
    assert got.out.splitlines() == [
        "the command line",
        f"  {address}: Connection refused",
        "Broken links: 1. Addresses checked: 1.",
    ]
    assert (got.err, got.status) == ("", 1)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: URL"),
        (["example.org"], "'example.org' is no address of a site"),
        (["ftp://example.org/"], "'ftp://example.org/' is no address of a site"),
        (["http://[::1/"], "'http://[::1/' is no address of a site"),
        (["http://h/", "--per-host", "0"], "'0' is no whole number above zero"),
        (["http://h/", "--at-once", "1.5"], "'1.5' is no whole number above zero"),
        (["http://h/", "--addresses", "²"], "'²' is no whole number above zero"),
        (["http://h/", "--seconds", "0"], "'0' is no number above zero"),
        (["http://h/", "--seconds", "nan"], "'nan' is no number above zero"),
        (["http://h/", "--seconds", "soon"], "'soon' is no number above zero"),
        (["http://h/", "--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(
    arguments: list[str], complaint: str, capsys: Captured
) -> None:
    """The exit status is 2, and nothing is asked for."""
    with pytest.raises(SystemExit) as end:
        parse(arguments)
    assert end.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("linkcheck: ")
    assert complaint in err
    assert err.endswith("; --help says more.\n")
    assert err.count("\n") == 1


def test_a_site_begins_at_a_page_and_at_no_place_in_it() -> None:
    """What is copied from the address bar may have a fragment."""
    assert parse(["http://h/x#y"]).url == "http://h/x"


def test_bad_input_ends_the_command() -> None:
    """With the same words, and the same exit status."""
    err = "linkcheck: the following arguments are required: URL; --help says more.\n"
    assert asyncio.run(run()) == Ran("", err, 2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_stop_it_reports_what_it_has_found(
    number: signal.Signals, python: str
) -> None:
    """The exit status is 130 after Ctrl-C and 143 after SIGTERM."""
    if os.name == "nt":
        pytest.skip("Windows has no such signals")

    async def main() -> Ran:
        asked, gave_up = asyncio.Event(), asyncio.Event()
        pages = {"/": "<a href=/gone>, <a href=/next>", "/next": "<a href=/hanging>"}

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            if request.path == "/hanging":
                asked.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    gave_up.set()
            return await pages_of(pages)(request)

        async with (
            served(answer) as home,
            command(home, "--per-host", "1", python=python) as process,
            asyncio.timeout(DEADLINE),
        ):
            await asked.wait()
            process.send_signal(number)
            got = await end_of(process)
            await gave_up.wait()  # it has hung up
            return Ran(got.out.replace(home, ""), got.err, got.status)

    got = asyncio.run(main())
    assert got.out.splitlines() == [
        "/",
        "  line 1: /gone: 404 Not Found",
        "Broken links: 1. Addresses checked: 3.",
        "Addresses not checked: 1.",
        f"Stopped by {number.name}: this is what was found until then.",
    ]
    assert (got.err, got.status) == ("", 128 + number)


def test_it_can_be_unpacked_anywhere(tmp_path: Path) -> None:
    """The archive that the site has for download holds the package."""
    package = EXAMPLES / "linkcheck"
    with zipfile.ZipFile(io.BytesIO(archive(package))) as packed:
        packed.extractall(tmp_path)
    names = {path.name for path in tmp_path.glob("linkcheck/*")}
    assert names == {*(path.name for path in package.glob("*.py")), "LICENSE"}

    async def main() -> Ran:
        async with command("--help", folder=tmp_path) as process:
            return await end_of(process)

    got = asyncio.run(main())
    assert got.out == (SHOWN / "linkcheck_help.txt").read_text("utf-8")


def test_nothing_on_a_page_can_steer_the_terminal() -> None:
    """What cannot be printed is shown as an escape sequence."""
    page = {"/": "<a href='/\x1b[2J\x07'>, <a href='/é'>"}

    async def main() -> Ran:
        async with served(pages_of(page)) as home:
            return await run(home)

    got = asyncio.run(main())
    assert got.out.splitlines()[1:3] == [
        "  line 1: /\\x1b[2J\\x07: 404 Not Found",
        "  line 1: /é: 404 Not Found",
    ]


def told(captured: Captured) -> list[str]:
    """The lines printed since the last call."""
    return captured.readouterr().out.splitlines()


async def linkcheck(*arguments: str) -> int:
    """Run the command in this process, where the clock may be a virtual one."""
    return await check_site(parse([*arguments]))


@pytest.fixture
def uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command wait for its end in one go, as nobody sees it count."""
    wait = asyncio.wait
    monkeypatch.setattr("asyncio.wait", lambda tasks, timeout: wait(tasks))


@pytest.mark.parametrize(
    ("options", "most"),
    [
        ("", 4),
        ("--per-host 3", 3),
        ("--per-host 20", 16),
        ("--per-host 20 --at-once 5", 5),
        ("--per-host 150 --at-once 150", 150),
    ],
)
@pytest.mark.usefixtures("uncounted")
def test_no_more_at_once_than_it_is_told(
    options: str, most: int, capsys: Captured
) -> None:
    """Nor fewer, if there is enough to do."""
    busy = Counter[str]()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        busy["now"] += 1
        busy["most"] = max(busy["most"], busy["now"])
        await asyncio.sleep(1)
        busy["now"] -= 1
        links = "".join(f"<a href='/{n}'>" for n in range(3 * most))
        page = "" if request.path[1:] else links
        return await says(page)(request)

    async def main() -> int:
        async with served(answer) as home:
            return await linkcheck(home, *options.split())

    assert virtual_clock.run(main()) == 0
    checked = f"Broken links: 0. Addresses checked: {1 + 3 * most}."
    assert told(capsys) == [checked]
    assert busy["most"] == most


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ("", "not here after 10 seconds"),
        ("--seconds 0.5", "not here after 0.5 seconds"),
        ("--seconds 1", "not here after 1 seconds"),
        ("--seconds 400", ""),
    ],
)
@pytest.mark.usefixtures("uncounted")
def test_an_address_has_as_long_as_it_is_told(
    options: str, problem: str, capsys: Captured
) -> None:
    """Also longer than the five minutes that aiohttp would give it."""

    async def main() -> int:
        async with served(says("", after=350)) as home:
            return await linkcheck(home, *options.split())

    assert virtual_clock.run(main()) == bool(problem)
    *lines, _ = told(capsys)
    assert [line.split(": ")[1] for line in lines[1:]] == [problem] * bool(problem)


def test_it_asks_for_no_more_addresses_than_it_is_told(capsys: Captured) -> None:
    """A link to an address for which there is no more room is counted."""

    async def main() -> int:
        page = {"/": "".join(f"<a href='/{n}'>" for n in range(5))}
        async with served(pages_of(page)) as home:
            return await linkcheck(home, "--addresses", "3")

    assert virtual_clock.run(main()) == 1
    assert told(capsys)[-2:] == [
        "Broken links: 2. Addresses checked: 3.",
        "Addresses not checked: 3.",
    ]


@pytest.mark.parametrize(("options", "broken"), [([], 1), (["--no-elsewhere"], 0)])
def test_it_may_leave_out_what_lies_elsewhere(
    options: list[str], broken: int, capsys: Captured
) -> None:
    """The site itself is checked, and nobody else is asked."""
    asked: list[str] = []

    async def other(request: web.BaseRequest) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=404)

    async def main() -> int:
        async with served(other) as there:
            page = {"/": f"<a href='{there}/gone'>, <a href='/a'>", "/a": ""}
            async with served(pages_of(page)) as home:
                return await linkcheck(home, *options)

    assert virtual_clock.run(main()) == broken
    checked = f"Broken links: {broken}. Addresses checked: {2 + broken}."
    assert told(capsys)[-1] == checked
    assert asked == ["/gone"] * broken


@pytest.mark.parametrize(("length", "problem"), [(60_000, ""), (70_000, "no answer")])
def test_it_says_who_it_is_and_takes_long_headers(
    length: int, problem: str, capsys: Captured
) -> None:
    """Some good sites send headers that are longer than aiohttp's limit."""
    agents: list[str] = []

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        agents.append(request.headers["User-Agent"])
        return web.Response(headers={"Content-Security-Policy": "x" * length})

    async def main() -> int:
        async with served(answer) as home:
            return await linkcheck(home)

    assert virtual_clock.run(main()) == bool(problem)
    checked = f"Broken links: {len(problem) and 1}. Addresses checked: 1."
    lines = told(capsys)
    assert lines[-1] == checked
    assert [problem in line for line in lines[1:-1]] == [True] * bool(problem)
    assert agents == ["linkcheck"]


def test_in_a_terminal_it_counts_five_times_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """A page that takes a second is waited for with four counts."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    async def main() -> int:
        async with served(says("", after=1)) as home:
            return await linkcheck(home)

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert virtual_clock.run(main()) == 0
    shown, cleared = terminal.getvalue().rsplit("\r", 1)
    counts = shown.split("\r")
    assert cleared == "\033[K"
    assert counts[1:] in (["0 of 1 checked"] * 4, ["0 of 1 checked"] * 5)
    assert told(capsys) == ["Broken links: 0. Addresses checked: 1."]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_where_the_loop_has_no_signals_it_stops_all_the_same(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """As on Windows."""

    def refuse(*_: object) -> None:
        raise NotImplementedError

    async def main() -> int:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "add_signal_handler", refuse)
        async with served(hangs) as home:
            loop.call_later(3, signal.raise_signal, number)
            return await linkcheck(home)

    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert virtual_clock.run(main()) == 128 + number
    finally:
        for n, handler in before.items():
            signal.signal(n, handler)
    told_so = f"Stopped by {number.name}: this is what was found until then."
    assert told(capsys)[-1] == told_so


def test_a_letter_that_the_output_lacks_is_escaped() -> None:
    """The report is printed to its end, whatever the encoding."""

    async def main() -> tuple[bytes, bytes]:
        async with served(pages_of({"/": "<a href='/é'>"})) as home:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "linkcheck", home),
                cwd=EXAMPLES,
                env=environment() | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            async with asyncio.timeout(DEADLINE):
                return await process.communicate()

    out, err = asyncio.run(main())
    assert out.splitlines()[1:] == [
        b"  line 1: /\\xe9: 404 Not Found",
        b"Broken links: 1. Addresses checked: 2.",
    ]
    assert err == b""


def test_in_a_terminal_it_counts_as_it_goes() -> None:
    """How many addresses are checked, of how many, and no trace of it at the end."""
    try:
        ours, theirs = os.openpty()
    except (AttributeError, OSError):
        pytest.skip("this machine has no pseudo-terminals")

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path == "/late":
            await counted.wait()
        return await pages_of({"/": "<a href='/late'>", "/late": ""})(request)

    seen, counted = bytearray(), asyncio.Event()

    def see() -> None:
        seen.extend(os.read(ours, 100))
        if b"1 of 2 checked" in seen:
            counted.set()

    async def main() -> Ran:
        asyncio.get_running_loop().add_reader(ours, see)
        async with (
            served(answer) as home,
            command(home, "--seconds", "60", stderr=theirs) as process,
            asyncio.timeout(DEADLINE),
        ):
            return await end_of(process)

    got = asyncio.run(main())
    os.set_blocking(ours, False)
    with suppress(BlockingIOError):  # it may have seen all
        seen.extend(os.read(ours, 1000))
    os.close(ours)
    os.close(theirs)
    assert seen.endswith(b"\r\033[K")
    assert got == Ran("Broken links: 0. Addresses checked: 2.\n", "", 0)


def test_whoever_reads_the_report_may_leave_early() -> None:
    """There is no complaint about it, and the exit status is that of the site."""

    async def main() -> tuple[bytes, int]:
        ours, theirs = os.pipe()
        os.close(ours)  # nobody will read
        async with served(pages_of({"/": "<a href=/gone>"})) as home:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-W", "error", "-m", "linkcheck", home),
                cwd=EXAMPLES,
                env=environment(),
                stdout=theirs,
                stderr=asyncio.subprocess.PIPE,
            )
            os.close(theirs)
            async with asyncio.timeout(DEADLINE):
                _, err = await process.communicate()
        return err, process.returncode or 0

    if os.name == "nt":
        pytest.skip("Windows has no such pipes")
    assert asyncio.run(main()) == (b"", 1)


def test_it_needs_no_stderr() -> None:
    """Where that is closed, it reports all the same."""

    async def main() -> tuple[bytes, int]:
        async with served(pages_of({"/": ""})) as home:
            process = await asyncio.create_subprocess_exec(
                *("sh", "-c", 'exec "$@" 2>&-', "sh"),
                *(sys.executable, "-m", "linkcheck", home),
                cwd=EXAMPLES,
                env=environment(),
                stdout=asyncio.subprocess.PIPE,
            )
            async with asyncio.timeout(DEADLINE):
                out, _ = await process.communicate()
        return out, process.returncode or 0

    if os.name == "nt":
        pytest.skip("Windows has no such shell")
    assert asyncio.run(main()) == (b"Broken links: 0. Addresses checked: 1.\n", 0)


@pytest.mark.xdist_group("site")  # one build for all
def test_our_own_site_has_no_broken_link(address: str) -> None:
    """Every page, style, script and fragment of this site is there."""
    got = asyncio.run(run(address, "--no-elsewhere"))
    assert got.out.startswith("Broken links: 0. Addresses checked: ")
    assert int(got.out.split()[-1].rstrip(".")) > 100
    assert (got.err, got.status) == ("", 0)
