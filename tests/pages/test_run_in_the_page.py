"""The claims of `run-in-the-page.md`; what holds of each program is tested elsewhere."""

from __future__ import annotations

import pytest

from in_a_page import Runner

pytestmark = pytest.mark.xdist_group("runtime")  # one Chromium for all


def test_the_loop(chromium: Runner) -> None:
    """The interpreter is CPython, compiled to WebAssembly by the Pyodide project, and asyncio is CPython's own, with its own selector event loop."""
    program = """
import asyncio, selectors, sys

async def main():
    loop = asyncio.get_running_loop()
    print(sys.implementation.name, sys.platform)
    print(type(loop).__module__, type(loop).__name__)
    print(type(asyncio.current_task()).__module__)
    print(isinstance(loop._selector, selectors.EpollSelector))

asyncio.run(main())
"""
    assert chromium.run(program).stdout.splitlines() == [
        "cpython emscripten",
        "asyncio.unix_events _UnixSelectorEventLoop",
        "_asyncio",
        "True",
    ]


def test_anew(chromium: Runner) -> None:
    """Each run starts with a new interpreter, so nothing is left of the one before."""
    leave = "import sys; open('left', 'w').close(); sys.modules['left'] = sys; print('left')"
    look = "import os, sys; print(os.path.exists('left'), 'left' in sys.modules)"
    assert chromium.run(leave).stdout == "left\n"
    assert chromium.run(look).stdout == "False False\n"


def test_no_network(chromium: Runner) -> None:
    """So a program that asks for another machine fails, as on a machine without a network, and a note says why."""
    program = """
import asyncio
asyncio.run(asyncio.open_connection("example.org", 80))
"""
    seen = chromium.run(program)
    assert seen.status == 1
    assert seen.stderr.endswith(
        "socket.gaierror: [Errno -2] Name or service not known\n"
    )
    (note,) = seen.notes
    assert note.startswith("There is no network here")
    assert "example.org" in note
