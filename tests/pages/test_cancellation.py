"""The claims of `concepts/cancellation.md`."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import warnings
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import editing
import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "cancellation"


def changed(program: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program of this page in which `old` reads `new`."""
    return vars(editing.changed(f"cancellation/{program}", (old, new)))


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def test_the_request_returns() -> None:
    """It puts the request to the task and returns, and `film` has not run a line since."""
    ran: list[str] = []

    async def film() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ran.append("film")

    async def main() -> None:
        task = asyncio.create_task(film())
        await asyncio.sleep(1)
        assert task.cancel() is True
        assert ran == []
        assert not task.done()
        assert task.cancelling() == 1
        await asyncio.wait([task])
        assert ran == ["film"]

    virtual_clock.run(main())


def test_where_it_arrives() -> None:
    """`CancelledError` is thrown into the task in its next turn, at the `await` where it is paused, as if `sleep` had failed."""
    turns: list[str] = []

    async def inner() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            turns.append("the task")
            raise
        turns.append("after the await")

    async def outer() -> None:
        try:
            await inner()
        except asyncio.CancelledError:
            turns.append("its caller")
            raise

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(outer())
        await asyncio.sleep(1)
        loop.call_soon(turns.append, "ready before the request")
        asked = loop.time()
        task.cancel()
        await asyncio.wait([task])
        assert loop.time() == pytest.approx(asked, abs=0.01)
        assert turns == ["ready before the request", "the task", "its caller"]

    virtual_clock.run(main())


def test_what_it_comes_to() -> None:
    """If it comes out there, the task has ended, and `cancelled()` is true."""

    async def lets_it_pass() -> None:
        await asyncio.sleep(3600)

    async def keeps_it() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            return

    async def main() -> None:
        ends = []
        for coroutine in (lets_it_pass(), keeps_it()):
            task = asyncio.create_task(coroutine)
            await asyncio.sleep(1)
            task.cancel()
            await asyncio.wait([task])
            ends.append(task.cancelled())
        assert ends == [True, False]

    virtual_clock.run(main())


def test_clean_up_takes_its_time(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cancelled task ends when it has cleaned up, so whoever cancels it has to wait for it, here with `asyncio.wait`."""
    program = load("cancellation/cancel_asks_and_the_await_raises")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(program.download("song"))
        await asyncio.sleep(1)
        asked = loop.time()
        task.cancel()
        await asyncio.sleep(0.05)
        assert not task.done()
        assert "song: connection closed" not in told(capsys)
        await asyncio.wait([task])
        assert loop.time() - asked == pytest.approx(0.1, abs=0.01)
        assert told(capsys) == ["song: connection closed"]

    virtual_clock.run(main())


def test_a_second_request() -> None:
    """The next `await` waits as usual, and a second `cancel()` interrupts the clean-up."""

    async def main(second: bool) -> list[str]:
        ends: list[str] = []

        async def work() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(10)
                ends.append("cleaned up")

        task = asyncio.create_task(work())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.sleep(5)
        assert not task.done()
        if second:
            task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        return ends

    assert virtual_clock.run(main(second=False)) == ["cleaned up"]
    assert virtual_clock.run(main(second=True)) == []


def test_the_request_wins() -> None:
    """If the result came a moment before the request, and the task has not had its turn yet, the request wins, and the task never gets the result."""
    got: list[str] = []

    async def read(letter: asyncio.Future[str]) -> None:
        got.append(await letter)

    async def main() -> None:
        letter: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(read(letter))
        await asyncio.sleep(0)
        letter.set_result("dear reader")
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert got == []
        assert await letter == "dear reader"  # whoever else waits does get it

    virtual_clock.run(main())


def test_a_group_and_a_timeout() -> None:
    """A task group cancels the other tasks when one fails, and a timeout cancels what it surrounds."""
    ends: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            ends.append(name)
            raise

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(work("in a group"))
            tasks.create_task(fail())

    async def main() -> None:
        with pytest.raises(ExceptionGroup):
            await group()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await work("in a timeout")

    virtual_clock.run(main())
    assert ends == ["in a group", "in a timeout"]


def test_a_step_holds_it_off(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The upright bars say that it was overdue: `bread` had the thread, and while one task has the thread, no other can run to call `cancel()`."""
    program = load("cancellation/a_step_cannot_be_interrupted")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await program.main()
        assert loop.time() - start == pytest.approx(0.6, abs=0.05)

    virtual_clock.run(main())
    lines = told(capsys)
    assert lines.index("main: cancel") > lines.index("bread: kneaded loaf 3")


def test_an_await_that_does_not_wait() -> None:
    """An `await` that does not wait lets a cancelled task go on, as if nobody had asked."""
    steps: list[str] = []

    async def answer() -> int:
        return 42

    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await answer()
        steps.append("after an await that does not wait")
        await asyncio.sleep(0)
        steps.append("after an await that waits")

    async def main() -> None:
        task = asyncio.create_task(work())
        await asyncio.wait([task])
        assert task.cancelled()

    virtual_clock.run(main())
    assert steps == ["after an await that does not wait"]


def swallows(work: Callable[[], Coroutine[Any, Any, object]]) -> bool:
    """Whether a task of `work`, cancelled after a moment, ends as if it was not."""

    async def main() -> bool:
        task = asyncio.create_task(work())
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.wait([task])
        return not task.cancelled()

    return virtual_clock.run(main())


def made_of(source: str) -> Callable[[], Coroutine[Any, Any, object]]:
    """The coroutine function `work` of a source that Python 3.14 warns of."""
    names: dict[str, Any] = {"asyncio": asyncio}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        exec(compile(source, "work", "exec"), names)
    return names["work"]


def test_a_loop_without_an_end() -> None:
    """In a loop without an end, such a task cannot be cancelled at all, however often you ask."""
    enough = False

    async def work() -> str:
        while not enough:
            try:
                await asyncio.sleep(1)
            except BaseException:
                continue
        return "enough"

    async def main() -> None:
        nonlocal enough
        task = asyncio.create_task(work())
        for times in range(1, 21):
            await asyncio.sleep(0.3)
            task.cancel()
            assert task.cancelling() == times
        done, _ = await asyncio.wait([task], timeout=3600)
        assert not done
        enough = True
        assert await task == "enough"

    virtual_clock.run(main())


def test_a_bare_except(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A bare `except:` does the same as `except BaseException`; `ruff` finds it, with its rule E722."""
    broken = (HERE / "swallowed_broken.py").read_text("utf-8")
    caught = "except BaseException as error:"
    named = "type(error).__name__)"
    assert caught in broken
    assert named in broken
    bare = broken.replace(caught, "except:").replace(named, '"something")')
    names: dict[str, Any] = {"__name__": "bare"}
    exec(compile(bare, "bare", "exec"), names)
    assert swallows(names["forecast"])
    assert "forecast: attempt 3" in told(capsys)

    found = []
    for name, source in (("bare", bare), ("named", broken)):
        path = tmp_path / f"{name}.py"
        path.write_text(source, "utf-8")
        ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"]
        done = subprocess.run(
            [*ruff, "--select", "E722", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        found.append((done.returncode, done.stdout.count("E722")))
    assert found == [(1, 1), (0, 0)]


def test_one_more_wait(load: Load) -> None:
    """in the timeline the triangle is followed by one more wait, of the full half second, and then by a tick."""
    program = load("cancellation/swallowed_broken")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(program.forecast())
        await asyncio.sleep(0.1)
        asked = loop.time()
        task.cancel()
        assert await task == "sunny"
        assert loop.time() - asked == pytest.approx(0.5, abs=0.01)

    virtual_clock.run(main())


def test_except_exception(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`CancelledError` is a `BaseException` and not an `Exception`, so `except Exception` catches errors and lets it pass."""
    assert issubclass(asyncio.CancelledError, BaseException)
    assert not issubclass(asyncio.CancelledError, Exception)
    fixed = load("cancellation/swallowed_fixed")
    assert not swallows(fixed.forecast)
    assert "forecast: failed with OSError" in told(capsys)
    assert swallows(load("cancellation/swallowed_broken").forecast)


@pytest.mark.parametrize("leave", ["return", "break", "continue"])
def test_return_in_finally(leave: str) -> None:
    """A `return` in `finally` swallows it as well, without a trace, and so do `break` and `continue`."""
    source = """
async def work():
    for _ in range(1):
        try:
            await asyncio.sleep(3600)
        finally:
            {}
"""
    assert not swallows(made_of(source.format("pass")))
    assert swallows(made_of(source.format(leave)))


def test_before_the_first_step(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """A task cancelled before its first step runs nothing of its body, not even `finally`."""
    program = load("cancellation/cancelled_before_its_first_step")

    async def main() -> None:
        seats = asyncio.Semaphore(0)
        dinner = asyncio.create_task(program.dine("Grace", seats))
        dinner.cancel()
        await asyncio.wait([dinner])
        assert dinner.cancelled()
        assert seats.locked()
        assert told(capsys) == []

    virtual_clock.run(main())


def test_a_third_guest(load: Load) -> None:
    """Grace's seat stays taken for good, and a third guest would wait for ever."""
    program = load("cancellation/cancelled_before_its_first_step")
    seats = asyncio.Semaphore(1)
    vars(program)["asyncio"] = stand_in = ModuleType("asyncio")
    vars(stand_in).update(vars(asyncio), Semaphore=lambda _: seats)

    async def main() -> None:
        await program.main()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await seats.acquire()

    virtual_clock.run(main())


def test_a_group_that_fails_at_once() -> None:
    """A task group whose block fails right after `create_task` cancels its tasks in this very way."""
    ran: list[str] = []
    made: list[asyncio.Task[None]] = []

    async def work() -> None:
        try:
            ran.append("try")
            await asyncio.sleep(1)
        finally:
            ran.append("finally")

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            made.append(tasks.create_task(work()))
            raise LookupError

    async def main() -> None:
        with pytest.raises(ExceptionGroup):
            await group()
        assert [task.cancelled() for task in made] == [True]

    virtual_clock.run(main())
    assert ran == []


def test_a_task_takes_by_itself() -> None:
    """So let a task take by itself what it has to give back: with `async with seats` in `dine`, and no `acquire` in `main`, no seat is lost."""

    async def dine(seats: asyncio.Semaphore) -> None:
        async with seats:
            await asyncio.sleep(3)

    async def main() -> None:
        seats = asyncio.Semaphore(1)
        for pauses in range(4):  # before the first step, and after
            dinner = asyncio.create_task(dine(seats))
            for _ in range(pauses):
                await asyncio.sleep(0)
            dinner.cancel()
            await asyncio.wait([dinner])
            assert dinner.cancelled()
            assert not seats.locked()

    virtual_clock.run(main())


@pytest.mark.parametrize("shielded", [False, True])
def test_down_the_chain(shielded: bool) -> None:
    """Cancelling a task that awaits another task cancels the other one, and reaches the first when that has ended."""

    async def pay() -> str:
        try:
            return await asyncio.sleep(10, "paid")
        except asyncio.CancelledError:
            await asyncio.sleep(5)
            raise

    async def order(payment: asyncio.Task[str]) -> None:
        await (asyncio.shield(payment) if shielded else payment)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        payment = asyncio.create_task(pay())
        waiter = asyncio.create_task(order(payment))
        await asyncio.sleep(1)
        asked = loop.time()
        waiter.cancel()
        await asyncio.wait([waiter])
        assert waiter.cancelled()
        took = loop.time() - asked
        assert took == pytest.approx(0 if shielded else 5, abs=0.01)
        assert payment.cancelled() is not shielded
        if shielded:
            assert await payment == "paid"

    virtual_clock.run(main())


def test_without_the_shield(capsys: pytest.CaptureFixture[str]) -> None:
    """Write `await payment` in the place of the shield, and the rent is cut off."""
    source = (HERE / "shield_works_from_one_side.py").read_text("utf-8")
    shield = "await asyncio.shield(payment)"
    assert shield in source
    names: dict[str, Any] = {"__name__": "bare"}
    exec(compile(source.replace(shield, "await payment"), "bare", "exec"), names)

    async def main() -> None:
        rent = asyncio.create_task(names["pay"]("rent"))
        order = asyncio.create_task(names["order"](rent))
        await asyncio.sleep(0.1)
        order.cancel()
        await asyncio.wait([rent, order])
        assert rent.cancelled()

    virtual_clock.run(main())
    assert told(capsys) == ["rent: cut off"]


def test_the_first_never_hears_of_it() -> None:
    """If the other swallows it, the first never hears of it."""

    async def swallow() -> str:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            return "all is well"
        return "paid"

    async def wait_for(task: asyncio.Task[str]) -> str:
        return await task

    async def main() -> None:
        other = asyncio.create_task(swallow())
        first = asyncio.create_task(wait_for(other))
        await asyncio.sleep(1)
        assert first.cancel() is True
        assert await first == "all is well"
        assert not first.cancelled()

    virtual_clock.run(main())


def test_the_other_side_of_a_shield(load: Load) -> None:
    """Nothing shields it from that, and `CancelledError` comes out of the order's `await`, although nobody had cancelled the order."""
    program = load("cancellation/shield_works_from_one_side")

    async def main() -> None:
        payment = asyncio.create_task(program.pay("rent"))
        order = asyncio.create_task(program.order(payment))
        await asyncio.sleep(0.1)
        payment.cancel()
        await asyncio.wait([order])
        assert payment.cancelled()
        assert order.cancelled()
        assert order.cancelling() == 0

    virtual_clock.run(main())


@pytest.mark.parametrize("waits", [False, True])
def test_the_end_of_main(
    waits: bool, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """At the end of `main`, `asyncio.run` cancels a shielded task like all others."""
    program = load("cancellation/shield_works_from_one_side")

    async def main() -> None:
        payment = asyncio.create_task(program.pay("rent"))
        order = asyncio.create_task(program.order(payment))
        await asyncio.sleep(0.01)
        order.cancel()
        await asyncio.wait([order])
        if waits:
            await payment

    asyncio.run(main())
    assert told(capsys) == ["rent: paid" if waits else "rent: cut off"]


@pytest.mark.parametrize("awaited", [False, True])
@pytest.mark.parametrize("shielded", [False, True])
def test_an_error_behind_a_shield(shielded: bool, awaited: bool) -> None:
    """If the work fails after that, the error stays in the task like any other, and is reported only if nobody awaits it. Python 3.14 tells the loop's exception handler at once, even if somebody does (a known fault)"""
    reports: list[tuple[str, float]] = []

    async def pay() -> None:
        await asyncio.sleep(1)
        raise LookupError("no money")

    async def order(payment: asyncio.Task[None]) -> None:
        await asyncio.shield(payment)

    async def main() -> None:
        loop, start = asyncio.get_running_loop(), asyncio.get_running_loop().time()
        loop.set_exception_handler(
            lambda _, context: reports.append(
                (context["message"], round(loop.time() - start))
            )
        )
        payment = asyncio.create_task(pay())
        if shielded:
            waiter = asyncio.create_task(order(payment))
            await asyncio.sleep(0.1)
            waiter.cancel()
            await asyncio.wait([waiter])
            del waiter  # its error has a hold of the payment
        if awaited:
            with pytest.raises(LookupError, match="no money"):
                await payment
        await asyncio.sleep(10)
        assert payment.done()
        del payment
        gc.collect()

    virtual_clock.run(main())
    if shielded and sys.version_info >= (3, 14):
        assert reports == [("LookupError exception in shielded future", 1)]
    elif awaited:
        assert reports == []
    else:
        ((message, moment),) = reports
        assert message == "Task exception was never retrieved"
        assert moment == 10  # when it is thrown away


def test_asyncio_wait() -> None:
    """`asyncio.wait` does not raise what its tasks raise, and does not cancel them when it is cancelled."""

    async def fail() -> None:
        raise LookupError

    async def main() -> None:
        failed = asyncio.create_task(fail())
        gone = asyncio.create_task(asyncio.sleep(3600))
        gone.cancel()
        await asyncio.wait([failed, gone])
        assert gone.cancelled()
        assert isinstance(failed.exception(), LookupError)

        task = asyncio.create_task(asyncio.sleep(10, "done"))
        waiter = asyncio.create_task(asyncio.wait([task]))
        await asyncio.sleep(1)
        waiter.cancel()
        await asyncio.wait([waiter])
        assert waiter.cancelled()
        assert await task == "done"

    virtual_clock.run(main())


@pytest.mark.parametrize("kind", ["broken", "fixed"])
def test_a_goodbye_cut_short(
    kind: str, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """The request went down the `await` and cut the server's goodbye short."""
    virtual_clock.run(load(f"cancellation/stop_a_task_{kind}").main())
    lines = told(capsys)
    assert "server: saying goodbye" in lines
    assert ("server: closed" in lines) is (kind == "fixed")
    assert ("shop: counting the money" in lines) is (kind == "broken")


def test_requests_are_counted() -> None:
    """Each task counts its requests: `cancelling()` is their number, and `uncancel()` takes one back."""
    counts: list[int] = []

    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        counts.append(task.cancelling())
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            counts.append(task.cancelling())
            counts.append(task.uncancel())
        await asyncio.sleep(1)
        counts.append(task.cancelling())

    async def main() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(1)
        task.cancel()
        task.cancel()
        await asyncio.wait([task])
        assert not task.cancelled()

    virtual_clock.run(main())
    assert counts == [0, 2, 1, 1]


def test_twice_in_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    """Twice in a row is as good as once: both requests came before the task's turn, and one `CancelledError` is raised."""
    name, once = "cancel_asks_and_the_await_raises", "    film.cancel()\n"
    virtual_clock.run(changed(name, once, once * 2)["main"]())
    assert told(capsys) == (HERE / f"{name}.out").read_text("utf-8").splitlines()


def test_twice_with_a_pause(capsys: pytest.CaptureFixture[str]) -> None:
    """With the pause, the second comes out of the `await` in `finally`, and the connection is never closed."""
    once, pause = "    film.cancel()\n", "    await asyncio.sleep(0.05)\n"
    program = changed("cancel_asks_and_the_await_raises", once, once + pause + once)
    virtual_clock.run(program["main"]())
    lines = told(capsys)
    assert "film: CancelledError came out of my await" in lines
    assert "film: connection closed" not in lines
    assert lines[-1] == "main: was it cancelled? True"


def test_one_loaf(capsys: pytest.CaptureFixture[str]) -> None:
    """One. Where `bread` waits, `main` has its turn, and its cancel reaches the pause."""
    program = changed(
        "a_step_cannot_be_interrupted",
        "knead(loaf)  # nothing in here waits: bread keeps the thread\n",
        "knead(loaf)\n        await asyncio.sleep(0.05)\n",
    )
    virtual_clock.run(program["main"]())
    assert told(capsys) == [
        "bread: kneaded loaf 1",
        "main: cancel",
        "main: was bread cancelled? True",
    ]


def test_gather_in_place_of_wait(capsys: pytest.CaptureFixture[str]) -> None:
    """The server's goodbye. `gather` hands the shop's cancel on to the task, and then raises `CancelledError` all the same, whatever it was told to return."""
    program = changed(
        "stop_a_task_fixed",
        "await asyncio.wait([task])  # a cancel",
        "await asyncio.gather(task, return_exceptions=True)  # a cancel",
    )
    virtual_clock.run(program["main"]())
    assert told(capsys) == [
        "server: saying goodbye",
        "main: cancel the shop",
        "main: was the shop cancelled? True",
    ]
