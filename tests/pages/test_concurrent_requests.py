"""The claims of `how-to/concurrent-requests.md`."""

from __future__ import annotations

import asyncio
import builtins
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any, TypeVar

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

import editing
import virtual_clock

T = TypeVar("T")
Load = Callable[[str], ModuleType]


def finish(job: Coroutine[Any, Any, T]) -> T:
    """Run `job`, and fail where it hangs."""

    async def within_deadline() -> T:
        async with asyncio.timeout(20):
            return await job

    return asyncio.run(within_deadline())


def changed(program: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program of this page in which `old` reads `new`."""
    return vars(editing.changed(f"concurrent_requests/{program}", (old, new)))


class Site:
    """A server that holds each page until the test lets it go, and keeps a record.

    A path that begins with "/bad" gets status 500.
    """

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.answered: list[str] = []
        self.left: list[str] = []  # the client hung up
        self.in_flight = 0
        self.most = 0
        self.open = False
        self.connections: set[object] = set()
        self.changed = asyncio.Condition()

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Hold the page until it may go."""
        path = request.path
        self.connections.add(request.transport)
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        self.arrived.append(path)
        try:
            async with self.changed:
                self.changed.notify_all()
                await self.changed.wait_for(lambda: self.open)
            self.answered.append(path)
        except asyncio.CancelledError:
            self.left.append(path)
            raise
        finally:
            self.in_flight -= 1
            await self.tell()
        return web.Response(text=path, status=500 if path[:4] == "/bad" else 200)

    async def tell(self) -> None:
        """Wake those who wait for a change."""
        async with self.changed:
            self.changed.notify_all()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait for something to happen at this server."""
        async with self.changed:
            await self.changed.wait_for(happened)

    async def let_go(self) -> None:
        """Answer everything, now and from now on."""
        self.open = True
        await self.tell()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[Callable[[str], str]]:
        """Be on the net; gives a function that makes an address of a path."""
        async with RawTestServer(self.answer) as server:
            yield lambda path: str(server.make_url(path))


async def settle() -> None:
    """Let every task run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_all_in_flight(load: Load) -> None:
    """In the output the server counts the requests that it holds as each one arrives: all ten are in flight before the first is answered."""
    program = load("concurrent_requests/all_at_once")
    counts = program.counts
    finish(program.main())
    assert counts == list(range(1, 11))


def test_not_idle(load: Load) -> None:
    """Nine pages are fetched from beginning to end while `/0` is still on its way."""
    program = load("concurrent_requests/all_at_once")
    nine_are_here = asyncio.Event()
    events: list[str] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        if request.path == "/0":
            await nine_are_here.wait()  # or it is never answered
        return web.Response(text=request.path)

    async def noted(fetch: Coroutine[Any, Any, str]) -> str:
        page = await fetch
        events.append(page)
        if len(events) == 9:
            nine_are_here.set()
        return page

    async def main() -> None:
        async with RawTestServer(answer) as site, aiohttp.ClientSession() as session:
            urls = [str(site.make_url(f"/{n}")) for n in range(10)]
            await asyncio.gather(*[noted(program.fetch(session, u)) for u in urls])

    finish(main())
    assert len(events) == 10
    assert events[-1] == "/0"


def test_order(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """`gather` gives the results in the order of its arguments: `/0` came last, and stands first."""
    program = load("concurrent_requests/all_at_once")
    real, came, printed = program.fetch, [], []

    async def fetch(session: aiohttp.ClientSession, url: str) -> str:
        page: str = await real(session, url)
        came.append(page)
        return page

    monkeypatch.setattr(program, "fetch", fetch)
    monkeypatch.setattr(builtins, "print", lambda *words: printed.append(words))
    finish(program.main())
    assert came[-1] == "/0"
    assert printed[0] == ("pages:", *[f"/{n}" for n in range(10)])


def test_two_waits(load: Load) -> None:
    """`async with session.get(url)` gives way until the status and the headers are here; `await response.text()` gives way until the rest of the page is."""
    program = load("concurrent_requests/all_at_once")
    steps: list[str] = []

    class Response(aiohttp.ClientResponse):
        async def text(self, *args: Any, **options: Any) -> str:
            steps.append("client has the headers")
            client_has_headers.set()
            return await super().text(*args, **options)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await may_begin.wait()
        steps.append("server sends the headers")
        await response.prepare(request)
        await client_has_headers.wait()
        await may_end.wait()
        steps.append("server sends the rest")
        await response.write(b"page")
        await response.write_eof()
        return response

    may_begin, may_end = asyncio.Event(), asyncio.Event()
    client_has_headers = asyncio.Event()

    async def main() -> None:
        async with (
            RawTestServer(answer) as site,
            aiohttp.ClientSession(response_class=Response) as session,
        ):
            fetch = asyncio.create_task(program.fetch(session, str(site.make_url("/"))))
            await settle()
            steps.append("others ran before the headers")
            may_begin.set()
            await client_has_headers.wait()
            await settle()
            steps.append("others ran before the rest")
            may_end.set()
            assert await fetch == "page"

    finish(main())
    assert steps == [
        "others ran before the headers",
        "server sends the headers",
        "client has the headers",
        "others ran before the rest",
        "server sends the rest",
    ]


def test_one_by_one(load: Load) -> None:
    """But the server never holds more than one request, and the waits add up to three seconds, twice the longest of them."""
    program = load("concurrent_requests/one_after_another")
    taken = virtual_clock.run(timed(program.main()))
    assert taken == pytest.approx(3, abs=0.05)
    assert taken == pytest.approx(2 * program.LONGEST, rel=0.02)
    assert program.counts == [1] * 10


def test_the_rule(load: Load) -> None:
    """That is the rule: one after another takes the sum of the waits, all at once takes the longest wait."""
    program = load("concurrent_requests/all_at_once")
    taken = virtual_clock.run(timed(program.main()))
    assert taken == pytest.approx(program.LONGEST, rel=0.02)


async def timed(job: Coroutine[Any, Any, object]) -> float:
    """How long `job` takes on the loop's clock."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    await job
    return loop.time() - start


def test_ten_to_one(load: Load) -> None:
    """Ten equal waits make it ten to one."""
    program = load("concurrent_requests/all_at_once")

    async def answer(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(1)
        return web.Response()

    async def main() -> tuple[float, float]:
        async with RawTestServer(answer) as site, aiohttp.ClientSession() as session:
            url = str(site.make_url("/"))

            async def one_after_another() -> None:
                for _ in range(10):
                    await program.fetch(session, url)

            at_once = asyncio.gather(*[program.fetch(session, url) for _ in range(10)])

            async def together() -> None:
                await at_once

            return await timed(together()), await timed(one_after_another())

    together, in_turn = virtual_clock.run(main())
    assert in_turn / together == pytest.approx(10, abs=0.1)


def test_one_thread(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Your code is not: it runs in one thread, a piece of one task and then a piece of another, and here even the server runs in that thread."""
    program = load("concurrent_requests/all_at_once")
    pieces: list[tuple[str, int]] = []

    def noted(name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        real = getattr(program, name)

        async def wrapper(*arguments: object) -> object:
            pieces.append((f"{name} begins", threading.get_ident()))
            result: object = await real(*arguments)
            pieces.append((f"{name} ends", threading.get_ident()))
            return result

        return wrapper

    monkeypatch.setattr(program, "fetch", noted("fetch"))
    monkeypatch.setattr(program, "answer", noted("answer"))
    finish(program.main())
    assert {thread for _, thread in pieces} == {threading.get_ident()}
    names = [name for name, _ in pieces]
    assert names[:20] == ["fetch begins"] * 10 + ["answer begins"] * 10
    assert sorted(names[20:]) == ["answer ends"] * 10 + ["fetch ends"] * 10


def test_computing(load: Load) -> None:
    """If each page needed a second of computing after it came, ten pages would need ten seconds with `gather` too; that takes processes."""
    program = load("concurrent_requests/all_at_once")

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response()

    async def fetch_and_compute(session: aiohttp.ClientSession, url: str) -> None:
        await program.fetch(session, url)
        time.sleep(1)

    async def main() -> None:
        async with RawTestServer(answer) as site, aiohttp.ClientSession() as session:
            url = str(site.make_url("/"))
            await asyncio.gather(*[fetch_and_compute(session, url) for _ in range(10)])

    taken = virtual_clock.run(timed(main()))
    assert taken == pytest.approx(10, abs=0.1)


def test_default_limit(load: Load) -> None:
    """A session opens at most 100 connections unless you say otherwise; further requests queue for a free one."""
    program = load("concurrent_requests/all_at_once")

    async def main() -> tuple[Site, list[str]]:
        site = Site()
        async with site.serve() as address, aiohttp.ClientSession() as session:
            fetches = [program.fetch(session, address(f"/{n}")) for n in range(103)]
            pages = asyncio.gather(*fetches)
            await site.until(lambda: site.in_flight == 100)
            await settle()
            assert len(site.arrived) == 100
            await site.let_go()
            return site, await pages

    site, pages = finish(main())
    assert len(site.connections) == 100
    assert pages == [f"/{n}" for n in range(103)]


def test_default_timeout() -> None:
    """You also want a timeout, since the default is five minutes for each request."""

    async def answer(request: web.BaseRequest) -> web.Response:
        await asyncio.sleep(3600)
        return web.Response()

    async def main() -> None:
        async with RawTestServer(answer) as site, aiohttp.ClientSession() as session:
            with pytest.raises(TimeoutError):
                await session.get(site.make_url("/"))

    assert virtual_clock.run(timed(main())) == pytest.approx(300, abs=2)


def test_the_clock_in_the_queue(load: Load) -> None:
    """The clock of `total` starts at `session.get`, and runs on while the request queues for a connection."""
    program = load("concurrent_requests/limit_and_timeout_broken")
    arrived, page = virtual_clock.run(
        behind_a_long_request(program.fetch, asyncio.Semaphore(2))
    )
    assert arrived == ["/long"]  # the other one never left
    assert isinstance(page, TimeoutError)


def test_more_turns_than_connections(load: Load) -> None:
    """Give the semaphore and the connector the same number: with more turns than connections, requests queue on the clock again."""
    program = load("concurrent_requests/limit_and_timeout_fixed")
    for turns, expected in (1, "/short"), (2, "TimeoutError()"):
        turn = asyncio.Semaphore(turns)

        async def fetch(
            session: aiohttp.ClientSession,
            url: str,
            turn: asyncio.Semaphore = turn,
        ) -> str:
            page: str = await program.fetch(session, turn, url)
            return page

        _, page = virtual_clock.run(behind_a_long_request(fetch, turn))
        assert (page if isinstance(page, str) else repr(page)) == expected


async def behind_a_long_request(
    fetch: Callable[[aiohttp.ClientSession, str], Coroutine[Any, Any, str]],
    turn: asyncio.Semaphore,
) -> tuple[list[str], str | BaseException]:
    """Fetch a page that takes half of its time, when another holds the connection.

    Gives what arrived at the server before that page was there or lost, and
    the page or the error.
    """
    arrived: list[str] = []
    begun = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.Response:
        arrived.append(request.path)
        begun.set()
        await asyncio.sleep(10 if request.path == "/long" else 0.5)
        return web.Response(text=request.path)

    async def hold(session: aiohttp.ClientSession, url: str) -> None:
        no_timeout = aiohttp.ClientTimeout(total=None)
        async with turn, session.get(url, timeout=no_timeout) as response:
            await response.read()

    async with (
        RawTestServer(answer) as site,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=1),
            timeout=aiohttp.ClientTimeout(total=1),
        ) as session,
    ):
        holder = asyncio.create_task(hold(session, str(site.make_url("/long"))))
        await begun.wait()
        (page,) = await asyncio.gather(
            fetch(session, str(site.make_url("/short"))), return_exceptions=True
        )
        seen = arrived.copy()
        await holder
        return seen, page


def test_a_failed_page_is_a_page(load: Load) -> None:
    """To aiohttp a reply with status 500 is a reply, and `fetch` returns the error page as if it were the page."""
    program = load("concurrent_requests/all_at_once")

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=500, text="out of order")

    async def main() -> str:
        async with RawTestServer(answer) as site, aiohttp.ClientSession() as session:
            page: str = await program.fetch(session, str(site.make_url("/")))
            return page

    assert finish(main()) == "out of order"


def test_raise_for_status(load: Load) -> None:
    """`response.raise_for_status()` turns a status of 400 or more into an exception."""
    program = load("concurrent_requests/gather_lets_the_others_go_on")

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=int(request.path[1:]), text="page")

    async def main() -> None:
        async with RawTestServer(answer) as site, aiohttp.ClientSession() as session:
            for status in (200, 299, 399):
                url = str(site.make_url(f"/{status}"))
                assert await program.fetch(session, url) == "page"
            for status in (400, 404, 500, 503):
                url = str(site.make_url(f"/{status}"))
                with pytest.raises(aiohttp.ClientResponseError) as caught:
                    await program.fetch(session, url)
                assert caught.value.status == status

    finish(main())


def test_in_its_place(load: Load) -> None:
    """Each address gets its page or its error, in its place."""
    program = load("concurrent_requests/a_failed_page_loses_no_other")
    site = Site()
    site.open = True

    async def main() -> list[object]:
        async with site.serve() as address:
            paths = [f"/bad{n}" if n % 7 == 3 else f"/{n}" for n in range(30)]
            pages: list[object] = await program.fetch_all([*map(address, paths)])
            return pages

    pages = finish(main())
    for n, page in enumerate(pages):
        if n % 7 == 3:
            assert isinstance(page, aiohttp.ClientResponseError)
            assert page.request_info.url.path == f"/bad{n}"
        else:
            assert page == f"/{n}".encode()
    assert site.most <= program.LIMIT
    assert len(site.connections) <= program.LIMIT


def test_one_session_for_fetch_all(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """It makes one session and closes it."""
    program = load("concurrent_requests/a_failed_page_loses_no_other")
    sessions: list[aiohttp.ClientSession] = []
    real = aiohttp.ClientSession

    def session(**options: Any) -> aiohttp.ClientSession:
        sessions.append(real(**options))
        return sessions[-1]

    monkeypatch.setattr(aiohttp, "ClientSession", session)
    finish(program.main())
    assert [session.closed for session in sessions] == [True]


def test_which_errors(load: Load) -> None:
    """`aiohttp.ClientError` covers bad statuses, refused connections and replies that break off; `TimeoutError` covers the clock."""
    program = load("concurrent_requests/a_failed_page_loses_no_other")

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        if request.path == "/bad":
            return web.Response(status=404)
        if request.path == "/hangs":
            await asyncio.sleep(3600)
        if request.path == "/hangs-up":
            request.transport.close()
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"a beginning")
        request.transport.close()
        return response

    async def main() -> list[object]:
        async with RawTestServer(answer) as gone:
            refused = str(gone.make_url("/"))
        async with RawTestServer(answer) as site:
            paths = "/bad", "/hangs-up", "/breaks-off", "/hangs"
            urls = [refused, *(str(site.make_url(path)) for path in paths)]
            pages: list[object] = await program.fetch_all(urls)
            return pages

    refused, bad, hangs_up, breaks_off, hangs = finish(main())
    assert isinstance(refused, aiohttp.ClientConnectorError)
    assert isinstance(bad, aiohttp.ClientResponseError)
    assert isinstance(hangs_up, aiohttp.ServerDisconnectedError)
    assert isinstance(breaks_off, aiohttp.ClientPayloadError)
    for error in refused, bad, hangs_up, breaks_off:
        assert isinstance(error, aiohttp.ClientError)
    assert isinstance(hangs, TimeoutError)
    assert not isinstance(hangs, aiohttp.ClientError)


def test_a_host_that_cannot_be(load: Load) -> None:
    """A host name with an empty part, as in `http://a..b/`, is a `UnicodeError`, to which a server may redirect you."""
    program = load("concurrent_requests/a_failed_page_loses_no_other")

    async def answer(request: web.BaseRequest) -> web.Response:
        if request.path == "/moved":
            return web.Response(status=302, headers={"Location": "http://a..b/"})
        return web.Response(text="page")

    async def main() -> None:
        async with RawTestServer(answer) as site:
            urls = [str(site.make_url(path)) for path in ("/", "/moved", "/2")]
            pages = await program.fetch_all([*urls, "http://a..b/"])
        kinds = bytes, UnicodeError, bytes, UnicodeError  # 3.14: a subclass of it
        assert all(map(isinstance, pages, kinds))
        assert not issubclass(UnicodeError, aiohttp.ClientError)

    finish(main())


def test_encoding(load: Load) -> None:
    """The pages are bytes, since `response.text()` raises errors of its own: the bytes may not fit the encoding that the server names, and the name may not be that of an encoding of text."""
    robust = load("concurrent_requests/a_failed_page_loses_no_other")
    short = load("concurrent_requests/all_at_once")

    async def answer(request: web.BaseRequest) -> web.Response:
        charset = request.path.strip("/")
        return web.Response(body=b"caf\xe9", content_type="text/html", charset=charset)

    async def main() -> None:
        async with RawTestServer(answer) as site, aiohttp.ClientSession() as session:
            urls = [str(site.make_url(f"/{charset}")) for charset in ("utf-8", "rot13")]
            assert await robust.fetch_all(urls) == [b"caf\xe9"] * 2
            with pytest.raises(UnicodeDecodeError):
                await short.fetch(session, urls[0])
            with pytest.raises(LookupError):
                await short.fetch(session, urls[1])

    finish(main())


def test_a_bug(load: Load) -> None:
    """A bug in `fetch` comes out as an exception, where `gather(..., return_exceptions=True)` would hand it to you as one more result."""
    program = load("concurrent_requests/a_failed_page_loses_no_other")

    class Buggy:
        def get(self, url: str) -> object:
            return dict[str, object]()[url]

    async def main() -> None:
        turn = asyncio.Semaphore(1)
        with pytest.raises(KeyError):
            await asyncio.gather(program.fetch(Buggy(), turn, "/"))
        results = await asyncio.gather(
            program.fetch(Buggy(), turn, "/"), return_exceptions=True
        )
        assert [type(result) for result in results] == [KeyError]

    finish(main())


def test_cancellation(load: Load) -> None:
    """Cancellation passes through, and closes the connections."""
    program = load("concurrent_requests/a_failed_page_loses_no_other")

    async def main() -> Site:
        site = Site()
        async with site.serve() as address:
            urls = [address(f"/{n}") for n in range(10)]
            job = asyncio.create_task(program.fetch_all(urls))
            await site.until(lambda: site.in_flight == program.LIMIT)
            job.cancel()
            with pytest.raises(asyncio.CancelledError):
                await job
            await site.until(lambda: site.in_flight == 0)
            return site

    site = finish(main())
    assert sorted(site.left) == [f"/{n}" for n in range(program.LIMIT)]
    assert site.answered == []


def test_gather_goes_on(load: Load) -> None:
    """The exception arrives while nine requests are still running."""
    program = load("concurrent_requests/gather_lets_the_others_go_on")

    async def main() -> None:
        site = Site()
        async with site.serve() as address, aiohttp.ClientSession() as session:
            tasks = await nine_held_and_one_bad(site, address, session, program)
            with pytest.raises(aiohttp.ClientResponseError):
                await asyncio.gather(*tasks)
            assert [task.done() for task in tasks] == [False] * 9 + [True]
            await site.let_go()
            await asyncio.wait(tasks)
        assert [task.result() for task in tasks[:9]] == [f"/{n}" for n in range(9)]
        assert site.left == []

    finish(main())


async def nine_held_and_one_bad(
    site: Site,
    address: Callable[[str], str],
    session: aiohttp.ClientSession,
    program: ModuleType,
    start: Callable[[Coroutine[Any, Any, str]], asyncio.Task[str]] | None = None,
) -> list[asyncio.Task[str]]:
    """Start nine requests that the site holds, and then one that it answers with 500."""
    start = start or asyncio.create_task
    tasks = [start(program.fetch(session, address(f"/{n}"))) for n in range(9)]
    await site.until(lambda: site.in_flight == 9)

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(status=500)

    async def fail() -> str:
        async with RawTestServer(answer) as broken:
            page: str = await program.fetch(session, str(broken.make_url("/")))
            return page

    return [*tasks, start(fail())]


def test_the_session_closes_under_them(load: Load) -> None:
    """Leave the `async with` of the session at that moment, and it closes under them: they fail with "Connector is closed", and nobody hears of it."""
    program = load("concurrent_requests/gather_lets_the_others_go_on")
    heard: list[dict[str, Any]] = []

    async def main() -> list[asyncio.Task[str]]:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: heard.append(context))
        site = Site()
        async with site.serve() as address:
            async with aiohttp.ClientSession() as session:
                tasks = await nine_held_and_one_bad(site, address, session, program)
                with pytest.raises(aiohttp.ClientResponseError):
                    await asyncio.gather(*tasks)
            await asyncio.wait(tasks)
            return tasks

    def errors() -> list[str]:
        tasks = finish(main())
        # Whether anybody hears of it must not depend on these looks.
        return [repr(task) for task in tasks[:9]]

    shown = errors()
    gc.collect()
    assert heard == []
    assert all("Connector is closed" in task for task in shown)


def test_the_group_cancels(load: Load) -> None:
    """The group cancels the other nine, waits until they have ended, and raises an `ExceptionGroup`; `except*` picks from it."""
    program = load("concurrent_requests/task_group_cancels_the_others")

    async def main() -> None:
        site = Site()
        async with site.serve() as address, aiohttp.ClientSession() as session:
            tasks: list[asyncio.Task[str]] = []

            async def in_a_group() -> None:
                async with asyncio.TaskGroup() as group:
                    tasks.extend(
                        await nine_held_and_one_bad(
                            site, address, session, program, group.create_task
                        )
                    )

            with pytest.raises(ExceptionGroup) as caught:
                await in_a_group()
            (error,) = caught.value.exceptions
            assert isinstance(error, aiohttp.ClientResponseError)
            assert [task.cancelled() for task in tasks] == [True] * 9 + [False]
            assert all(task.done() for task in tasks)

    finish(main())


def test_the_server_sees_them_go(load: Load) -> None:
    """Each cancelled request closes its connection, so the server sees the client go."""
    program = load("concurrent_requests/task_group_cancels_the_others")

    async def main() -> None:
        site = Site()
        async with site.serve() as address, aiohttp.ClientSession() as session:

            async def in_a_group() -> None:
                async with asyncio.TaskGroup() as group:
                    await nine_held_and_one_bad(
                        site, address, session, program, group.create_task
                    )

            with pytest.raises(ExceptionGroup):
                await in_a_group()
            await site.until(lambda: site.in_flight == 0)
            assert sorted(site.left) == [f"/{n}" for n in range(9)]
            assert site.answered == []

    finish(main())


def test_an_ordinary_server(load: Load) -> None:
    """An aiohttp server does so only if it is told to; by default the handler runs to its end."""
    program = load("concurrent_requests/task_group_cancels_the_others")

    async def main(told: bool) -> Site:
        site = Site()
        server = web.Server(site.answer)
        if told:
            server = web.Server(site.answer, handler_cancellation=True)
        runner = web.ServerRunner(server)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/page"
            async with aiohttp.ClientSession() as session:
                task = asyncio.create_task(program.fetch(session, url))
                await site.until(lambda: site.in_flight == 1)
                task.cancel()
                await asyncio.wait([task])
            (connection,) = site.connections
            assert isinstance(connection, asyncio.Transport)
            while not connection.is_closing():
                await asyncio.sleep(0)  # the server has still to notice
            await settle()
            await site.let_go()
            await site.until(lambda: site.in_flight == 0)
            return site
        finally:
            await runner.cleanup()

    by_default, told = finish(main(False)), finish(main(True))
    assert (by_default.answered, by_default.left) == (["/page"], [])
    assert (told.answered, told.left) == ([], ["/page"])


def test_a_pool(load: Load) -> None:
    """A session holds a pool of connections, and uses them again:"""
    program = load("concurrent_requests/one_session_keeps_its_connections")

    async def main() -> tuple[Site, int]:
        site = Site()
        site.open = True
        async with site.serve() as address:
            async with aiohttp.ClientSession() as session:
                for n in range(5):
                    await program.fetch(session, address(f"/{n}"))
                of_one_session = len(site.connections)
            for n in range(5):
                async with aiohttp.ClientSession() as session:
                    await program.fetch(session, address(f"/{n}"))
        return site, of_one_session

    site, of_one_session = finish(main())
    assert of_one_session == 1
    assert len(site.connections) == 1 + 5


def test_no_loop() -> None:
    """Made where no loop runs, it raises `RuntimeError: no running event loop`."""
    with pytest.raises(RuntimeError, match=r"^no running event loop$"):
        aiohttp.ClientSession()


def test_closing(load: Load) -> None:
    """Leaving its `async with` closes it, with all its connections."""
    program = load("concurrent_requests/one_session_keeps_its_connections")

    async def main() -> None:
        site = Site()
        async with site.serve() as address:
            async with aiohttp.ClientSession() as session:
                fetches = [program.fetch(session, address(f"/{n}")) for n in range(3)]
                pages = asyncio.gather(*fetches)
                await site.until(lambda: site.in_flight == 3)
                await site.let_go()
                await pages
                await settle()
                connections = [c for c in site.connections if is_open(c)]
                assert len(connections) == 3
            while any(map(is_open, connections)):
                await asyncio.sleep(0)  # the server has still to notice
            assert session.closed

    finish(main())


def is_open(transport: object) -> bool:
    """Whether the server's end of a connection is open."""
    assert isinstance(transport, asyncio.Transport)
    return not transport.is_closing()


def test_all_hundred_exist(load: Load) -> None:
    """All hundred tasks exist from the start, and most of them wait"""
    program = load("concurrent_requests/a_hundred_pages_ten_at_a_time")
    seen: list[int] = []
    answer = program.answer

    async def counting(request: web.BaseRequest) -> web.Response:
        fetches = [t for t in asyncio.all_tasks() if "fetch" in repr(t.get_coro())]
        seen.append(len(fetches))
        response: web.Response = await answer(request)
        return response

    vars(program)["answer"] = counting
    finish(program.main())
    assert seen[0] == 100


def test_three_connections(capsys: pytest.CaptureFixture[str]) -> None:
    """No time. Page `/0` holds one connection for 1.5 seconds; over the other two, nine pages of 0.17 seconds come in 0.85."""
    program = changed(
        "all_at_once",
        "aiohttp.ClientSession() as session",
        "aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=3)) as session",
    )
    came: dict[str, float] = {}
    fetch = program["fetch"]

    async def watched(session: aiohttp.ClientSession, url: str) -> str:
        page: str = await fetch(session, url)
        came[page] = asyncio.get_running_loop().time() - start[0]
        return page

    async def main() -> float:
        start.append(asyncio.get_running_loop().time())
        return await timed(program["main"]())

    start: list[float] = []
    program["fetch"] = watched
    assert virtual_clock.run(main()) == pytest.approx(1.5, rel=0.02)
    assert max(program["counts"]) == 3
    assert came.pop("/0") == pytest.approx(1.5, rel=0.02)
    assert max(came.values()) == pytest.approx(5 * 0.17, rel=0.05)


def test_ten_turns(capsys: pytest.CaptureFixture[str]) -> None:
    """Five, as before: ten have a turn, and five of them wait for a connection on the clock."""
    program = changed(
        "limit_and_timeout_fixed", "asyncio.Semaphore(LIMIT)", "asyncio.Semaphore(10)"
    )
    virtual_clock.run(program["main"]())
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ["lost: 5 TimeoutError()", "most in flight: 5"]


def test_without_raise_for_status(capsys: pytest.CaptureFixture[str]) -> None:
    """It is among the others, and nothing tells it from them. This site sends `page /3` with its error; a real one sends an error page."""
    program = changed(
        "a_failed_page_loses_no_other", "            response.raise_for_status()\n", ""
    )
    virtual_clock.run(program["main"]())
    pages = [f"b'page /{n}'" for n in range(10)]
    pages[5] = "TimeoutError"
    assert capsys.readouterr().out.splitlines() == [*pages, "most in flight: 4"]
