"""The claims of `reference/errors/unclosed-client-session.md`."""

from __future__ import annotations

import asyncio
import gc
import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from messages import run_text
from programs import EXAMPLES
from running import SLOW_STEP, run

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "unclosed_client_session"
SESSION, CONNECTOR = "Unclosed client session", "Unclosed connector"
NEVER_USED = """
    import asyncio
    import aiohttp

    async def main():
        session = aiohttp.ClientSession()

    asyncio.run(main())
    """


def test_thrown_away() -> None:
    """An aiohttp session was thrown away before it was closed, and so were the connections that it kept."""
    broken = run(HERE / "session_never_closed_broken.py")
    assert broken.stderr.splitlines() == [SESSION, CONNECTOR]
    fixed = run(HERE / "session_never_closed_fixed.py")
    assert (fixed.stdout, fixed.stderr) == (broken.stdout, "")


def test_a_session_without_a_request(tmp_path: Path) -> None:
    """A session that has made no request says only the first."""
    said = run_text(tmp_path, NEVER_USED).stderr
    assert said.splitlines()[0] == SESSION
    assert CONNECTOR not in said


def test_back_to_the_pool(load: Load) -> None:
    """After an answer that was read to its end, `async with session.get(...)` gives the connection back to that pool and not to the system."""
    fetch = load("unclosed_client_session/session_never_closed_fixed").fetch
    callers: list[object] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        callers.append(request.transport.get_extra_info("peername"))
        return web.Response(text="the page")

    async def main() -> None:
        async with (
            RawTestServer(answer) as site,
            aiohttp.ClientSession() as session,
        ):
            for _ in range(2):
                await fetch(session, str(site.make_url("/")))

    asyncio.run(main())
    first, second = callers
    assert first == second


def test_it_cuts_its_connections(load: Load) -> None:
    """The connector cuts its connections then, without waiting for them to close, since that takes an `await`, and session and connector say that they were left open."""
    assert inspect.iscoroutinefunction(aiohttp.ClientSession.close)
    told, callers = asyncio.run(leave(load, keep=False))
    assert told == [SESSION, CONNECTOR]
    assert callers[0].is_closing()


def test_a_session_that_is_kept(load: Load) -> None:
    """One that a list or a cycle keeps says nothing yet, and its connections stay open."""
    told, callers = asyncio.run(leave(load, keep=True))
    assert told == []
    assert callers[0] is callers[1]


async def leave(load: Load, keep: bool) -> tuple[list[str], list[asyncio.Transport]]:
    """What is said of a session that is not closed, and whom the server talked to.

    Without `keep`, it is thrown away, and the server waits to be cut off. With
    `keep`, it is in a list, and asks for one more page.
    """
    fetch = load("unclosed_client_session/session_never_closed_fixed").fetch
    told: list[str] = []
    callers: list[asyncio.Transport] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, about: told.append(about["message"])
    )

    async def answer(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        callers.append(request.transport)
        return web.Response(text="the page")

    async with RawTestServer(answer) as site:
        url = str(site.make_url("/"))
        kept = [aiohttp.ClientSession()]
        await fetch(kept[0], url)
        if not keep:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                kept.clear()
                gc.collect()
            async with asyncio.timeout(30):
                while not callers[0].is_closing():
                    await asyncio.sleep(0.01)
        for session in kept:
            gc.collect()
            await fetch(session, url)
            await session.close()
    return told, callers


def test_where_it_was_made(tmp_path: Path) -> None:
    """With `python -X dev`, the message is followed by `source_traceback`, whose last lines show where the session was made."""
    said = SLOW_STEP.sub("", run_text(tmp_path, NEVER_USED, "-X", "dev").stderr)
    after = said.split(f"\n{SESSION}\n")[1]
    assert "source_traceback: Object created at" in after
    assert after.splitlines()[-1].strip() == "session = aiohttp.ClientSession()"
    assert "source_traceback" not in run_text(tmp_path, NEVER_USED).stderr
