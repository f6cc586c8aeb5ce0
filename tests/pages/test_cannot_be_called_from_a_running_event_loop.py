"""The claims of `reference/errors/cannot-be-called-from-a-running-event-loop.md`."""

from __future__ import annotations

import asyncio
import inspect
import threading
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from messages import last_line

Load = Callable[[str], ModuleType]
HERE = "cannot_be_called_from_a_running_event_loop"
MESSAGE = "RuntimeError: asyncio.run() cannot be called from a running event loop"


def test_one_loop_at_a_time() -> None:
    """The code that calls `asyncio.run` is itself run by an event loop, and a thread runs one loop at a time."""

    async def main() -> None:
        inner = asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            asyncio.run(inner)
        inner.close()
        assert last_line(caught.value) == MESSAGE

    virtual_clock.run(main())


def test_a_runner() -> None:
    """`asyncio.Runner` does the same, and begins its message with `Runner.run()`."""
    runner = asyncio.Runner()

    async def main() -> None:
        inner = asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            runner.run(inner)
        inner.close()
        assert last_line(caught.value) == MESSAGE.replace("asyncio.run", "Runner.run")

    virtual_clock.run(main())
    runner.close()


def test_the_warning_is_a_consequence(load: Load) -> None:
    """`look_up(item)` had made its coroutine before `asyncio.run` was called, and then nobody awaited it."""
    program = load(f"{HERE}/run_inside_run_broken")
    look_up, made = program.look_up, []

    def noting(item: str) -> object:
        made.append(look_up(item))
        return made[-1]

    program.look_up = noting  # type: ignore[attr-defined]

    async def main() -> None:
        with pytest.raises(RuntimeError):
            program.price("bread")
        (coroutine,) = made
        assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED
        coroutine.close()  # or Python would warn

    virtual_clock.run(main())


def test_in_a_thread_it_may() -> None:
    """There no loop is running, and it may run one of its own."""

    def own_loop() -> asyncio.AbstractEventLoop:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()

        async def which() -> asyncio.AbstractEventLoop:
            return asyncio.get_running_loop()

        return asyncio.run(which())

    async def main() -> None:
        other = await asyncio.to_thread(own_loop)
        assert other is not asyncio.get_running_loop()

    asyncio.run(main())


def in_a_thread(wait: Callable[[], Coroutine[Any, Any, object]]) -> object:
    """Run something in a loop of this thread; give what it raised, or its result."""
    try:
        return asyncio.run(wait())
    except RuntimeError as error:
        return str(error)


def test_a_future_of_yours() -> None:
    """A task or a future of yours that is not done cannot be awaited there, and a lock of yours fails as soon as somebody has to wait for it in both."""

    async def main() -> None:
        future = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(asyncio.sleep(3600))
        lock, idle = asyncio.Lock(), asyncio.Lock()

        async def wait_for(awaitable: Awaitable[object]) -> object:
            return await awaitable

        async def use(lock: asyncio.Lock) -> str:
            async with lock:
                return "used"

        for mine in (future, task):
            said = await asyncio.to_thread(in_a_thread, partial(wait_for, mine))
            assert "attached to a different loop" in str(said)
        future.set_result("done")
        there = await asyncio.to_thread(in_a_thread, partial(wait_for, future))
        assert there == "done"
        task.cancel()

        await use(idle)
        assert await asyncio.to_thread(in_a_thread, partial(use, idle)) == "used"
        await lock.acquire()
        waiting = asyncio.create_task(use(lock))
        await asyncio.sleep(0)
        said = await asyncio.to_thread(in_a_thread, partial(use, lock))
        assert "is bound to a different event loop" in str(said)
        lock.release()
        assert await waiting == "used"

    async def in_time() -> None:
        async with asyncio.timeout(60):
            await main()

    asyncio.run(in_time())


def test_the_others_run_meanwhile() -> None:
    """`asyncio.to_thread` lets the other tasks run meanwhile; to start a thread and `join` it would block the loop."""
    let_go = threading.Event()
    joined: list[bool] = []

    async def other() -> None:
        let_go.set()

    async def main() -> None:
        task = asyncio.create_task(other())
        assert await asyncio.to_thread(let_go.wait, 30)
        await task
        let_go.clear()
        task = asyncio.create_task(other())
        thread = threading.Thread(target=lambda: joined.append(let_go.wait(0.1)))
        thread.start()
        thread.join()
        assert joined == [False]  # the other task had no turn
        await task

    asyncio.run(main())


def test_read_it_from_the_end(load: Load) -> None:
    """Read the traceback from its end: the last line of a file of yours is the call to replace, be it `asyncio.run` or a plain function of a library that uses it."""
    program = load(f"{HERE}/run_inside_run_broken")
    coroutine = program.look_up("bread")
    program.look_up = lambda item: coroutine  # type: ignore[attr-defined]

    async def main() -> traceback.StackSummary:
        with pytest.raises(RuntimeError) as caught:
            program.price("bread")
        return traceback.extract_tb(caught.tb)

    frames = virtual_clock.run(main())
    coroutine.close()
    mine = [frame for frame in frames if frame.filename == program.__file__]
    assert mine[-1].name == "price"
    assert "asyncio.run(" in (mine[-1].line or "")
    mine = [frame for frame in frames if frame.filename == __file__]
    assert mine[-1].name == "main"
    assert 'program.price("bread")' in (mine[-1].line or "")


def test_is_a_loop_running() -> None:
    """To ask whether a loop is running, call `asyncio.get_running_loop()`, which raises `no running event loop` where none is."""

    async def main() -> None:
        assert asyncio.get_running_loop().is_running()

    virtual_clock.run(main())
    with pytest.raises(RuntimeError) as caught:
        asyncio.get_running_loop()
    assert last_line(caught.value) == "RuntimeError: no running event loop"
