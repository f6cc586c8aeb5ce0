"""The claims of `reference/errors/event-loop-is-closed.md`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from messages import last_line, run_text

Load = Callable[[str], ModuleType]
MESSAGE = "RuntimeError: Event loop is closed"


def test_a_closed_loop(load: Load) -> None:
    """In the second run it asks the old loop for a turn, and a closed loop takes no more work."""
    program = load("event_loop_is_closed/two_runs_one_kettle_broken")
    kettle = asyncio.run(program.buy())
    assert kettle.loop.is_closed()
    with pytest.raises(RuntimeError) as caught:
        asyncio.run(kettle.boil())
    assert last_line(caught.value) == MESSAGE
    work: list[Callable[[], object]] = [
        lambda: kettle.loop.call_soon(print),
        lambda: kettle.loop.call_later(1, print),
        lambda: kettle.loop.call_soon_threadsafe(print),
    ]
    for ask in work:
        with pytest.raises(RuntimeError) as caught:
            ask()
        assert last_line(caught.value) == MESSAGE


def test_each_run_has_its_loop() -> None:
    """Each `asyncio.run` makes a loop, and closes it at the end."""
    loops = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())

    asyncio.run(main())
    asyncio.run(main())
    assert loops[0] is not loops[1]
    assert all(loop.is_closed() for loop in loops)


def test_a_clean_up_that_is_too_late(tmp_path: Path) -> None:
    """An object that needs the loop to close itself, and is collected when the loop is gone, fails in its `__del__`, and Python prints `Exception ignored` and the traceback."""
    text = """
    import asyncio

    class Kettle:
        def __init__(self):
            self.loop = asyncio.get_running_loop()

        def __del__(self):
            self.loop.call_soon(print, "cold")

    async def buy():
        return Kettle()

    kettle = asyncio.run(buy())
    del kettle
    print("the end")
    """
    done = run_text(tmp_path, text)
    assert done.stderr.startswith("Exception ignored")
    assert done.stderr.splitlines()[-1] == MESSAGE
    assert (done.stdout, done.status) == ("the end\n", 0)


def test_a_thread_after_the_end() -> None:
    """And a thread says it that hands work to a loop after its end, as with `run_coroutine_threadsafe`."""
    loops: list[asyncio.AbstractEventLoop] = []
    told: list[str] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())

    def work() -> None:
        coroutine = main()
        with pytest.raises(RuntimeError) as caught:
            asyncio.run_coroutine_threadsafe(coroutine, loops[0])
        coroutine.close()
        told.append(last_line(caught.value))

    asyncio.run(main())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert told == [MESSAGE]


def test_a_runner(load: Load) -> None:
    """Where several entries must share a loop, as in a test suite or a plain library around an asynchronous one, use one `asyncio.Runner`: it keeps its loop open from one `run` to the next."""
    program = load("event_loop_is_closed/two_runs_one_kettle_broken")
    with asyncio.Runner() as runner:
        kettle = runner.run(program.buy())
        assert runner.run(kettle.boil()) == "water is hot"


def test_a_stream_that_nobody_closed(tmp_path: Path) -> None:
    """With `python -X dev`, Python warns of a stream that nobody closed."""
    text = """
    import asyncio

    async def serve(reader, writer):
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        place = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(*place)
        await reader.read()
        server.close()

    asyncio.run(main())
    """
    assert run_text(tmp_path, text).stderr == ""
    assert "ResourceWarning: unclosed" in run_text(tmp_path, text, "-X", "dev").stderr
