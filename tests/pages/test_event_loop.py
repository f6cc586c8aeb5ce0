"""The claims of `concepts/event-loop.md`."""

from __future__ import annotations

import asyncio
import contextvars
import math
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from editing import changed
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
Ready = list[tuple[selectors.SelectorKey, int]]
HERE = EXAMPLES / "event_loop"

NOTEBOOK = """
import nbclient, nbformat
cell = nbformat.v4.new_code_cell('''
import asyncio
async def main():
    return "tea is ready"
tea = main()
try:
    asyncio.run(tea)
except RuntimeError as error:
    print(error)
tea.close()
print(await main())
''')
notebook = nbformat.v4.new_notebook(cells=[cell])
nbclient.NotebookClient(notebook, timeout=60).execute()
print(notebook.cells[0].outputs[0].text, end="")
"""


class Watched(selectors.DefaultSelector):
    """The usual selector; says when it is asked, and with which limit."""

    def __init__(self, ask: Callable[[float | None], object]) -> None:
        super().__init__()
        self.ask = ask

    def select(self, timeout: float | None = None) -> Ready:
        """Tell, then ask the operating system."""
        self.ask(timeout)
        return super().select(timeout)


def watched(ask: Callable[[float | None], object]) -> asyncio.Runner:
    """A runner whose loop calls `ask` when it asks its selector."""
    selector = Watched(ask)
    return asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector))


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two sockets; what one sends, the other receives."""
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        yield near, far


def test_how_long_it_may_sleep(pair: tuple[socket.socket, socket.socket]) -> None:
    """If a callback is ready, not at all. If none is, until the earliest timer is due; if there is no timer either, without limit."""
    near, far = pair
    limits: list[float | None] = []

    def ask(timeout: float | None) -> None:
        limits.append(timeout)
        if timeout != 0 or len(limits) > 100:
            far.send(b"!")  # or the loop would indeed sleep

    async def main() -> None:
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def read() -> None:
            near.recv(1)
            woken.set()

        loop.add_reader(near, read)
        limits.clear()
        loop.call_soon(int)
        await asyncio.sleep(0)
        assert limits == [0]

        timers = [loop.call_later(delay, int) for delay in (7200, 3600)]
        limits.clear()
        await woken.wait()
        assert limits[0] == pytest.approx(3600, abs=100)

        for timer in timers:
            timer.cancel()
        limits.clear()
        woken.clear()
        await woken.wait()
        assert limits[0] is None
        loop.remove_reader(near)

    with watched(ask) as runner:
        runner.run(main())


def test_one_round(pair: tuple[socket.socket, socket.socket]) -> None:
    """The callbacks of ready sockets join the queue. Timers that are due join the queue, the earliest first. The loop runs the callbacks that are now in the queue, one after the other. What they add to it waits for the next round."""
    near, far = pair
    ran: list[str] = []

    def first() -> None:
        ran.append("first")
        asyncio.get_running_loop().call_soon(ran.append, "added by first")

    def read() -> None:
        ran.append("socket " + near.recv(1).decode())

    async def main() -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        loop.add_reader(near, read)
        far.send(b"!")
        for earlier in (2, 3, 1):
            loop.call_at(now - earlier, ran.append, f"timer {-earlier}")
        ran.clear()
        loop.call_soon(first)
        loop.call_soon(ran.append, "second")
        await asyncio.sleep(0)
        ran.append("main")
        await asyncio.sleep(0)
        loop.remove_reader(near)

    with watched(lambda _: ran.append("round")) as runner:
        runner.run(main())
    callbacks = ["first", "second", "main", "socket !"]
    timers = ["timer -3", "timer -2", "timer -1"]
    there = ["round", *callbacks, *timers, "round", "added by first"]
    assert ran[: len(there)] == there


def test_steps_are_callbacks() -> None:
    """A task is what stands between: it puts its coroutine's next step into the queue as a callback."""
    context = contextvars.copy_context()
    steps: list[str] = []
    handed_over = 0

    class Loop(asyncio.SelectorEventLoop):
        def call_soon(self, *args: Any, **kwargs: Any) -> Any:
            """Count what is to run in the context of the task."""
            nonlocal handed_over
            handed_over += kwargs.get("context") is context
            return super().call_soon(*args, **kwargs)

    async def work() -> None:
        for step in ("one", "two", "three"):
            assert handed_over == len(steps) + 1
            steps.append(step)
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.create_task(work(), context=context)

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(main())
    assert steps == ["one", "two", "three"]
    assert handed_over == 4  # the last one ends the loop of work, and the task


def test_what_run_does() -> None:
    """`asyncio.run(main())` makes a loop, makes a task of `main()`, and turns the loop until that task is done."""
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        asyncio.get_running_loop().call_soon(turn)

    async def main() -> asyncio.AbstractEventLoop:
        task = asyncio.current_task()
        assert task is not None
        assert task.get_coro() is coroutine
        turn()
        for _ in range(100):
            await asyncio.sleep(0)
        return asyncio.get_running_loop()

    coroutine = main()
    loop = asyncio.run(coroutine)
    assert loop.is_closed()
    assert 100 <= turns < 110


def test_a_step_is_not_interrupted(pair: tuple[socket.socket, socket.socket]) -> None:
    """The loop cannot interrupt a callback. It gets control back when the callback returns, and until then there is no timer, no socket and no other task."""
    ran: list[str] = []
    near, far = pair

    async def other() -> None:
        ran.append("task")

    def read() -> None:
        ran.append("socket")
        near.recv(1)

    def take_long() -> None:
        time.sleep(60)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(near, read)
        loop.call_later(1, ran.append, "timer")
        task = asyncio.create_task(other())
        far.send(b"!")
        take_long()
        assert ran == []
        await task
        await asyncio.sleep(0)
        assert sorted(ran) == ["socket", "task", "timer"]
        loop.remove_reader(near)

    virtual_clock.run(main())


@pytest.mark.parametrize(("version", "beats"), [("broken", (3, 3)), ("fixed", (1, 2))])
def test_the_heart(
    load: Load,
    capsys: pytest.CaptureFixture[str],
    version: str,
    beats: tuple[int, int],
) -> None:
    """`await asyncio.sleep(3)` sets a timer and ends the step, so that the loop can attend to the heart."""
    program = load(f"event_loop/slow_callback_{version}")
    virtual_clock.run(program.main())
    lines = [line for line in capsys.readouterr().out.splitlines() if "heart" in line]
    assert lines == [
        f"heart: due after {due} s, beats after {at} s"
        for due, at in zip((1, 2), beats, strict=True)
    ]


def test_debug_mode() -> None:
    """Run your program with `python -X dev`, and asyncio reports every step that took longer than a tenth of a second."""
    done = run(HERE / "slow_callback_broken.py", "-X", "dev")
    assert "Executing <Task" in done.stderr
    assert "write_report" in done.stderr
    loop = asyncio.new_event_loop()
    assert loop.slow_callback_duration == 0.1
    loop.close()


def test_never_early() -> None:
    """A timer promises one thing: not before, give or take one tick of the clock."""
    tick = time.get_clock_info("monotonic").resolution
    early: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def ring(due: float) -> None:
            if loop.time() < due - tick:
                early.append(due)

        for number in range(1000):
            due = loop.time() + number / 4321
            loop.call_at(due, ring, due)
        await asyncio.sleep(1000 / 4321)

    asyncio.run(main())
    assert early == []


def test_early_by_a_tick() -> None:
    """(The loop takes a timer for due when less than one tick is left, so it can be early by that much."""

    class Coarse(asyncio.SelectorEventLoop):
        def __init__(self) -> None:
            super().__init__()
            self._clock_resolution = 1000.0  # what the clock says its tick is

    rung: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        due = [loop.call_later(delay, rung.append, f"{delay}") for delay in (900, 1500)]
        for _ in range(3):
            await asyncio.sleep(0)
        assert rung == ["900"]
        for timer in due:
            timer.cancel()

    with asyncio.Runner(loop_factory=Coarse) as runner:
        runner.run(main())


def test_on_the_dot() -> None:
    """By a clock with long ticks, as some browsers have one too, a sleep may also seem to end on the dot."""
    tick, now = 0.5, 0.0

    class Asleep(selectors.DefaultSelector):
        def select(self, timeout: float | None = None) -> Ready:
            nonlocal now
            now += math.ceil((timeout or 0) / tick) * tick
            return super().select(0)

    class Ticking(asyncio.SelectorEventLoop):
        def time(self) -> float:
            return now

    async def main() -> float:
        due = now + 1.5
        await asyncio.sleep(1.5)
        return now - due

    with asyncio.Runner(loop_factory=lambda: Ticking(Asleep())) as runner:
        assert runner.run(main()) == 0


def test_one_thread(load: Load) -> None:
    """There is one thread, the one that you had."""
    program = load("event_loop/every_step_runs_in_one_thread")
    seen: list[int] = []
    program.print = lambda *_: seen.append(threading.get_ident())
    asyncio.run(program.main())
    assert seen == [threading.get_ident()] * 4
    done = run(HERE / f"{program.__name__}.py")
    assert "threads in this program: 1\n" in done.stdout


def test_left_over_tasks() -> None:
    """When `main` returns, `asyncio.run` cancels the tasks that are left, lets them clean up, and closes the loop."""
    ran: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
            ran.append("went on")
        finally:
            await asyncio.sleep(1)
            ran.append("cleaned up")

    async def main() -> tuple[asyncio.Task[None], asyncio.AbstractEventLoop]:
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        return task, asyncio.get_running_loop()

    task, loop = virtual_clock.run(main())
    assert task.cancelled()
    assert ran == ["cleaned up"]
    assert loop.is_closed()


def test_nothing_after_run(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`asyncio.run` turns the loop in it, and when `asyncio.run` has returned, nobody turns it any more:"""
    program = load("event_loop/nothing_runs_after_run_returns")
    with virtual_clock.VirtualClock():
        asyncio.run(program.main())
        before = capsys.readouterr().out.splitlines()
        time.sleep(100)
    assert before[0] == "heart: beats"
    assert before[-1] == "heart: stopped"
    assert capsys.readouterr().out == ""


def test_runner(load: Load) -> None:
    """Each `asyncio.run` has a loop of its own. A `Runner` keeps one loop for several runs:"""
    program = load("event_loop/one_run_one_loop")
    assert len({asyncio.run(program.my_loop()) for _ in range(3)}) == 3
    with asyncio.Runner() as runner:
        loops = {runner.run(program.my_loop()) for _ in range(3)}
        assert len(loops) == 1
        assert not next(iter(loops)).is_closed()
    assert loops.pop().is_closed()


def test_one_loop_at_a_time() -> None:
    """Inside a coroutine one is running already, and asyncio refuses a second:"""

    async def nothing() -> None:
        pass

    async def main() -> None:
        other = asyncio.new_event_loop()
        coroutine = nothing()
        with pytest.raises(RuntimeError, match="while another loop is running"):
            other.run_until_complete(coroutine)
        other.close()
        with pytest.raises(RuntimeError, match="called from a running event loop"):
            asyncio.run(coroutine)
        await coroutine

    asyncio.run(main())


def test_in_a_notebook() -> None:
    """A Jupyter notebook runs your cells inside a loop, so `asyncio.run` fails there with this error. Write `await main()` in the cell instead."""
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.splitlines() == [
        "asyncio.run() cannot be called from a running event loop",
        "tea is ready",
    ], done.stderr


def test_an_idle_loop(pair: tuple[socket.socket, socket.socket]) -> None:
    """A socket ends the sleep in the same way: when data arrive, the operating system wakes the thread. Waiting is not work: a thousand waiting tasks are waited for with the same one question."""
    near, far = pair
    asked: list[float | None] = []
    asleep = threading.Event()

    def ask(timeout: float | None) -> None:
        asked.append(timeout)
        if timeout is None:
            asleep.set()

    def send() -> None:
        asleep.wait(10)
        far.send(b"!")

    async def main() -> None:
        arrived = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(1000):
                group.create_task(arrived.wait())
            received = await asyncio.get_running_loop().sock_recv(near, 1)
            assert received == b"!"
            arrived.set()

    sender = threading.Thread(target=send)
    sender.start()
    with watched(ask) as runner:
        runner.run(main())
    sender.join()
    assert [limit for limit in asked if limit != 0] == [None]


def test_a_timer_of_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    """It comes after both. They are in the ready queue already when the next round begins, and a timer that is due joins the queue behind them."""
    program = changed(
        "event_loop/callbacks_run_when_their_turn_comes",
        ("loop.call_later(1, say", "loop.call_later(0, say"),
    )
    virtual_clock.run(program.main())
    assert capsys.readouterr().out.splitlines() == [
        "after 0 s: main has handed over four callbacks",
        "after 0 s: call_soon, handed over third",
        "after 0 s: call_soon, handed over fourth",
        "after 0 s: call_later, handed over second",
        "after 2 s: main, woken by call_at",
    ]


def test_the_report_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Not at all. Its first step comes after the report, three seconds late, and it looks at the clock only then."""
    heart = "        group.create_task(beat())\n"
    report = "        group.create_task(write_report())\n"
    program = changed(
        "event_loop/slow_callback_broken", (heart + report, report + heart)
    )
    beginnings: list[float] = []
    beat = program.beat

    async def timed_beat() -> None:
        beginnings.append(time.monotonic())
        await beat()

    program.beat = timed_beat  # type: ignore[attr-defined]

    async def main() -> float:
        start = time.monotonic()
        await program.main()
        return start

    start = virtual_clock.run(main())
    assert beginnings == [pytest.approx(start + 3, abs=0.01)]
    assert capsys.readouterr().out.splitlines()[2:] == [
        "heart: due after 1 s, beats after 1 s",
        "heart: due after 2 s, beats after 2 s",
    ]


def test_the_last_round(capsys: pytest.CaptureFixture[str]) -> None:
    """Once, after "main: returns". The heart stood in the queue before `main` returned, and what stops the loop is a callback too, behind it. Then the task is cancelled, and says "stopped"."""
    program = changed(
        "event_loop/nothing_runs_after_run_returns",
        ("    await asyncio.sleep(0)  # one round: the heart begins\n", ""),
    )
    asyncio.run(program.main())
    assert capsys.readouterr().out.splitlines() == [
        "main: returns; heart done: False",
        "heart: beats",
        "heart: stopped",
    ]
