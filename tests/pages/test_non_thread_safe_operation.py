"""The claims of `reference/errors/non-thread-safe-operation.md`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from messages import last_line

MESSAGE = (
    "RuntimeError: Non-thread-safe operation invoked"
    " on an event loop other than the current one"
)


def from_a_thread(call: Callable[[], object]) -> str:
    """What a call raises in a thread of its own."""
    told = [""]

    def work() -> None:
        try:
            call()
        except RuntimeError as error:
            told[0] = last_line(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return told[0]


def test_debug_mode_notices() -> None:
    """A thread called a loop that runs in another thread, and debug mode noticed."""

    async def calls() -> list[str]:
        loop = asyncio.get_running_loop()
        return [
            from_a_thread(lambda: loop.call_soon(int)),
            from_a_thread(lambda: loop.call_later(0, int)),
            from_a_thread(lambda: loop.call_at(loop.time(), int)),
        ]

    assert asyncio.run(calls(), debug=True) == [MESSAGE] * 3
    assert asyncio.run(calls(), debug=False) == [""] * 3


def test_whatever_calls_them() -> None:
    """They may be called in the loop's own thread alone, and so may whatever calls them, such as `future.set_result`, `event.set`, `task.cancel` and `loop.create_task`."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        call_soon, calls = loop.call_soon, 0

        def counting(*about: Any, **context: Any) -> asyncio.Handle:
            nonlocal calls
            calls += 1
            return call_soon(*about, **context)

        event, future = asyncio.Event(), loop.create_future()
        future.add_done_callback(lambda _: None)
        waiter = asyncio.create_task(event.wait())
        sleeper = asyncio.create_task(asyncio.sleep(3600))
        await asyncio.sleep(0)
        loop.call_soon = counting  # type: ignore[assignment, method-assign]
        tasks: list[asyncio.Task[None]] = []
        for call in (
            lambda: future.set_result(None),
            event.set,
            sleeper.cancel,
            lambda: tasks.append(loop.create_task(asyncio.sleep(0))),
        ):
            calls = 0
            call()
            assert calls == 1
        loop.call_soon = call_soon  # type: ignore[method-assign]
        await asyncio.wait([waiter, sleeper, *tasks])

    asyncio.run(main())


def test_the_work_lies_there() -> None:
    """The call returns, and the work lies there until the loop wakes up for another reason: late, or never."""

    async def main(safe: bool, seconds: float) -> float:
        loop = asyncio.get_running_loop()
        select = loop._selector.select  # type: ignore[attr-defined]
        asleep, ran = threading.Event(), loop.create_future()
        start = loop.time()

        def about_to_sleep(timeout: float | None) -> object:
            if timeout:
                asleep.set()
            return select(timeout)

        def work() -> None:
            assert asleep.wait(30)
            call = loop.call_soon_threadsafe if safe else loop.call_soon
            call(lambda: ran.set_result(loop.time() - start))

        thread = threading.Thread(target=work)
        thread.start()
        another_reason = loop.call_later(seconds, int)
        loop._selector.select = about_to_sleep  # type: ignore[attr-defined]
        took: float = await ran
        loop._selector.select = select  # type: ignore[attr-defined]
        another_reason.cancel()
        thread.join()
        return took

    assert asyncio.run(main(safe=True, seconds=300)) < 299
    assert asyncio.run(main(safe=False, seconds=0.5)) > 0.49


def test_the_two_others() -> None:
    """For a coroutine, there is `asyncio.run_coroutine_threadsafe(coroutine, loop)`; for a result from a thread, `await asyncio.to_thread(work)`, which carries it back by itself."""

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def work() -> str:
            coroutine = asyncio.sleep(0, "from the loop")
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

        assert await asyncio.to_thread(work) == "from the loop"

    asyncio.run(main(), debug=True)


def test_it_looks_at_three_calls() -> None:
    """It looks at those three calls and no others: a `future.set_result` passes in silence as long as nobody waits for the future, and is wrong all the same."""

    async def main() -> None:
        alone, awaited = (asyncio.Future[int]() for _ in range(2))
        awaited.add_done_callback(lambda _: None)  # as a task that waits does
        assert from_a_thread(lambda: alone.set_result(1)) == ""
        assert from_a_thread(lambda: awaited.set_result(1)) == MESSAGE

    asyncio.run(main(), debug=True)


def test_it_has_happened_by_half() -> None:
    """Do not catch it and go on: a refused `future.set_result` has happened by half, the future is done, and nobody who awaits it is woken."""

    async def main() -> list[int]:
        woken: list[int] = []
        refused, own = (asyncio.Future[int]() for _ in range(2))
        for future in (refused, own):
            future.add_done_callback(lambda done: woken.append(done.result()))
        assert from_a_thread(lambda: refused.set_result(1)) == MESSAGE
        own.set_result(2)
        for _ in range(10):
            await asyncio.sleep(0)
        assert refused.done()
        return woken

    assert asyncio.run(main(), debug=True) == [2]


def test_debug_mode_alone() -> None:
    """The check exists in debug mode alone, so run the tests with `python -X dev`."""

    async def main() -> str:
        loop = asyncio.get_running_loop()
        return from_a_thread(lambda: loop.call_soon(int))

    assert asyncio.run(main(), debug=False) == ""
    assert asyncio.run(main(), debug=True) == MESSAGE
