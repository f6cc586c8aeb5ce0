"""The claims of `concepts/tasks-and-futures.md`."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from editing import changed
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "tasks_and_futures"


async def timed(wait: Awaitable[Any]) -> float:
    """How long a wait takes on the clock of the loop."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    await wait
    return loop.time() - start


def seconds(wait: Callable[[], Coroutine[Any, Any, Any]]) -> float:
    """How long a coroutine takes on the virtual clock."""
    return virtual_clock.run(timed(wait()))


def reports(loop: asyncio.AbstractEventLoop) -> list[str]:
    """A list to which asyncio adds what it would otherwise log."""
    told: list[str] = []
    loop.set_exception_handler(lambda _, context: told.append(context["message"]))
    return told


def test_two_tasks(load: Load) -> None:
    """All of this ran in one thread, one task at a time; what overlapped is the waiting."""
    program = load("tasks_and_futures/two_tasks_wait_at_the_same_time")
    lines: list[str] = []
    threads: set[int] = set()

    def note(*words: str) -> None:
        lines.append(" ".join(words))
        threads.add(threading.get_ident())

    vars(program)["print"] = note
    assert seconds(program.main) == pytest.approx(1, abs=0.01)
    assert lines[:2] == ["tea: water on", "coffee: water on"]
    assert threads == {threading.get_ident()}


def test_one_fails() -> None:
    """If one fails, the others are cancelled: structured concurrency tells how."""
    tasks: list[asyncio.Task[None]] = []

    async def spill() -> None:
        raise LookupError("no cup")

    async def main() -> None:
        async with asyncio.TaskGroup() as kitchen:
            tasks.append(kitchen.create_task(asyncio.sleep(3600)))
            kitchen.create_task(spill())

    with pytest.raises(ExceptionGroup):
        virtual_clock.run(main())
    assert tasks[0].cancelled()


def test_creating() -> None:
    """Creating a task runs nothing of its coroutine."""
    ran: list[str] = []

    async def child(name: str) -> None:
        ran.append(name)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(child("in a group"))
            alone = asyncio.create_task(child("alone"))
            assert ran == []
        await alone

    virtual_clock.run(main())
    assert ran == ["in a group", "alone"]


def test_starting() -> None:
    """The task starts when the code that made it pauses, here at `await asyncio.sleep(0)`, and tasks start in the order in which they were made."""
    ran: list[int] = []

    async def child(number: int) -> None:
        ran.append(number)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(child(number))
            ran.append(-1)
            await asyncio.sleep(0)
            assert ran == [-1, 0, 1, 2, 3, 4]

    virtual_clock.run(main())


def test_a_long_computation() -> None:
    """Until that pause `main` has the thread to itself: a long computation after `create_task` delays the task by as much."""

    async def child() -> float:
        return asyncio.get_running_loop().time()

    async def main() -> None:
        made = asyncio.get_running_loop().time()
        task = asyncio.create_task(child())
        time.sleep(3)
        assert await task - made == pytest.approx(3, abs=0.01)

    virtual_clock.run(main())


def test_a_task_made_and_awaited(load: Load) -> None:
    """It takes as long as without tasks."""
    program = load("tasks_and_futures/make_every_task_before_you_wait")

    async def without_tasks() -> None:
        for drink in program.DRINKS:
            await program.brew(drink)

    assert seconds(without_tasks) == pytest.approx(2, abs=0.01)
    assert seconds(program.one_by_one) == pytest.approx(2, abs=0.01)
    assert seconds(program.side_by_side) == pytest.approx(1, abs=0.01)


def test_awaiting_in_any_order() -> None:
    """Once all tasks exist, you may await them one after another and in any order: while you wait for one, the others go on."""

    async def main(order: list[int]) -> None:
        tasks = {n: asyncio.create_task(asyncio.sleep(n, n)) for n in (1, 2, 3)}
        assert [await tasks[n] for n in order] == order

    for order in ([1, 2, 3], [3, 2, 1], [2, 3, 1]):
        took = virtual_clock.run(timed(main(order)))
        assert took == pytest.approx(3, abs=0.01)


def test_await_and_a_done_future() -> None:
    """`await` pauses for a pending future, and not for one that is done."""
    turns: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str] = loop.create_future()
        loop.call_soon(turns.append, "the loop")
        loop.call_soon(future.set_result, "hot")
        assert await future == "hot"
        assert turns == ["the loop"]
        loop.call_soon(turns.append, "the loop again")
        assert await future == "hot"
        assert turns == ["the loop"]

    virtual_clock.run(main())


def test_three_ends() -> None:
    """It gives you the result, or raises the exception, or `CancelledError`."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        good, bad, gone = (loop.create_future() for _ in range(3))
        good.set_result("hot")
        bad.set_exception(LookupError("milk"))
        gone.cancel()
        assert await good == "hot"
        with pytest.raises(LookupError, match="milk"):
            await bad
        with pytest.raises(asyncio.CancelledError):
            await gone

    virtual_clock.run(main())


def test_a_future_is_done_once() -> None:
    """To set a second result, or to call `result()` before there is one, raises `InvalidStateError`."""

    async def main() -> None:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        with pytest.raises(asyncio.InvalidStateError):
            future.result()
        future.set_result("hot")
        with pytest.raises(asyncio.InvalidStateError):
            future.set_result("cold")
        assert future.result() == "hot"

    virtual_clock.run(main())


def test_a_task_is_a_future() -> None:
    """The difference is who brings the result: a task's own coroutine, when it returns or raises; a bare future waits until some other code calls `set_result`, `set_exception` or `cancel`."""

    async def main() -> None:
        task = asyncio.create_task(asyncio.sleep(0, "from the coroutine"))
        assert isinstance(task, asyncio.Future)
        with pytest.raises(RuntimeError, match="does not support set_result"):
            task.set_result("from outside")
        assert await task == "from the coroutine"
        ends: tuple[Callable[[asyncio.Future[str]], object], ...] = (
            lambda future: future.set_result("from outside"),
            lambda future: future.set_exception(LookupError("no tea")),
            lambda future: future.cancel(),
        )
        for end in ends:
            bare: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            await asyncio.sleep(3600)
            assert not bare.done()
            end(bare)
            assert bare.done()
            assert bare.cancelled() or bare.exception() or await bare

    virtual_clock.run(main())


def test_set_result_wakes_nobody_at_once() -> None:
    """`set_result` does not run whoever waits; it puts them in the loop's queue."""
    turns: list[str] = []

    async def waiter(future: asyncio.Future[None]) -> None:
        await future
        turns.append("waiter")

    async def main() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        async with asyncio.TaskGroup() as group:
            group.create_task(waiter(future))
            await asyncio.sleep(0)
            future.set_result(None)
            turns.append("main")

    virtual_clock.run(main())
    assert turns == ["main", "waiter"]


def test_a_ring_after_the_end(load: Load) -> None:
    """Without that question, a second ring raises `InvalidStateError`, and so does a ring that comes when the waiter was cancelled a moment ago."""
    program = load("tasks_and_futures/a_callback_becomes_awaitable")

    async def main() -> None:
        # what happens without the question
        for end in (lambda f: f.set_result("the postman"), lambda f: f.cancel()):
            future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            end(future)
            with pytest.raises(asyncio.InvalidStateError):
                future.set_result("a neighbour")
        # what happens in the program, which asks
        bell = program.Doorbell()
        for end in (lambda _: bell.ring("the postman"), lambda t: t.cancel()):
            task = asyncio.create_task(program.next_ring(bell))
            await asyncio.sleep(0)
            end(task)
            assert len(bell.listeners) == 1
            bell.ring("a neighbour")
            await asyncio.wait([task])
            assert task.cancelled() or task.result() == "the postman"
            assert bell.listeners == []

    virtual_clock.run(main())


def test_many_waiters(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The task keeps its result, or its exception, for everybody who awaits it, during the run or after."""
    program = load("tasks_and_futures/a_task_can_be_awaited_twice")
    virtual_clock.run(program.main())
    assert capsys.readouterr().out.count("water on") == 1

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError("no tea")

    async def wait_for(task: asyncio.Task[None]) -> str:
        with pytest.raises(LookupError, match="no tea"):
            await task
        return "told"

    async def main() -> None:
        task = asyncio.create_task(fail())
        async with asyncio.TaskGroup() as group:
            waiters = [group.create_task(wait_for(task)) for _ in range(2)]
        assert [w.result() for w in waiters] == ["told", "told"]
        assert await wait_for(task) == "told"

    virtual_clock.run(main())


def test_one_cancelled_guest(load: Load) -> None:
    """But if you cancel one guest, you cancel the task that it awaits, and with it every other guest; `shield` keeps them apart."""
    program = load("tasks_and_futures/a_task_can_be_awaited_twice")

    async def shielded(name: str, pot: asyncio.Task[str]) -> None:
        assert await asyncio.shield(pot) == "a cup of tea"

    async def cancel_one(guest: Callable[..., Any]) -> list[bool]:
        pot = asyncio.create_task(program.brew("tea"))
        ada, grace = (asyncio.create_task(guest(n, pot)) for n in ("Ada", "Grace"))
        await asyncio.sleep(0.05)
        ada.cancel()
        await asyncio.wait([ada, grace, pot])
        return [task.cancelled() for task in (ada, grace, pot)]

    assert virtual_clock.run(cancel_one(program.guest)) == [True, True, True]
    assert virtual_clock.run(cancel_one(shielded)) == [True, False, False]


def test_on_ring_from_a_thread(load: Load) -> None:
    """If the library calls back from another thread, let that call be `loop.call_soon_threadsafe(on_ring, name)`, since futures are not thread-safe."""
    program = load("tasks_and_futures/a_callback_becomes_awaitable")
    ringers: list[threading.Thread] = []

    class Threaded(program.Doorbell):  # type: ignore[name-defined, misc]
        def ring(self, visitor: str) -> None:
            loop = asyncio.get_running_loop()

            def call() -> None:
                for _ in range(2):
                    for listener in list(self.listeners):
                        loop.call_soon_threadsafe(listener, visitor)

            ringers.append(threading.Thread(target=call))
            ringers[-1].start()

    async def main() -> None:
        bell = Threaded()
        asyncio.get_running_loop().set_debug(True)  # refuses a plain call_soon
        told = reports(asyncio.get_running_loop())
        waiting = asyncio.create_task(program.next_ring(bell))
        await asyncio.sleep(0)
        bell.ring("the postman")
        async with asyncio.timeout(30):
            assert await waiting == "the postman"
        ringers[0].join()
        await asyncio.sleep(0)
        assert told == []

    asyncio.run(main())


def test_the_collector_takes_a_waiting_task() -> None:
    """So the task, its coroutine and the future referred to one another and nobody else to them, and the garbage collector threw all of them away in the middle of an `await`."""
    ends: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except GeneratorExit:
            ends.append("thrown away")
            raise

    async def main() -> None:
        told = reports(asyncio.get_running_loop())
        task = weakref.ref(asyncio.create_task(wait_for_ever()))
        await asyncio.sleep(0)
        assert task() is not None
        assert ends == []
        gc.collect()
        assert task() is None
        assert ends == ["thrown away"]
        assert told == ["Task was destroyed but it is pending!"]

    gc.disable()  # it must not come before we say so
    try:
        asyncio.run(main())
    finally:
        gc.enable()


def test_the_lost_task_is_no_failure() -> None:
    """The exit status is 0."""
    done = run(HERE / "lost_task_broken.py")
    assert done.status == 0
    assert "reader: the rain" not in done.stdout
    assert "Task was destroyed but it is pending!" in done.stderr


def test_a_sleep_hides_it() -> None:
    """A task that waits in `asyncio.sleep` survives the collector: the loop holds the timer, the timer holds the future, and the future holds the task."""

    async def main() -> None:
        task = weakref.ref(asyncio.create_task(asyncio.sleep(3600)))
        await asyncio.sleep(0)
        gc.collect()
        assert task() is not None

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_a_stream_does_not_hold_its_reader() -> None:
    """A task that waits for a reply on a stream can be lost: the loop holds the connection, and the connection knows its reader weakly."""

    async def main() -> None:
        told = reports(asyncio.get_running_loop())
        ours, theirs = socket.socketpair()
        connected = asyncio.Event()

        async def ask() -> None:
            reader, writer = await asyncio.open_connection(sock=ours)
            connected.set()
            await reader.read()  # nobody answers
            writer.close()

        with theirs:
            task = weakref.ref(asyncio.create_task(ask()))
            async with asyncio.timeout(30):
                await connected.wait()
                await asyncio.sleep(0)
            assert task() is not None
            gc.collect()
            assert task() is None
            assert "Task was destroyed but it is pending!" in told
            while ours.fileno() != -1:  # the connection is given up
                await asyncio.sleep(0)

    gc.disable()  # it must not come before we say so
    try:
        asyncio.run(main())
    finally:
        gc.enable()


def test_a_group_keeps_its_tasks(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """A task group keeps its tasks until they are done."""
    program = load("tasks_and_futures/lost_task_fixed")

    async def main() -> None:
        feed = program.Feed()
        async with asyncio.TaskGroup() as group:
            task = weakref.ref(group.create_task(program.read(feed)))
            await asyncio.sleep(0)
            gc.collect()
            assert task() is not None
            feed.publish("rain")
        gc.collect()
        assert task() is None

    virtual_clock.run(main())
    assert "reader: rain" in capsys.readouterr().out


def test_the_linter_finds_it() -> None:
    """`ruff` finds a `create_task` whose result is dropped, with its rule RUF006."""
    found = {}
    for name in ("lost_task_broken", "lost_task_fixed"):
        ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"]
        done = subprocess.run(
            [*ruff, "--select", "RUF006", str(HERE / f"{name}.py")],
            capture_output=True,
            text=True,
            check=False,
        )
        found[name] = done.returncode, done.stdout.count("RUF006")
    assert found == {"lost_task_broken": (1, 1), "lost_task_fixed": (0, 0)}


def test_an_error_that_nobody_awaits() -> None:
    """An error in a task that nobody awaits stops nothing."""
    done = run(HERE / "lost_exception_broken.py")
    assert done.status == 0
    assert done.stdout.endswith("or so it seems\n")
    assert "OSError: no room for letters" in done.stderr


def test_the_report_comes_late(load: Load) -> None:
    """asyncio writes "Task exception was never retrieved" when the task object is thrown away, and not before."""
    program = load("tasks_and_futures/lost_exception_broken")

    async def main() -> None:
        told = reports(asyncio.get_running_loop())
        task = asyncio.create_task(program.back_up("letters"))
        await asyncio.sleep(3600)
        gc.collect()
        assert task.done()
        assert told == []
        del task
        gc.collect()
        assert told == ["Task exception was never retrieved"]

    virtual_clock.run(main())


def test_a_group_tells_errors(load: Load) -> None:
    """In a task group this cannot happen: the error comes out at the end of the block."""
    program = load("tasks_and_futures/lost_exception_broken")

    async def main() -> None:
        told = reports(asyncio.get_running_loop())
        with pytest.raises(ExceptionGroup) as caught:
            async with asyncio.TaskGroup() as group:
                group.create_task(program.back_up("letters"))
        assert caught.group_contains(OSError, match="no room for letters")
        gc.collect()
        assert told == []

    virtual_clock.run(main())


def test_a_set_keeps_its_tasks(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """For a job that must outlive the function that starts it, keep the task in a set, and look at its error in a callback that runs when it is done."""
    reading = load("tasks_and_futures/lost_task_fixed")
    keeping = load("tasks_and_futures/lost_exception_fixed")

    async def main() -> None:
        feed = reading.Feed()
        keeping.start(reading.read(feed), "reader")
        await asyncio.sleep(0)
        gc.collect()
        feed.publish("rain")
        await asyncio.wait(keeping.background)
        await asyncio.sleep(0)
        assert keeping.background == set()

    virtual_clock.run(main())
    assert capsys.readouterr().out.endswith("reader: rain\n")


def test_the_error_is_told_once(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The error is told when it happens, and once."""
    program = load("tasks_and_futures/lost_exception_fixed")

    async def main() -> None:
        told = reports(asyncio.get_running_loop())
        await program.main()
        gc.collect()
        assert told == []

    virtual_clock.run(main())
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["main", "backup failed", "main"]


def test_what_is_left_is_cancelled(load: Load) -> None:
    """What is still in the set when `main` returns, `asyncio.run` cancels."""
    program = load("tasks_and_futures/lost_exception_fixed")
    ends: list[str] = []
    told: list[list[str]] = []

    async def job() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    async def main() -> None:
        told.append(reports(asyncio.get_running_loop()))
        program.start(job(), "job")
        await asyncio.sleep(0)

    asyncio.run(main())
    assert ends == ["cancelled"]
    assert program.background == set()
    assert told == [[]]


def test_no_pause_before_the_end_of_the_block(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """After both lines of the block. Its end is now the first place where `main` pauses."""
    pause = "        await asyncio.sleep(0)  # main pauses; each runs up to its wait\n"
    program = changed("tasks_and_futures/creating_a_task_does_not_run_it", (pause, ""))
    virtual_clock.run(program.main())
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:4]] == [
        "main",
        "main",
        "tea",
        "coffee",
    ]


def test_two_guests_and_one_coroutine(capsys: pytest.CaptureFixture[str]) -> None:
    """Ada's `await` runs it, and Grace gets `RuntimeError`: "coroutine is being awaited already". The group cancels Ada, and the program ends with an `ExceptionGroup`. Nobody has tea."""
    program = changed(
        "tasks_and_futures/a_task_can_be_awaited_twice",
        ('pot = party.create_task(brew("tea"))', 'pot = brew("tea")'),
    )
    ends: dict[str, BaseException | None] = {}
    guest = program.guest

    async def noted(name: str, pot: Awaitable[str]) -> None:
        try:
            await guest(name, pot)
        except BaseException as error:
            ends[name] = error
            raise

    program.guest = noted  # type: ignore[attr-defined]
    with pytest.raises(ExceptionGroup) as caught:
        virtual_clock.run(program.main())
    (error,) = caught.value.exceptions
    assert str(error) == "coroutine is being awaited already"
    assert isinstance(ends["Ada"], asyncio.CancelledError)
    assert ends["Grace"] is error
    assert "cup" not in capsys.readouterr().out


def test_awaiting_the_backup(tmp_path: Path) -> None:
    """The `OSError` comes out of the `await`, so "all is well" is not printed, and the program ends with a traceback and the exit status 1."""
    source = (HERE / "lost_exception_broken.py").read_text("utf-8")
    wait = "await asyncio.sleep(1)"
    assert source.count(wait) == 1
    program = tmp_path / "awaited.py"
    program.write_text(source.replace(wait, "await backup"), "utf-8")
    done = run(program)
    assert done.status == 1
    assert done.stdout == "main: started the backup\n"
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("OSError: no room for letters\n")
