"""The claims of `reference/errors/timeout-should-be-used-inside-a-task.md`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import ModuleType

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from messages import last_line

Load = Callable[[str], ModuleType]
HERE = "timeout_should_be_used_inside_a_task"


def test_the_loop_of_the_session(load: Load) -> None:
    """An aiohttp session keeps the loop in which it was made, and asks for the current task of that loop."""
    program = load(f"{HERE}/session_of_another_loop_broken")
    fetch = load(f"{HERE}/session_of_another_loop_fixed").fetch

    async def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(text="the page")

    async def at_home(session: aiohttp.ClientSession) -> str:
        async with RawTestServer(answer) as site:
            page: str = await fetch(session, str(site.make_url("/")))
            return page

    with asyncio.Runner() as first, asyncio.Runner() as second:
        session = first.run(program.open_session())
        with pytest.raises(RuntimeError) as caught:
            second.run(program.fetch(session))
        assert first.run(at_home(session)) == "the page"
        first.run(session.close())
    wanted = "RuntimeError: Timeout context manager should be used inside a task"
    assert last_line(caught.value) == wanted


def test_no_task(load: Load) -> None:
    """It says `Timeout should be used inside a task`, and that is to be taken literally: the code is run by no task."""
    program = load(f"{HERE}/step_without_a_task_broken")
    told: list[str] = []

    def step() -> None:
        assert asyncio.current_task() is None
        with pytest.raises(RuntimeError) as caught:
            program.wait_a_little().send(None)
        told.append(last_line(caught.value))

    async def main() -> None:
        asyncio.get_running_loop().call_soon(step)
        await asyncio.sleep(0)
        await program.wait_a_little()  # in a task, it waits

    asyncio.run(main())
    assert told == ["RuntimeError: Timeout should be used inside a task"]


def test_wait_for() -> None:
    """Since Python 3.12, `asyncio.wait_for` says it too."""
    told: list[str] = []

    def step() -> None:
        inner = asyncio.sleep(0)
        outer = asyncio.wait_for(inner, 1)
        try:
            outer.send(None)
        except RuntimeError as error:
            told.append(last_line(error))
        outer.close()
        inner.close()

    async def main() -> None:
        asyncio.get_running_loop().call_soon(step)
        await asyncio.sleep(0)

    asyncio.run(main())
    wanted = ["RuntimeError: Timeout should be used inside a task"]
    assert told == (wanted if sys.version_info >= (3, 12) else [])


def test_in_the_body_of_a_module() -> None:
    """(Before any loop runs, as in the body of a module, it cannot be made at all: there aiohttp says `no running event loop`.)"""
    with pytest.raises(RuntimeError) as caught:
        aiohttp.ClientSession()
    assert last_line(caught.value) == "RuntimeError: no running event loop"


def test_no_loop() -> None:
    """In a thread without a running loop, `asyncio.timeout` says `no running event loop`."""
    with pytest.raises(RuntimeError) as caught:
        asyncio.timeout(1)
    assert last_line(caught.value) == "RuntimeError: no running event loop"
