"""The claims of `reference/errors/bound-to-a-different-event-loop.md`."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import virtual_clock
from messages import last_line

Wait = Callable[[], Coroutine[Any, Any, object]]


async def give_up(wait: Wait) -> None:
    """Wait for something for a while, in vain."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wait(), 1)


@pytest.mark.parametrize("kind", ["Lock", "Queue", "Event", "Semaphore"])
def test_the_message(kind: str) -> None:
    """A lock, queue, event or semaphore was waited for in one event loop, and is now waited for in another."""
    waits: dict[str, Wait] = {
        "Lock": (lock := asyncio.Lock()).acquire,
        "Queue": (queue := asyncio.Queue[str]()).get,
        "Event": (event := asyncio.Event()).wait,
        "Semaphore": (semaphore := asyncio.Semaphore(0)).acquire,
    }
    things: dict[str, object] = {
        "Lock": lock,
        "Queue": queue,
        "Event": event,
        "Semaphore": semaphore,
    }

    async def first() -> None:
        if kind == "Lock":
            await lock.acquire()
        await give_up(waits[kind])

    async def second() -> None:
        with pytest.raises(RuntimeError) as caught:
            await waits[kind]()
        said = f"{things[kind]!r} is bound to a different event loop"
        assert last_line(caught.value) == f"RuntimeError: {said}"

    virtual_clock.run(first())
    virtual_clock.run(second())


def test_made_anywhere() -> None:
    """A lock may be made anywhere, even where no loop runs."""

    def make() -> asyncio.Lock:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        return asyncio.Lock()

    async def make_here() -> asyncio.Lock:
        return asyncio.Lock()

    async def wait_for(oven: asyncio.Lock) -> None:
        async with oven:
            await give_up(oven.acquire)

    virtual_clock.run(wait_for(make()))
    with ThreadPoolExecutor() as pool:
        virtual_clock.run(wait_for(pool.submit(make).result(60)))
    virtual_clock.run(wait_for(virtual_clock.run(make_here())))


def test_bound_when_somebody_waits() -> None:
    """It is bound to a loop when somebody has to wait for it, and not before: `spelt` found the oven taken."""

    async def wait_for(oven: asyncio.Lock) -> None:
        async with oven:
            await give_up(oven.acquire)

    async def cross(oven: asyncio.Lock) -> bool:
        async with oven:
            try:
                await give_up(oven.acquire)
            except RuntimeError:
                return False
            return True

    async def hold(oven: asyncio.Lock) -> None:
        async with oven:
            await asyncio.sleep(1)

    held, waited_for = asyncio.Lock(), asyncio.Lock()
    virtual_clock.run(hold(held))
    virtual_clock.run(wait_for(waited_for))
    assert virtual_clock.run(cross(held))
    assert not virtual_clock.run(cross(waited_for))


def test_a_late_mistake() -> None:
    """As long as nobody has to wait, one lock serves any number of runs, and `async with oven` raises nothing."""
    oven = asyncio.Lock()

    async def wait_once() -> None:
        async with oven:
            await give_up(oven.acquire)

    async def main() -> bool:
        async with oven:
            await asyncio.sleep(1)
            return oven.locked()

    assert virtual_clock.run(main())
    assert virtual_clock.run(main())
    virtual_clock.run(wait_once())
    assert virtual_clock.run(main())


def test_a_queue_binds_sooner() -> None:
    """A queue or an event binds sooner: one reader that finds the queue empty is enough."""

    async def empty(waits: list[Wait]) -> None:
        for wait in waits:
            await give_up(wait)

    async def alone(waits: list[Wait]) -> None:
        for wait in waits:
            with pytest.raises(RuntimeError, match="is bound to a different"):
                await wait()

    waits: list[Wait] = [asyncio.Queue[str]().get, asyncio.Event().wait]
    virtual_clock.run(empty(waits))
    virtual_clock.run(alone(waits))


def test_a_lock_for_threads() -> None:
    """To wait for either blocks the loop, so no task may hold such a lock across an `await`: if another task of its loop asks for it, neither gets any further."""
    lock: threading.Lock = threading.Lock()
    story: list[str] = []

    async def hold(turn: asyncio.Event) -> None:
        with lock:
            turn.set()
            await asyncio.sleep(0)
            story.append("gave it back")

    async def ask(turn: asyncio.Event) -> None:
        await turn.wait()
        assert not lock.acquire(timeout=0.1)
        story.append("would wait for ever")

    async def main() -> None:
        turn = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(ask(turn))
            group.create_task(hold(turn))

    asyncio.run(main())
    assert story == ["would wait for ever", "gave it back"]


def test_the_object_and_its_state() -> None:
    """The message begins with the object, and in brackets its state."""
    oven = asyncio.Lock()

    async def main() -> None:
        async with oven:
            await give_up(oven.acquire)

    async def again() -> str:
        async with oven:
            with pytest.raises(RuntimeError) as caught:
                await oven.acquire()
        return str(caught.value)

    virtual_clock.run(main())
    wanted = r"<asyncio\.locks\.Lock object at 0x[0-9a-f]+ \[locked\]> is bound .*"
    assert re.fullmatch(wanted, virtual_clock.run(again()))


def test_one_runner() -> None:
    """One `asyncio.Runner` keeps one loop for all the jobs of a thread."""
    oven = asyncio.Lock()

    async def job() -> asyncio.AbstractEventLoop:
        async with oven:
            waiting = asyncio.create_task(oven.acquire())
            await asyncio.sleep(0)  # now somebody waits
            waiting.cancel()
            await asyncio.wait([waiting])
        assert waiting.cancelled()
        return asyncio.get_running_loop()

    with asyncio.Runner() as runner:
        assert runner.run(job()) is runner.run(job())
    with asyncio.Runner() as another, pytest.raises(RuntimeError, match="is bound"):
        another.run(wait_in_vain(oven))


async def wait_in_vain(oven: asyncio.Lock) -> None:
    """Wait for a lock that one holds oneself."""
    async with oven:
        await oven.acquire()


def test_two_threads_one_runner() -> None:
    """Two threads cannot run one at the same time."""

    async def nothing() -> None:
        """Do nothing."""

    with asyncio.Runner() as runner:

        def from_another_thread() -> None:
            with pytest.raises(RuntimeError, match="loop is already running"):
                runner.run(nothing())

        async def job() -> None:
            await asyncio.to_thread(from_another_thread)

        runner.run(job())
