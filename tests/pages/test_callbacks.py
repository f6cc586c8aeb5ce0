"""The claims of `how-to/callbacks.md`."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable, Generator
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "callbacks"


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program in which `old` reads `new`."""
    source = (HERE / f"{program}.py").read_text("utf-8")
    assert source.count(old) == 1
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(source.replace(old, new), program, "exec"), names)
    return names


def test_a_handle_at_once() -> None:
    """`call_soon` and `call_later` put a function into the queue of the loop and return a handle at once."""
    called: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        soon = loop.call_soon(called.append, "soon")
        later = loop.call_later(1, called.append, "later")
        assert isinstance(soon, asyncio.Handle)
        assert isinstance(later, asyncio.TimerHandle)
        assert called == []
        await asyncio.sleep(2)
        assert called == ["soon", "later"]

    virtual_clock.run(main())


def test_until_it_does() -> None:
    """Until it does, `cancel` takes it back; afterwards, `cancel` does nothing."""
    called: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        handles = [loop.call_soon(called.append, name) for name in "ab"]
        handles += [loop.call_later(1, called.append, name) for name in "cd"]
        handles[1].cancel()
        handles[3].cancel()
        await asyncio.sleep(2)
        assert called == ["a", "c"]
        for handle in handles:
            handle.cancel()
        assert called == ["a", "c"]

    virtual_clock.run(main())


def test_when() -> None:
    """`when` gives the moment at which a timed call is due, on the clock of `loop.time()`."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        handle = loop.call_later(5, print)
        assert handle.when() == pytest.approx(now + 5, abs=0.01)
        handle.cancel()

    virtual_clock.run(main())


def test_thrown_away() -> None:
    """It cannot `await`, and nobody waits for it: what it returns is thrown away."""
    seen: list[object] = []

    async def main() -> None:
        handle = asyncio.get_running_loop().call_soon(lambda: seen.append(1) or "x")
        await asyncio.sleep(0)
        assert seen == [1]
        assert not hasattr(handle, "result")

    virtual_clock.run(main())


def test_the_handler_hears(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`call_soon` had returned when `ring` ran, and the loop had called it, in no `try` of yours."""
    asyncio.run(load("callbacks/nobody_can_catch_it").main())
    lines = told(capsys)
    assert "handler: LookupError('no bell')" in lines
    assert lines[-1] == "main: no error came here"


def test_it_goes_on() -> None:
    """The loop hands the error to its exception handler and goes on."""
    heard: list[BaseException] = []
    called: list[str] = []

    def fail() -> None:
        raise LookupError

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, told: heard.append(told["exception"]))
        loop.call_soon(fail)
        loop.call_soon(called.append, "next")
        await asyncio.sleep(0)

    asyncio.run(main())
    assert [type(error) for error in heard] == [LookupError]
    assert called == ["next"]


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_they_end_the_loop(kind: type[BaseException]) -> None:
    """`SystemExit` and `KeyboardInterrupt` are different: they end the loop."""
    heard: list[object] = []

    def fail() -> None:
        raise kind

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, told: heard.append(told))
        loop.call_soon(fail)
        await asyncio.sleep(0.01)
        heard.append("it went on")

    with pytest.raises(kind):
        asyncio.run(main())
    assert heard == []


def test_unless_you_set_one(caplog: pytest.LogCaptureFixture) -> None:
    """Unless you set one, it logs the error with the name of the callback."""

    def ring_the_bell() -> None:
        raise LookupError("no bell")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert loop.get_exception_handler() is None
        loop.call_soon(ring_the_bell)
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR, logger="asyncio"):
        asyncio.run(main())
    assert "ring_the_bell" in caplog.text
    assert "no bell" in caplog.text


@pytest.mark.parametrize("kind", ["task", "future"])
def test_in_the_order_added(kind: str) -> None:
    """The callbacks come in the order in which they were added, each with the task as its argument, and in the loop's next round: not within `set_exception`, which only puts them into the queue."""
    called: list[tuple[str, object]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        done: asyncio.Future[Any] = future
        if kind == "task":
            done = asyncio.create_task(asyncio.sleep(1))
        for name in ("first", "second"):
            done.add_done_callback(lambda it, name=name: called.append((name, it)))
        if kind == "future":
            future.set_exception(LookupError())
            assert called == []
            await asyncio.sleep(0)
            assert future.exception()
        else:
            await done
        assert called == [("first", done), ("second", done)]

    virtual_clock.run(main())


def test_no_longer_taken_off() -> None:
    """From then on they can no longer be taken off; `remove_done_callback` says how many it has found."""
    called: list[object] = []

    async def main() -> None:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        for _ in range(2):
            future.add_done_callback(called.append)
        assert future.remove_done_callback(called.append) == 2
        future.add_done_callback(called.append)
        future.set_result("done")
        assert future.remove_done_callback(called.append) == 0
        await asyncio.sleep(0)
        assert called == [future]

    virtual_clock.run(main())


def test_main_is_told_last(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`main`, which awaits the cake, was added last and is told last."""
    virtual_clock.run(load("callbacks/told_when_it_is_done").main())
    lines = told(capsys)
    assert lines[1:4] == ["log: cake", "bell: ding", "main: cake"]


def test_ask_first() -> None:
    """Ask `exception()` before `result()`, which raises it. For a cancelled task both raise `CancelledError`, so ask `cancelled()` before them."""

    async def fail() -> None:
        raise LookupError

    async def main() -> None:
        failed = asyncio.create_task(fail())
        gone = asyncio.create_task(asyncio.sleep(1))
        gone.cancel()
        await asyncio.wait([failed, gone])
        assert isinstance(failed.exception(), LookupError)
        with pytest.raises(LookupError):
            failed.result()
        assert gone.cancelled()
        for ask in (gone.exception, gone.result):
            with pytest.raises(asyncio.CancelledError):
                ask()

    virtual_clock.run(main())


@pytest.mark.parametrize("outside", [False, True])
def test_nobody_else_has_asked(outside: bool, load: Load) -> None:
    """If the count is then what it was before the block, nobody else has asked, and the block keeps the `CancelledError` to itself. If somebody else has asked too, it passes."""
    until = load("callbacks/a_block_that_a_bell_ends").Until
    steps: list[str] = []

    async def work(bell: asyncio.Future[None]) -> None:
        async with until(bell):
            await asyncio.sleep(3600)
        steps.append("after the block")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        bell: asyncio.Future[None] = loop.create_future()
        task = asyncio.create_task(work(bell))
        await asyncio.sleep(1)
        bell.set_result(None)
        if outside:
            loop.call_soon(task.cancel)
        await asyncio.wait([task])
        assert task.cancelled() is outside
        assert task.cancelling() == outside
        assert steps == ([] if outside else ["after the block"])

    virtual_clock.run(main())


def test_what_comes_after(load: Load) -> None:
    """The second bell rings in the last line of its block, when its callback can no longer be taken off; `inside` keeps the callback from cancelling what comes after."""
    until = load("callbacks/a_block_that_a_bell_ends").Until
    taken_off: list[int] = []

    async def work(bell: asyncio.Future[None]) -> str:
        async with until(bell) as block:
            bell.set_result(None)
            taken_off.append(bell.remove_done_callback(block.ring))
        await asyncio.sleep(1)
        return "after the block"

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert await asyncio.create_task(work(loop.create_future())) == (
            "after the block"
        )
        assert taken_off == [0]

    virtual_clock.run(main())


def test_ensure_future() -> None:
    """`ensure_future` makes a task of a coroutine or another awaitable, and gives back a task or a future as it is."""

    class Tea:
        def __await__(self) -> Generator[Any, None, str]:
            return asyncio.sleep(0, "chai").__await__()

    async def main() -> None:
        other = asyncio.ensure_future(Tea())
        assert isinstance(other, asyncio.Task)
        assert await other == "chai"
        task = asyncio.ensure_future(asyncio.sleep(0, "tea"))
        assert isinstance(task, asyncio.Task)
        assert asyncio.ensure_future(task) is task
        future = asyncio.get_running_loop().create_future()
        assert asyncio.ensure_future(future) is future
        assert await task == "tea"

    virtual_clock.run(main())


def test_which_is_it() -> None:
    """`isfuture` is true for both of these, `iscoroutine` for what a call of an `async def` function returns, awaited or not. (On Python 3.11 it is true for a plain generator, too.)"""
    generator = (number for number in range(3))
    assert asyncio.iscoroutine(generator) is (sys.version_info < (3, 12))

    async def main() -> None:
        coroutine = asyncio.sleep(0)
        assert asyncio.iscoroutine(coroutine)
        assert not asyncio.isfuture(coroutine)
        task = asyncio.create_task(coroutine)
        future = asyncio.get_running_loop().create_future()
        for each in (task, future):
            assert asyncio.isfuture(each)
            assert not asyncio.iscoroutine(each)
        assert not asyncio.iscoroutine(asyncio.sleep)
        await task
        assert asyncio.iscoroutine(coroutine)

    virtual_clock.run(main())


def test_it_stands_still(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The baker bakes while a `run` lasts, and stands still between two of them: a loop that does not run calls nobody."""
    cakes: list[str] = []
    program = load("callbacks/a_loop_that_stays")
    with asyncio.Runner() as runner:
        baker = runner.get_loop().create_task(program.bake(cakes))
        runner.run(program.wait(0.3))
        assert cakes == ["plum"]
        runner.run(asyncio.sleep(0))
        assert len(cakes) == 1
        assert not baker.done()
        called: list[str] = []
        loop = runner.get_loop()
        due = loop.call_later(0, called.append, "due")
        while loop.time() <= due.when():
            pass
        assert called == []
        runner.run(asyncio.sleep(0.01))
        assert called == ["due"]
    assert baker.cancelled()


def test_get_loop() -> None:
    """`get_loop` makes the loop if it is not there yet."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        assert not loop.is_closed()
        assert not loop.is_running()
        assert runner.get_loop() is loop

        async def mine() -> asyncio.AbstractEventLoop:
            return asyncio.get_running_loop()

        assert runner.run(mine()) is loop


@pytest.mark.parametrize("how", ["close", "with"])
def test_close(how: str) -> None:
    """`close` cancels the tasks that are left, lets them clean up, and closes the loop; a `with` block around the `Runner` does the same."""
    steps: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0)
            steps.append("cleaned up")

    runner = asyncio.Runner()
    loop = runner.get_loop()
    task = loop.create_task(work())
    if how == "close":
        runner.run(asyncio.sleep(0))
        runner.close()
    else:
        with runner:
            runner.run(asyncio.sleep(0))
    assert task.cancelled()
    assert steps == ["cleaned up"]
    assert loop.is_closed()


def test_true_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing: the call has happened. `tea.cancelled()` would be true all the same."""
    wait = "    await asyncio.sleep(0.3)  # main pauses; the loop calls\n"
    late = changed(
        "a_call_can_be_taken_back",
        wait,
        f"{wait}    tea.cancel()\n    print(tea.cancelled())\n",
    )
    virtual_clock.run(late["main"]())
    assert told(capsys)[-2:] == ["timer: the tea is ready", "True"]


def test_each_is_a_call_of_its_own(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """It is. Each callback is a call of its own, and the error goes to the loop's exception handler."""
    fails = changed(
        "told_when_it_is_done",
        '    print("log:", done.result() if error is None else error)',
        '    raise OSError("the disk is full") from error',
    )
    with caplog.at_level(logging.ERROR, logger="asyncio"):
        virtual_clock.run(fails["main"]())
    assert told(capsys).count("bell: ding") == 2
    assert "the disk is full" in caplog.text
