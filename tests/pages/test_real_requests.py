"""The claims of `tutorial/real-requests.md`."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Awaitable, Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.request import urlopen

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

import virtual_clock
from programs import EXAMPLES
from record_timeline import Recorder
from running import SLOW_STEP, run
from small_site import SmallSite

Load = Callable[[str], ModuleType]
Check = Callable[[aiohttp.ClientSession, str], Awaitable[str]]
Captured = pytest.CaptureFixture[str]
STAGE = "real_requests/one_session_for_every_page"
PAGES = ["/map", "/about", "/tart", "/bread", "/shop"]


def told(captured: Captured) -> list[str]:
    """The lines printed since the last call."""
    return captured.readouterr().out.splitlines()


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """The program of the page after a reader's changes."""
    text = (EXAMPLES / f"{STAGE}.py").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    copy = folder / "changed.py"
    copy.write_text(text, "utf-8")
    return copy


def seconds(program: ModuleType) -> float:
    """How long `report` of a program takes."""

    async def main() -> float:
        async with SmallSite() as site:
            start = time.perf_counter()
            await program.report(site.home)
            return time.perf_counter() - start

    return virtual_clock.run(main())


def picture(program: ModuleType) -> dict[str, list[dict[str, Any]]]:
    """The events of the lane of each page."""
    path = str(EXAMPLES / f"{STAGE}.py")
    with virtual_clock.VirtualClock(), Recorder(path) as recorder:
        asyncio.run(program.main())
    trace = recorder.trace()
    return {
        page: [e for e in trace["events"] if e["who"] == who]
        for who, task in trace["tasks"].items()
        for page in PAGES
        if task["shown"] and f"{page}'" in task["call"]
    }


def long_waits(events: list[dict[str, Any]]) -> int:
    """How many waits of a lane took more than a hundredth of a second."""
    waits = 0
    for event, after in itertools.pairwise(events):
        waits += event["ev"] == "wait" and after["t"] - event["t"] > 10_000
    return waits


def test_the_last_program(load: Load, capsys: Captured) -> None:
    """Put `"/tart": 0.2` into the `PAGES` of the last program, and it reports `/tart: 200, it is there`."""
    program = load("see_who_waits/every_page_has_a_lane")
    program.PAGES["/tart"] = 0.2
    virtual_clock.run(program.main())
    assert "/tart: 200, it is there" in told(capsys)


def test_urllib_keeps_the_thread() -> None:
    """Python's own `urllib.request` would do what `time.sleep` did in the last lesson: it keeps the thread until the reply is here."""
    turns: list[str] = []

    class Bakery(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    async def other() -> None:
        turns.append("other")

    async def main(address: str) -> None:
        task = asyncio.create_task(other())
        with urlopen(address, timeout=20) as reply:
            turns.append(f"reply {reply.status}")
        await task

    with HTTPServer(("127.0.0.1", 0), Bakery) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        asyncio.run(main(f"http://127.0.0.1:{server.server_port}/"))
        thread.join()
    assert turns == ["reply 200", "other"]


def test_the_site() -> None:
    """`/map` takes 0.8 seconds, most other pages a tenth of a second or less; `/tart` does not exist, and `/shop` leads on to `/about`."""

    async def main() -> dict[str, tuple[float, int, str | None]]:
        found = {}
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            for page in PAGES:
                start = time.perf_counter()
                get = session.get(site.home + page, allow_redirects=False)
                async with get as reply:
                    took = time.perf_counter() - start
                    to = reply.headers.get("Location")
                    found[page] = (took, reply.status, to)
        return found

    found = virtual_clock.run(main())
    assert found["/map"][0] == pytest.approx(0.8, abs=0.02)
    assert all(found[page][0] < 0.12 for page in PAGES[1:])
    assert found["/tart"][1] == 404
    assert found["/shop"][1:] == (302, "/about")


def test_a_404_is_a_reply(load: Load) -> None:
    """To aiohttp a reply that says 404 is a reply, and no exception comes."""
    program = load(STAGE)

    async def main() -> None:
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            url = site.home + "/tart"
            assert await program.check(session, url) == f"404 {url}"

    virtual_clock.run(main())


def test_it_follows(load: Load) -> None:
    """`/shop` is a 200, because aiohttp followed it to `/about` and brought back what it found there."""
    program = load(STAGE)

    async def main() -> None:
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            url = site.home + "/shop"
            assert await program.check(session, url) == f"200 {url}"
            assert site.asked == ["/shop", "/about"]

    virtual_clock.run(main())


def test_until_the_headers_are_here() -> None:
    """On entering, this one sends the request and waits until the status and the headers of the reply are here."""

    async def main() -> None:
        rest = asyncio.Event()

        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            await asyncio.sleep(5)
            response = web.StreamResponse()
            await response.prepare(request)
            await rest.wait()
            return response

        async with RawTestServer(answer) as server, aiohttp.ClientSession() as session:
            start = time.perf_counter()
            async with session.get(server.make_url("/")) as reply:
                assert time.perf_counter() - start == pytest.approx(5, abs=0.1)
                assert reply.status == 200
                assert not reply.content.at_eof()
                rest.set()

    virtual_clock.run(main())


@pytest.mark.parametrize(("size", "connections"), [(10, 1), (3_000_000, 3)])
def test_on_leaving(size: int, connections: int) -> None:
    """On leaving, it gives the connection back to the session, or closes it if a part of the page is still on its way."""
    seen: set[object] = set()

    async def answer(request: web.BaseRequest) -> web.Response:
        seen.add(request.transport)
        return web.Response(body=b" " * size)

    async def main() -> None:
        async with RawTestServer(answer) as server, aiohttp.ClientSession() as session:
            for _ in range(3):
                async with session.get(server.make_url("/")) as reply:
                    assert reply.status == 200

    virtual_clock.run(main())
    assert len(seen) == connections


def test_idle_most_of_the_time() -> None:
    """That is most of the time, although the picture, which stretches the moments of work, does not look like it."""
    events = json.loads((EXAMPLES / f"{STAGE}.trace.json").read_text("utf-8"))["events"]
    idle = sum(event["dur"] for event in events if event["ev"] == "idle")
    assert idle > 0.8 * (events[-1]["t"] - events[0]["t"])


def test_the_lanes(load: Load) -> None:
    """`/shop` has two long ones, one for each address."""
    lanes = picture(load(STAGE))
    assert {page: long_waits(lanes[page]) for page in PAGES} == {
        "/map": 1,
        "/about": 1,
        "/tart": 1,
        "/bread": 1,
        "/shop": 2,
    }


def test_in_the_order_of_the_list() -> None:
    """**`asyncio.gather`** does both: it makes a task of each coroutine, in the order of the list, waits for all of them, and gives back the list of what they returned."""
    begun: list[int] = []
    tasks: set[object] = set()

    async def work(number: int) -> int:
        begun.append(number)
        tasks.add(asyncio.current_task())
        await asyncio.sleep(10 - number)
        return number

    async def main() -> None:
        start = time.perf_counter()
        assert await asyncio.gather(*map(work, range(9))) == list(range(9))
        assert time.perf_counter() - start == pytest.approx(10, abs=0.1)
        assert begun == list(range(9))
        assert len(tasks) == 9
        assert asyncio.current_task() not in tasks

    virtual_clock.run(main())


def test_first_and_last(load: Load, capsys: Captured) -> None:
    """`/map` is the first in the list and the last to answer."""
    program = load(STAGE)
    check: Check = program.check
    answered: list[str] = []

    async def noted(session: aiohttp.ClientSession, url: str) -> str:
        result = await check(session, url)
        answered.append(url)
        return result

    vars(program)["check"] = noted
    virtual_clock.run(program.main())
    assert program.PAGES[0] == "/map"
    assert answered[-1].endswith("/map")
    assert told(capsys)[0] == "200 /map"


def test_nobody_is_told_before(load: Load, capsys: Captured) -> None:
    """`/tart` was known to be missing early on; we are told when `/map` has answered, since `gather` returns when the last task is done."""
    program = load(STAGE)

    async def main() -> None:
        async with SmallSite() as site:
            task = asyncio.create_task(program.report(site.home))
            await asyncio.sleep(0.75)
            assert told(capsys) == []
            await task
            assert "404 /tart" in told(capsys)

    virtual_clock.run(main())


def test_one_after_another(load: Load, tmp_path: Path) -> None:
    """One after another, the five would take 1.2 seconds."""
    gather = "await asyncio.gather(*checks)"
    new = (gather, "[await one for one in checks]")
    program = load(str(changed(tmp_path, new).with_suffix("")))
    assert seconds(program) == pytest.approx(1.2, abs=0.05)


def test_together(load: Load) -> None:
    """Together they take as long as `/map`, 0.8."""
    assert seconds(load(STAGE)) == pytest.approx(0.8, abs=0.05)


async def connections(one_session: bool) -> int:
    """How many connections a server sees, of four requests one by one."""
    seen: set[object] = set()

    async def answer(request: web.BaseRequest) -> web.Response:
        seen.add(request.transport)
        return web.Response(text="bread")

    async with RawTestServer(answer) as server:
        url = server.make_url("/")
        session = aiohttp.ClientSession()
        for _ in range(4):
            async with session.get(url) as reply:
                await reply.read()
            if not one_session:
                await session.close()
                session = aiohttp.ClientSession()
        await session.close()
    return len(seen)


def test_a_connection_is_used_again() -> None:
    """A **session** is what a browser is to its tabs: it holds the connections, and uses a connection again for the next request to the same site."""
    assert virtual_clock.run(connections(one_session=True)) == 1


def test_a_session_for_each() -> None:
    """With a session inside of `check`, each page would open a connection and throw it away."""
    assert virtual_clock.run(connections(one_session=False)) == 4


def test_it_closes(load: Load) -> None:
    """The connections that are open then are closed with it."""

    async def main() -> None:
        gone = asyncio.Event()

        async def answer(request: web.BaseRequest) -> web.Response:
            async def watch() -> None:
                while request.transport and not request.transport.is_closing():
                    await asyncio.sleep(0.1)
                gone.set()

            watchers.append(asyncio.create_task(watch()))
            return web.Response(text="bread")

        watchers: list[asyncio.Task[None]] = []
        async with RawTestServer(answer) as server:
            async with aiohttp.ClientSession() as session:
                async with session.get(server.make_url("/")) as reply:
                    await reply.read()
                await asyncio.sleep(1)
                assert not gone.is_set()
            async with asyncio.timeout(1):
                await gone.wait()

    virtual_clock.run(main())


def test_awaited_one_by_one(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """Each coroutine is awaited before the next one begins, so they ask one after another."""
    virtual_clock.run(load(STAGE).main())
    before = told(capsys)
    gather = "await asyncio.gather(*checks)"
    new = (gather, "[await one for one in checks]")
    program = load(str(changed(tmp_path, new).with_suffix("")))
    virtual_clock.run(program.main())
    assert told(capsys) == [*before[:-1], "at most 1 requests at once"]


def test_raise_for_status(tmp_path: Path) -> None:
    """The 404 of `/tart` is an exception now, `ClientResponseError`; it comes out of `gather`, and the other four results are lost with it."""
    line = '        return f"{reply.status} {url}"\n'
    new = f"        reply.raise_for_status()\n{line}"
    done = run(changed(tmp_path, (line, new)), "-X", "dev")
    assert done.stdout == ""
    assert "await asyncio.gather(*checks)" in done.stderr
    assert "ClientResponseError: 404" in SLOW_STEP.sub("", done.stderr).splitlines()[-1]
    assert done.status == 1


def test_the_session_closed_beneath_them(load: Load, tmp_path: Path) -> None:
    """Their requests were still under way: `gather` raises the first exception and lets the other tasks run on, and then the session closed beneath them."""
    line = '        return f"{reply.status} {url}"\n'
    new = f"        reply.raise_for_status()\n{line}"
    program = load(str(changed(tmp_path, (line, new)).with_suffix("")))
    check: Check = program.check
    ends: dict[str, str] = {}

    async def noted(session: aiohttp.ClientSession, url: str) -> str:
        try:
            return await check(session, url)
        except BaseException as error:
            closed = " by a closed session" if session.closed else ""
            ends[f"/{url.split('/')[-1]}"] = f"{type(error).__name__}{closed}"
            raise

    async def main() -> None:
        async with SmallSite() as site:
            with pytest.raises(aiohttp.ClientResponseError, match="404"):
                await program.report(site.home)
            assert ends == {"/tart": "ClientResponseError"}
            others = [
                task
                for task in asyncio.all_tasks()
                if getattr(task.get_coro(), "__name__", "") == "noted"
            ]
            assert len(others) == 4
            await asyncio.wait(others)

    vars(program)["check"] = noted
    virtual_clock.run(main())
    cut_off = "ClientConnectionError by a closed session"
    assert ends == dict.fromkeys(PAGES, cut_off) | {"/tart": "ClientResponseError"}


def test_it_left_too_early(load: Load, capsys: Captured) -> None:
    """The checker left before the page broke off, so it has not noticed."""
    program = load(STAGE)
    program.PAGES.append("/photos")
    virtual_clock.run(program.main())
    assert "200 /photos" in told(capsys)
