"""The claims of `reference/errors/this-event-loop-is-already-running.md`."""

from __future__ import annotations

import asyncio
import threading

import pytest

from messages import last_line


def test_the_loop_that_runs_it() -> None:
    """`run_until_complete` or `run_forever` was called on a loop that is running, in most cases by code that this loop runs."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        inner = asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            loop.run_until_complete(inner)
        inner.close()
        with pytest.raises(RuntimeError) as again:
            loop.run_forever()
        for error in (caught.value, again.value):
            wanted = "RuntimeError: This event loop is already running"
            assert last_line(error) == wanted

    asyncio.run(main())


def test_get_event_loop() -> None:
    """Within a coroutine, `asyncio.get_event_loop()` gives the loop that runs it."""

    async def main() -> None:
        assert asyncio.get_event_loop() is asyncio.get_running_loop()

    asyncio.run(main())


def test_another_loop() -> None:
    """`asyncio.new_event_loop().run_until_complete(...)` at this place raises `Cannot run the event loop while another loop is running`."""

    async def main() -> None:
        other = asyncio.new_event_loop()
        inner = asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            other.run_until_complete(inner)
        inner.close()
        other.close()
        wanted = "Cannot run the event loop while another loop is running"
        assert str(caught.value) == wanted

    asyncio.run(main())


def test_another_thread() -> None:
    """To call it from another thread changes nothing: a loop that runs in one thread refuses `run_until_complete` from every other, with this same message."""

    def work(loop: asyncio.AbstractEventLoop) -> None:
        inner = asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            loop.run_until_complete(inner)
        inner.close()
        assert (
            last_line(caught.value)
            == "RuntimeError: This event loop is already running"
        )

    async def main() -> None:
        await asyncio.to_thread(work, asyncio.get_running_loop())

    asyncio.run(main())


def test_a_loop_that_serves_others() -> None:
    """`run_forever` has its place in a thread that is there for a loop and serves others; they stop it with `loop.call_soon_threadsafe(loop.stop)`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    coroutine = asyncio.sleep(0, "3.50 euros")
    answer = asyncio.run_coroutine_threadsafe(coroutine, loop)
    assert answer.result(30) == "3.50 euros"
    loop.call_soon_threadsafe(loop.stop)
    thread.join(30)
    assert not thread.is_alive()
    loop.close()
