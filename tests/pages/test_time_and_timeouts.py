"""The claims of `concepts/time-and-timeouts.md`."""

from __future__ import annotations

import asyncio
import random
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from types import ModuleType
from typing import Any

import pytest

import editing
import virtual_clock
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "time_and_timeouts"


def changed(program: str, *edits: tuple[str, str]) -> dict[str, Any]:
    """The names of a program of this page in which a reader changed something."""
    return vars(editing.changed(f"time_and_timeouts/{program}", *edits))


def now() -> float:
    """The moment on the clock of the loop."""
    return asyncio.get_running_loop().time()


async def timed(wait: Awaitable[Any]) -> float:
    """How long a wait takes on the clock of the loop."""
    start = now()
    await wait
    return now() - start


def seconds(wait: Coroutine[Any, Any, Any]) -> float:
    """How long a coroutine takes on the virtual clock."""
    return virtual_clock.run(timed(wait))


def about(moment: float) -> Any:
    """`moment`, give or take the few microseconds that the clock counts."""
    return pytest.approx(moment, abs=0.01)


async def hang() -> None:
    """Wait for what never comes."""
    await asyncio.Event().wait()


def test_the_timer_is_taken_back() -> None:
    """Ann replies in time: at the end of the block the timer is taken back, and nothing has happened."""

    async def main() -> None:
        async with asyncio.timeout(1) as limit:
            await asyncio.sleep(0.4)
        await asyncio.sleep(10)  # the moment passes
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
        assert not limit.expired()

    assert seconds(main()) == about(10.4)


def test_who_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop runs its callback, which calls `cancel()` on the task that entered the block: the triangle."""
    calls: list[tuple[str, float]] = []

    class Watched(asyncio.Task):  # type: ignore[type-arg]
        def cancel(self, msg: Any = None) -> bool:
            running = asyncio.current_task()
            calls.append(("a callback" if running is None else "a task", now()))
            assert self.get_name() == "the one that entered"
            return super().cancel(msg)

    async def other() -> None:
        await asyncio.sleep(3)

    async def enter() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await hang()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_task_factory(lambda loop, coro, **kw: Watched(coro, loop=loop, **kw))
        async with asyncio.TaskGroup() as group:
            group.create_task(other())
            group.create_task(enter(), name="the one that entered")

    virtual_clock.run(main())
    assert calls == [("a callback", about(1))]


def test_up_to_the_edge(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`CancelledError` is raised at the `await` where the task waits and travels up, through every `except` and `finally` on its way."""
    way: list[str] = []

    async def inside() -> None:
        try:
            await hang()
        except asyncio.CancelledError:
            way.append("except")
            raise

    async def around() -> None:
        async with asyncio.timeout(1):
            try:
                await inside()
            finally:
                way.append("finally")

    async def main() -> None:
        with pytest.raises(TimeoutError) as caught:
            await around()
        assert isinstance(caught.value.__cause__, asyncio.CancelledError)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0  # the task lives

    virtual_clock.run(main())
    assert way == ["except", "finally"]
    virtual_clock.run(load("time_and_timeouts/a_timeout_is_a_cancellation").main())
    assert capsys.readouterr().out.endswith("main: goes on\n")


def test_clean_up_takes_its_time() -> None:
    """Clean-up that waits delays all this: the `TimeoutError` comes when the last `finally` is done, however long after the limit."""

    async def ask() -> None:
        try:
            try:
                await hang()
            finally:
                await asyncio.sleep(5)
        finally:
            await asyncio.sleep(7)

    async def in_a_block() -> None:
        async with asyncio.timeout(1):
            await ask()

    async def main() -> None:
        for limited in (in_a_block(), asyncio.wait_for(ask(), 1)):
            start = now()
            with pytest.raises(TimeoutError):
                await limited
            assert now() - start == about(13)

    virtual_clock.run(main())


def test_setting_the_computers_clock() -> None:
    """When somebody sets the computer's clock an hour forward or back, no sleep and no timeout notices."""

    async def main() -> None:
        for hours in (1, -1):
            day, start = time.time(), now()
            waits = asyncio.gather(timed(asyncio.sleep(5)), timed(limited()))
            await asyncio.sleep(1)
            clock.epoch += hours * 3600
            assert await waits == [about(5), about(3)]
            assert now() - start == about(5)
            assert time.time() - day == about(hours * 3600 + 5)

    async def limited() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3):
                await hang()

    with virtual_clock.VirtualClock() as clock:
        asyncio.run(main())


def test_a_reply_in_time_is_no_help() -> None:
    """If a step keeps the thread past that moment, even a reply that came meanwhile, and in time, is no help: the timeout cancels its reader before the reader has its turn."""
    heard: list[str] = []

    async def main(blocked_for: float) -> bool:
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[str] = loop.create_future()
        loop.call_later(0.5, reply.set_result, "here you are")
        loop.call_later(0.4, time.sleep, blocked_for)
        try:
            async with asyncio.timeout(1):
                heard.append(await reply)
        except TimeoutError:
            assert reply.result() == "here you are"
            return False
        return True

    assert virtual_clock.run(main(blocked_for=0.3))
    assert heard.pop() == "here you are"
    assert not virtual_clock.run(main(blocked_for=3))
    assert heard == []


def test_a_sum_of_limits() -> None:
    """With the same number, ten steps may take ten times as long under `wait_for`."""

    async def each() -> None:
        for _ in range(10):
            await asyncio.wait_for(asyncio.sleep(0.99), 1)

    async def all_of_them() -> None:
        async with asyncio.timeout(1):
            for _ in range(10):
                await asyncio.sleep(0.99)

    async def main() -> None:
        start = now()
        with pytest.raises(TimeoutError):
            await all_of_them()
        assert now() - start == about(1)

    assert seconds(each()) == about(9.9)
    virtual_clock.run(main())


def test_a_task_is_cancelled_too() -> None:
    """If that is a task, the task is cancelled with them, also one that others await; `asyncio.shield` around it keeps it alive."""

    async def by_wait_for(wait: Awaitable[str]) -> None:
        await asyncio.wait_for(wait, 1)

    async def by_timeout(wait: Awaitable[str]) -> None:
        async with asyncio.timeout(1):
            await wait

    async def main(limited: Callable[[Awaitable[str]], Awaitable[None]]) -> None:
        for shielded in (False, True):
            start = now()
            task = asyncio.create_task(asyncio.sleep(2, "here you are"))
            other = asyncio.ensure_future(asyncio.wait([task]))
            with pytest.raises(TimeoutError):
                await limited(asyncio.shield(task) if shielded else task)
            assert now() - start == about(1)
            await other
            assert task.cancelled() is not shielded

    for limited in (by_wait_for, by_timeout):
        virtual_clock.run(main(limited))


def test_whose_task_it_is() -> None:
    """`wait_for` ran a coroutine in a task of its own before Python 3.12, and has run it in yours since."""

    async def mine(task: asyncio.Task[Any] | None) -> bool:
        return asyncio.current_task() is task

    async def main() -> None:
        task = asyncio.current_task()
        is_mine = await asyncio.wait_for(mine(task), 1)
        assert is_mine == (sys.version_info >= (3, 12))
        async with asyncio.timeout(1):
            assert await mine(task)

    virtual_clock.run(main())


def test_only_where_it_gives_way() -> None:
    """It cancels a task, and a task can be cancelled only at an `await` that gives way."""
    steps: list[str] = []

    async def answer() -> str:
        return "here you are"

    async def main() -> None:
        async with asyncio.timeout(1):
            for _ in range(3):
                time.sleep(1)
                steps.append(await answer())
            await asyncio.sleep(0.01)
            steps.append("went on")

    with pytest.raises(TimeoutError):
        virtual_clock.run(main())
    assert steps == ["here you are"] * 3


def test_the_first_to_pass_fires() -> None:
    """The limit whose moment comes first fires, and the `TimeoutError` comes out at the edge of that block. When the outer one fires, the inner block meets a `CancelledError` like any other, and its `except TimeoutError` stays silent."""
    met: list[type[BaseException]] = []

    async def nest(outer: float, inner: float) -> str:
        try:
            async with asyncio.timeout(outer):
                try:
                    async with asyncio.timeout(inner) as limit:
                        await hang()
                except TimeoutError:
                    return f"inner after {round(now())}"
                except BaseException as error:
                    met.append(type(error))
                    assert not limit.expired()
                    raise
        except TimeoutError:
            return f"outer after {round(now())}"
        return "none"

    assert virtual_clock.run(nest(outer=5, inner=2)) == "inner after 2"
    assert met == []
    assert virtual_clock.run(nest(outer=2, inner=5)) == "outer after 2"
    assert met == [asyncio.CancelledError]


@pytest.mark.parametrize("outer", [1, 2, 3, 10])
def test_both_have_passed(outer: float) -> None:
    """There is an exception, once more a blocked thread: if both moments have passed before the loop can look, both limits fire, and the error comes out at the outer edge."""

    async def main() -> str:
        try:
            async with asyncio.timeout(outer) as wide:
                try:
                    async with asyncio.timeout(2) as narrow:
                        time.sleep(5)
                        await hang()
                except TimeoutError:
                    assert not wide.expired()
                    return "inner"
        except TimeoutError:
            assert narrow.expired()
            assert wide.expired()
            return "outer"
        return "none"

    assert virtual_clock.run(main()) == ("inner" if outer == 10 else "outer")


def test_whose_error_it_is() -> None:
    """`limit.expired()` tells you whether it was this limit."""

    async def main(wait: Callable[[], Awaitable[None]]) -> bool:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1) as limit:
                await wait()
        return limit.expired()

    async def connect() -> None:
        raise TimeoutError(110, "Connection timed out")

    assert virtual_clock.run(main(hang))
    assert not virtual_clock.run(main(connect))


def test_nobody_is_cancelled_twice(load: Load) -> None:
    """Whoever swallows that is not cancelled by it again, and at the edge there is nothing to turn into a `TimeoutError`, although the limit has expired."""

    async def main() -> None:
        async with asyncio.timeout(1) as limit:
            try:
                await hang()
            except asyncio.CancelledError:
                assert now() == about(1)
            await asyncio.sleep(3600)
        assert limit.expired()

    assert seconds(main()) == about(3601)
    broken = load("time_and_timeouts/swallowed_timeout_broken")
    fixed = load("time_and_timeouts/swallowed_timeout_fixed")
    assert seconds(broken.main()) == about(1)
    assert seconds(fixed.main()) == about(0.4)


def test_what_swallows() -> None:
    """A bare `except:` does the same; `except Exception` does not, for `CancelledError` is not an `Exception`."""
    caught: list[type[BaseException]] = []

    async def bare() -> None:
        async with asyncio.timeout(1):
            try:
                await hang()
            except:  # noqa: E722
                caught.append(asyncio.CancelledError)

    async def exception() -> None:
        async with asyncio.timeout(1):
            try:
                await hang()
            except Exception as error:
                caught.append(type(error))

    assert seconds(bare()) == about(1)
    assert caught.pop() is asyncio.CancelledError
    with pytest.raises(TimeoutError):
        virtual_clock.run(exception())
    assert caught == []
    assert not issubclass(asyncio.CancelledError, Exception)


def test_moving() -> None:
    """It takes a moment on the loop's clock, not a number of seconds; `None` means no limit."""

    async def main() -> None:
        await asyncio.sleep(100)
        async with asyncio.timeout(1) as limit:
            limit.reschedule(now() + 5)
            await asyncio.sleep(4)
            limit.reschedule(None)
            await asyncio.sleep(3600)
            limit.reschedule(5)  # long ago, on the loop's clock
            start = now()
            try:
                await hang()
            finally:
                assert now() == about(start)

    with pytest.raises(TimeoutError):
        virtual_clock.run(main())


def test_the_moment_of_a_limit() -> None:
    """`when()` tells you the moment, and `asyncio.timeout_at` takes one from the start. Once a limit has fired, `reschedule` raises `RuntimeError`."""

    async def until(moment: float) -> None:
        async with asyncio.timeout_at(moment) as limit:
            assert limit.when() == moment
            try:
                await hang()
            finally:
                with pytest.raises(RuntimeError):
                    limit.reschedule(moment + 5)

    async def main() -> None:
        async with asyncio.timeout(5) as limit:
            assert limit.when() == about(now() + 5)
        async with asyncio.timeout(None) as limit:
            assert limit.when() is None
        moment = now() + 7
        await asyncio.sleep(4)
        with pytest.raises(TimeoutError):
            await until(moment)
        assert now() == about(moment)

    virtual_clock.run(main())


def test_silence(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The third piece of news came after the first deadline had passed, and was read: `reschedule` had moved the deadline."""
    program = load("time_and_timeouts/a_limit_on_silence")
    assert seconds(program.main()) == about(3 * 0.35 + 0.95)
    assert "reader: snow" in capsys.readouterr().out
    assert program.PATIENCE < 3 * 0.35


def test_a_block_without_a_wait(load: Load) -> None:
    """Had there been none, the block would have ended late and without any error."""
    program = load("time_and_timeouts/a_timeout_ends_a_wait_and_nothing_else")

    async def main() -> None:
        async with asyncio.timeout(program.LIMIT) as limit:
            program.work()
        assert now() > (limit.when() or 0)
        assert not limit.expired()

    assert seconds(main()) == about(0.9)


def test_the_thread_goes_on() -> None:
    """The timeout ended `main`'s wait for the thread, not the thread, which finished its work for nobody. Even `asyncio.run` waited for it."""
    go, done = threading.Event(), threading.Event()

    def work() -> None:
        go.wait(60)
        done.set()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.to_thread(work)
        assert not done.is_set()
        go.set()

    asyncio.run(main())
    assert done.is_set()
    lines = run(HERE / "a_timeout_ends_a_wait_and_nothing_else.py").stdout.split("\n")
    at_the_end = lines[lines.index("main: returns") :]
    assert at_the_end == ["main: returns", "  work: done", "run: returns", ""]


def test_no_try_after_the_deadline(load: Load) -> None:
    """The deadline passes through it as `CancelledError`, so no try comes after it."""
    program = load("time_and_timeouts/a_limit_for_each_try_and_a_deadline_for_all")
    tries: list[float] = []

    async def ask(_: int) -> str:
        tries.append(now())
        if len(tries) < 10:  # more than fit in
            await hang()
        return "never"

    async def main(budget: float) -> None:
        end = now() + budget
        with pytest.raises(TimeoutError):
            await program.retry(end)
        assert now() == about(end)
        await asyncio.sleep(60)
        assert tries
        assert max(tries) < end

    vars(program)["ask"] = ask
    for tenths in range(1, 40):  # in the middle of a try, and of a pause
        virtual_clock.run(main(tenths / 10))
        tries.clear()


def test_spreading_out(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """The random factor spreads out clients that failed at the same moment, so that they do not return at the same moment."""
    program = load("time_and_timeouts/a_limit_for_each_try_and_a_deadline_for_all")
    returns: list[float] = []

    async def ask(attempt: int) -> str:
        if attempt == 1:
            raise ConnectionError
        returns.append(round(now(), 4))
        return "here you are"

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(10):
                group.create_task(program.retry(now() + 60))

    vars(program)["ask"] = ask
    random.seed(1)
    virtual_clock.run(main())
    assert len(set(returns)) == 10
    assert max(returns) < 0.21
    returns.clear()
    monkeypatch.setattr(random, "random", lambda: 1.0)
    virtual_clock.run(main())
    assert len(set(returns)) == 1


def test_it_may_have_happened() -> None:
    """A try that was given up may have reached the server all the same."""
    orders: list[str] = []

    async def serve(
        requests: asyncio.Queue[tuple[str, asyncio.Future[str]]],
    ) -> None:
        order, reply = await requests.get()
        await asyncio.sleep(2)
        orders.append(order)
        if not reply.done():
            reply.set_result("thank you")

    async def main() -> None:
        requests: asyncio.Queue[tuple[str, asyncio.Future[str]]] = asyncio.Queue()
        async with asyncio.TaskGroup() as group:
            group.create_task(serve(requests))
            reply = asyncio.get_running_loop().create_future()
            requests.put_nowait(("tea", reply))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reply, 1)
            assert orders == []
        assert orders == ["tea"]

    virtual_clock.run(main())


def test_drifting(load: Load) -> None:
    """A round that works and then sleeps for a period lasts longer than a period, and the delay adds up."""
    program = load("time_and_timeouts/a_pause_between_rounds_drifts")
    for rounds in (1, 5, 50):
        vars(program)["ROUNDS"] = rounds
        assert virtual_clock.run(program.sleep_for_a_period()) == about(rounds * 0.2)
        assert virtual_clock.run(program.sleep_until_due()) == about(0)


def test_catching_up(load: Load) -> None:
    """Where a round takes too long, nothing is left: `sleep` with a negative number gives way once and goes on, until the rounds have caught up."""
    program = load("time_and_timeouts/a_pause_between_rounds_drifts")
    starts: list[float] = []

    async def measure() -> None:
        starts.append(round(now(), 2))
        await asyncio.sleep(1.0 if len(starts) == 1 else 0.1)

    async def main() -> None:
        turns: list[str] = []
        asyncio.get_running_loop().call_soon(turns.append, "another")
        await asyncio.sleep(-1)
        assert turns == ["another"]
        assert now() == about(0)
        await program.sleep_until_due()

    vars(program)["measure"] = measure
    vars(program)["ROUNDS"] = 6
    virtual_clock.run(main())
    assert starts == [0, 1.0, 1.1, 1.2, 1.6, 2.0]


def test_without_rescheduling(capsys: pytest.CaptureFixture[str]) -> None:
    """The snow. The deadline is 0.95 seconds after the beginning, and the snow comes after 1.05."""
    program = changed(
        "a_limit_on_silence",
        ("            limit.reschedule(loop.time() + PATIENCE)\n", ""),
    )
    assert program["PATIENCE"] == 0.95
    given_up: list[float] = []
    publish, read = program["publish"], program["read"]

    async def watched(feed: asyncio.Queue[str]) -> None:
        try:
            await read(feed)
        finally:
            given_up.append(now())

    async def main() -> None:
        start = now()
        await program["main"]()
        assert given_up == [about(start + 0.95)]
        assert await timed(publish(asyncio.Queue())) == about(1.05)

    program["read"] = watched
    virtual_clock.run(main())
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["reader: rain", "reader: wind", "reader: silence, giving up"]


def test_a_blocked_nest(capsys: pytest.CaptureFixture[str]) -> None:
    """At the outer edge, both times. The inner block finds two requests to cancel, of which one is its own, and leaves the error to the other."""
    program = changed(
        "the_limit_that_passes_first_ends_its_own_block",
        ("import asyncio\n", "import asyncio\nimport time\n"),
        (
            "await asyncio.Event().wait()  # for ever\n",
            "time.sleep(1.5)\n"
            "                    try:\n"
            "                        await asyncio.Event().wait()\n"
            "                    except asyncio.CancelledError:\n"
            "                        task = asyncio.current_task()\n"
            "                        print('  requests:', task.cancelling())\n"
            "                        raise\n",
        ),
    )
    virtual_clock.run(program["main"]())
    lines = capsys.readouterr().out.splitlines()
    met = ["  requests: 2", "  TimeoutError at the outer edge"]
    assert lines == ["inner shorter:", *met, "outer shorter:", *met]


def test_a_deadline_that_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    """They pass unheard. The clause takes the deadline's `CancelledError` for a failed try, and a deadline cancels once, so the third try brings the answer, too late."""
    program = changed(
        "a_limit_for_each_try_and_a_deadline_for_all",
        ("except OSError as", "except BaseException as"),
    )

    async def late() -> None:
        end = now() + 0.3
        assert await program["retry"](end) == "here you are"
        assert now() > end

    virtual_clock.run(program["main"]())
    lines = capsys.readouterr().out.splitlines()
    assert lines[lines.index("0.3 seconds for all:") + 1 :] == [
        "  try 1: CancelledError, up to 0.2 s of pause",
        "  try 2: ConnectionError, up to 0.4 s of pause",
        "  here you are",
    ]
    virtual_clock.run(late())
