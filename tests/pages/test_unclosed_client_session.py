"""The claims of `reference/errors/unclosed-client-session.md`."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from messages import run_text
from programs import EXAMPLES
from running import run

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
    """A `ClientSession` keeps a pool of connections, and `async with session.get(...)` gives a connection back to that pool and not to the system."""
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


def test_it_cannot_close_itself() -> None:
    """It cannot close itself then, since closing takes an `await`, so it says what it has left: the session, and the connector with its open connections."""
    assert inspect.iscoroutinefunction(aiohttp.ClientSession.close)
    program = (HERE / "session_never_closed_broken.py").read_text("utf-8")
    told = run(HERE / "session_never_closed_broken.py").stderr.splitlines()
    assert 'print(about["message"]' in program
    assert told == [SESSION, CONNECTOR]


def test_where_it_was_made(tmp_path: Path) -> None:
    """With `python -X dev`, the message is followed by `source_traceback`, whose last lines show where the session was made."""
    said = run_text(tmp_path, NEVER_USED, "-X", "dev").stderr
    after = said.split(f"\n{SESSION}\n")[1]
    assert "source_traceback: Object created at" in after
    assert after.splitlines()[-1].strip() == "session = aiohttp.ClientSession()"
    assert "source_traceback" not in run_text(tmp_path, NEVER_USED).stderr
