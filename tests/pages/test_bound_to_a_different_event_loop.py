"""The claims of `reference/errors/bound-to-a-different-event-loop.md`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
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
