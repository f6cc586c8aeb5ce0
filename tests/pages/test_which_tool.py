"""The claims of `reference/which-tool.md`."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from types import ModuleType

import pytest

import virtual_clock

Load = Callable[[str], ModuleType]


def test_what_each_cancels(load: Load) -> None:
    """When a job fails, only the group cancels the others."""
    program = load("which_tool/four_ways_to_wait_for_several")

    async def main() -> None:
        for way in (
            program.with_task_group,
            program.with_gather,
            program.with_as_completed,
            program.with_wait,
        ):
            tasks = await way()
            await asyncio.gather(*tasks, return_exceptions=True)
            cancelled = [task.get_name() for task in tasks if task.cancelled()]
            wanted = ["rice"] if way is program.with_task_group else []
            assert cancelled == wanted, way

    virtual_clock.run(main())


def test_wait_raises_nothing() -> None:
    """`wait` raises nothing: an error stays in its task until somebody asks."""

    async def fail() -> None:
        raise OSError("no water")

    async def main() -> None:
        task = asyncio.create_task(fail())
        done, pending = await asyncio.wait([task])
        assert (done, pending) == ({task}, set())
        with pytest.raises(OSError, match="no water"):
            task.result()

    virtual_clock.run(main())


def test_what_is_left_behind() -> None:
    """The tasks that `wait` and `as_completed` leave behind are yours to cancel, and to wait for."""

    async def main() -> None:
        tasks = [asyncio.create_task(asyncio.sleep(n)) for n in (1, 5, 9)]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert [task.done() for task in tasks] == [True, False, False]
        for soonest in asyncio.as_completed(tasks[1:]):
            await soonest
            break
        assert [task.done() for task in tasks] == [True, True, False]
        await asyncio.sleep(1)
        assert not tasks[2].cancelled()
        assert tasks[2].cancelling() == 0
        tasks[2].cancel()
        await asyncio.wait(tasks)
        assert tasks[2].cancelled()

    virtual_clock.run(main())


@pytest.mark.parametrize(
    "kind", [asyncio.Queue, asyncio.LifoQueue, asyncio.PriorityQueue]
)
def test_without_a_limit(kind: type[asyncio.Queue[int]]) -> None:
    """Without `maxsize` none of them ever makes a producer wait: read about back-pressure first."""

    async def main() -> None:
        queue = kind()
        put = asyncio.create_task(fill(queue))
        await asyncio.sleep(0)
        assert put.done()
        assert queue.qsize() == 10_000

    async def fill(queue: asyncio.Queue[int]) -> None:
        for number in range(10_000):
            await queue.put(number)

    virtual_clock.run(main())


@pytest.mark.parametrize("end", ["cancelled", "a last item"])
def test_a_get_in_a_thread(end: str) -> None:
    """A `get` of `queue.Queue` in a thread goes on after it is cancelled: it takes the next item, which is then lost."""
    letters: queue.Queue[str] = queue.Queue()
    read: list[str] = []
    begun = threading.Event()

    def get() -> str:
        begun.set()
        return letters.get(timeout=30)

    async def reader() -> None:
        while (letter := await asyncio.to_thread(get)) != "the end":
            read.append(letter)

    async def main() -> None:
        reading = asyncio.create_task(reader())
        assert await asyncio.to_thread(begun.wait, 30)
        if end == "cancelled":
            reading.cancel()
            await asyncio.wait([reading])
        letters.put("to Ada")
        letters.put("the end")
        await asyncio.wait([reading])

    asyncio.run(main())
    if end == "cancelled":
        assert read == []
        assert letters.get_nowait() == "the end"
    else:
        assert read == ["to Ada"]
    assert letters.empty()


def test_the_same_number() -> None:
    """Two items of a `PriorityQueue` that begin with the same number are compared by what follows, so put a counter between the number and what cannot be compared."""

    async def main() -> None:
        queue: asyncio.PriorityQueue[tuple[object, ...]] = asyncio.PriorityQueue()
        queue.put_nowait((1, {"dish": "soup"}))
        with pytest.raises(TypeError):
            queue.put_nowait((1, {"dish": "rice"}))
        queue = asyncio.PriorityQueue()
        for counter in range(3):
            queue.put_nowait((1, counter, {}))
        assert [queue.get_nowait()[1] for _ in range(3)] == [0, 1, 2]

    virtual_clock.run(main())


def test_a_release_too_many() -> None:
    """A `BoundedSemaphore` that is released once too often says so; a plain `Semaphore` would let in one more from then on."""

    async def main() -> None:
        with pytest.raises(ValueError, match="released too many times"):
            asyncio.BoundedSemaphore(2).release()
        plain = asyncio.Semaphore(2)
        plain.release()
        for _ in range(3):
            await asyncio.wait_for(plain.acquire(), 1)
        assert plain.locked()

    virtual_clock.run(main())
