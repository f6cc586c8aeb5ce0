"""The claims of `reference/glossary.md`."""

from __future__ import annotations

import asyncio
import inspect
import re
import subprocess
import sys
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, expect

import virtual_clock
from glossary import terms

pytestmark = pytest.mark.xdist_group("browser")


def test_calling() -> None:
    """Calling it makes a coroutine, and runs nothing."""
    ran: list[str] = []

    async def function() -> None:
        ran.append("function")

    made = function()
    assert inspect.iscoroutine(made)
    assert ran == []
    asyncio.run(made)
    assert ran == ["function"]


def test_a_future() -> None:
    """Somebody else puts the result in, and whoever awaits the future is woken."""

    async def main() -> None:
        future = asyncio.get_running_loop().create_future()

        async def waits() -> str:
            result: str = await future
            return result

        waiting = asyncio.create_task(waits())
        await asyncio.sleep(1)
        assert not waiting.done()
        future.set_result("mail")
        assert await waiting == "mail"

    virtual_clock.run(main())


def test_async_for() -> None:
    """It does not run the bodies of the loop side by side."""

    async def main() -> None:
        inside = 0

        async def items() -> virtual_clock.AsyncGeneratorType[int, None]:
            for number in range(3):
                yield number

        async for _ in items():
            inside += 1
            assert inside == 1
            await asyncio.sleep(1)
            inside -= 1
        assert asyncio.get_running_loop().time() >= 3

    virtual_clock.run(main())


def test_a_group_of_errors() -> None:
    """A task group raises one, and `except*` picks from it what it can handle."""

    async def fail(error: Exception) -> None:
        raise error

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(KeyError("key")))
            group.create_task(fail(OSError("os")))

    handled: list[Exception] = []

    def run_and_handle() -> None:
        try:
            asyncio.run(main())
        except* KeyError as errors:
            handled.extend(errors.exceptions)

    with pytest.raises(ExceptionGroup) as rest:
        run_and_handle()
    assert [repr(error) for error in handled] == ["KeyError('key')"]
    assert [repr(error) for error in rest.value.exceptions] == ["OSError('os')"]


def test_debug_mode() -> None:
    """The option `-X dev` of the `python` command turns it on."""
    ask = (
        "import asyncio\nasync def main():"
        " print(asyncio.get_running_loop().get_debug())\nasyncio.run(main())"
    )
    for options, said in (([], "False\n"), (["-X", "dev"], "True\n")):
        command = [sys.executable, "-E", *options, "-c", ask]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == said


def test_a_heartbeat() -> None:
    """If a beat is late, something held the event loop."""

    async def longest_gap(held: float) -> float:
        loop = asyncio.get_running_loop()
        beats = [loop.time()]

        async def beat() -> None:
            while True:
                await asyncio.sleep(0.1)
                beats.append(loop.time())

        heart = asyncio.create_task(beat())
        await asyncio.sleep(0.25)
        virtual_clock.time.sleep(held)
        await asyncio.sleep(0.25)
        heart.cancel()
        return max(b - a for a, b in pairwise(beats))

    assert virtual_clock.run(longest_gap(0)) == pytest.approx(0.1, abs=0.01)
    assert virtual_clock.run(longest_gap(1)) == pytest.approx(1.05, abs=0.02)


def test_where_a_term_is_explained(browser: Browser, address: str) -> None:
    """A page of this site says what one of these terms means where it uses it first: point at it, or reach it with the Tab key."""
    meaning = next(term.meaning for term in terms() if term.name == "Event loop")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}concepts/asynchronous-programming/")
    explained = page.locator("article a", has_text=re.compile("^event loop$")).first
    told = page.locator(".md-tooltip2, .md-tooltip", has_text=meaning)
    expect(told).to_have_count(0)
    explained.hover()
    expect(told.first).to_be_visible()
    page.mouse.move(0, 0)
    expect(told).to_have_count(0)
    explained.focus()
    expect(told.first).to_be_visible()
    context.close()
