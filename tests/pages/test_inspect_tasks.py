"""The claims of `how-to/inspect-tasks.md`."""

from __future__ import annotations

import asyncio
import contextvars
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "inspect_tasks"
SINCE_3_14 = pytest.mark.skipif(
    sys.version_info < (3, 14), reason="the call graph needs Python 3.14"
)
WITH_SIGNALS = pytest.mark.skipif(os.name != "posix", reason="it sends a Unix signal")


async def wait_long() -> None:
    await asyncio.sleep(3600)


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program in which `old` reads `new`."""
    path = HERE / f"{program}.py"
    source = path.read_text("utf-8")
    assert source.count(old) == 1
    names: dict[str, Any] = {"__name__": "changed", "__file__": str(path)}
    exec(compile(source.replace(old, new), str(path), "exec"), names)
    return names


def test_all_tasks() -> None:
    """`all_tasks` gives a set of the tasks of the running loop that have not ended, this one included."""

    async def main() -> None:
        ended = asyncio.create_task(asyncio.sleep(0))
        running = asyncio.create_task(wait_long())
        await ended
        found = asyncio.all_tasks()
        assert found == {asyncio.current_task(), running}
        assert type(found) is set
        elsewhere = asyncio.new_event_loop()
        assert asyncio.all_tasks(elsewhere) == set()
        elsewhere.close()
        running.cancel()

    asyncio.run(main())


def test_in_the_evening(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """In the evening the two tables have ended and are gone from it."""
    virtual_clock.run(load("inspect_tasks/who_is_there").main())
    lines = told(capsys)
    evening = lines.index("in the evening")
    assert [line.startswith("- table") for line in lines[evening:]] == [False, False]
    assert sum(line.startswith("- table") for line in lines[:evening]) == 2


def test_current_task() -> None:
    """`current_task` is the one in which the call stands; in a callback of the loop there is none, and it gives `None`."""
    seen: list[object] = []

    async def inner() -> asyncio.Task[Any] | None:
        return asyncio.current_task()

    async def main() -> None:
        mine = asyncio.current_task()
        assert await inner() is mine
        other = asyncio.create_task(inner())
        assert await other is other
        asyncio.get_running_loop().call_soon(
            lambda: seen.append(asyncio.current_task())
        )
        await asyncio.sleep(0)

    asyncio.run(main())
    assert seen == [None]


def test_a_name() -> None:
    """A task is called `Task-7` if nobody names it."""

    async def main() -> None:
        task = asyncio.create_task(asyncio.sleep(0))
        kind, _, number = task.get_name().partition("-")
        assert kind == "Task"
        assert number.isdecimal()
        named = asyncio.create_task(asyncio.sleep(0), name="tea")
        assert named.get_name() == "tea"
        named.set_name("cake")
        assert named.get_name() == "cake"
        assert "name='cake'" in repr(named)
        await asyncio.wait([task, named])

    asyncio.run(main())


def test_of_the_running_task() -> None:
    """(Of the task that is running they give no more: they go from that frame outwards, into the loop. Only of a task that has failed do they show the whole way to the error.)"""

    async def inner() -> list[str]:
        task = asyncio.current_task()
        assert task is not None
        return [frame.f_code.co_name for frame in task.get_stack()]

    async def outer() -> list[str]:
        return await inner()

    async def fail() -> None:
        raise LookupError

    async def begin() -> None:
        await fail()

    async def main() -> None:
        *loop, last = await asyncio.create_task(outer())
        assert last == "outer"
        assert "_run_once" in loop
        assert not {"inner", "get_stack"} & set(loop)
        failed = asyncio.create_task(begin())
        await asyncio.wait([failed])
        names = [frame.f_code.co_name for frame in failed.get_stack()]
        assert names[-2:] == ["begin", "fail"]
        assert isinstance(failed.exception(), LookupError)

    virtual_clock.run(main())


def test_a_single_frame() -> None:
    """Of a paused task, `get_stack` and `print_stack` know a single frame, that of its outermost coroutine."""

    async def inner() -> None:
        await wait_long()

    async def outer() -> None:
        await inner()

    async def main() -> None:
        task = asyncio.create_task(outer())
        await asyncio.sleep(0.1)
        assert [frame.f_code for frame in task.get_stack()] == [outer.__code__]
        text = io.StringIO()
        task.print_stack(file=text)
        assert text.getvalue().count("File ") == 1
        assert "in outer" in text.getvalue()
        task.cancel()

    virtual_clock.run(main())


def test_the_stack_ends_in_serve(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """The waiter waits in `take_order`, for an event, and the stack ends in `serve`."""
    virtual_clock.run(load("inspect_tasks/where_it_waits_broken").main())
    assert told(capsys) == ["frames: 1", "last line: await take_order()"]
    virtual_clock.run(load("inspect_tasks/where_it_waits_fixed").main())
    assert [line.partition(":")[0] for line in told(capsys)] == [
        "serve",
        "take_order",
        "Event.wait",
    ]


def test_the_chain_of_awaits() -> None:
    """What leads further down is the chain of awaits: each coroutine has in `cr_await` what it waits for at this moment."""

    async def main() -> None:
        inner = wait_long()

        async def outer() -> None:
            await inner

        task = asyncio.create_task(outer())
        await asyncio.sleep(0.1)
        coroutine: Any = task.get_coro()
        assert coroutine.__qualname__.endswith("outer")
        assert coroutine.cr_await is inner
        task.cancel()
        await asyncio.wait([task])
        assert coroutine.cr_await is None

    virtual_clock.run(main())


def test_links_of_another_kind(load: Load) -> None:
    """Async generators and iterators are links of another kind in this chain, and end the loop early."""
    frames = load("inspect_tasks/where_it_waits_fixed").frames

    async def numbers() -> AsyncIterator[int]:
        await wait_long()
        yield 1

    async def read() -> None:
        async for _ in numbers():
            pass

    async def main() -> None:
        task = asyncio.create_task(read())
        await asyncio.sleep(0.1)
        assert [frame.f_code for frame in frames(task)] == [read.__code__]
        task.cancel()
        await asyncio.wait([task])

    virtual_clock.run(main())


@WITH_SIGNALS
def test_between_two_steps() -> None:
    """`add_signal_handler` has `report` called by the loop, between two steps of tasks, so all of them hold still while it looks."""
    seen: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        asked = asyncio.Event()

        def report() -> None:
            seen.append(f"asked in a step: {asyncio.current_task() is not None}")
            asked.set()

        loop.add_signal_handler(signal.SIGUSR1, report)
        os.kill(os.getpid(), signal.SIGUSR1)
        seen.append("the step goes on")
        async with asyncio.timeout(30):
            await asked.wait()
        assert loop.remove_signal_handler(signal.SIGUSR1)

    asyncio.run(main())
    assert seen == ["the step goes on", "asked in a step: False"]


@WITH_SIGNALS
def test_not_while_a_task_blocks() -> None:
    """For the same reason it does not answer while a task blocks the loop."""
    answers: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        asked = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, asked.set)
        direct = signal.getsignal(signal.SIGUSR2)
        signal.signal(signal.SIGUSR2, lambda *_: answers.append("at once"))
        os.kill(os.getpid(), signal.SIGUSR1)
        os.kill(os.getpid(), signal.SIGUSR2)
        time.sleep(0.05)
        assert not asked.is_set()
        assert answers == ["at once"]
        async with asyncio.timeout(30):
            await asked.wait()
        loop.remove_signal_handler(signal.SIGUSR1)
        signal.signal(signal.SIGUSR2, direct)

    asyncio.run(main())


@WITH_SIGNALS
def test_where_each_thread_stands() -> None:
    """There `faulthandler.register` helps, for another signal: it prints at once where each thread stands."""
    script = """
import asyncio, faulthandler, os, signal, time
faulthandler.register(signal.SIGUSR2)
async def blocks_the_loop():
    os.kill(os.getpid(), signal.SIGUSR2)
    time.sleep(0)
async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, print)
    await asyncio.to_thread(time.sleep, 0)
    await blocks_the_loop()
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "in blocks_the_loop" in done.stderr
    assert done.stderr.count("hread 0x") == 2


@WITH_SIGNALS
def test_kill_usr1(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Put this into a service, and it answers while it runs: `kill -USR1` and its process number."""
    asyncio.run(load("inspect_tasks/ask_with_a_signal").main())
    assert any(line.endswith(": serve > Queue.get") for line in told(capsys))


@SINCE_3_14
def test_the_call_graph() -> None:
    """The call graph shows the frames of the task from the inside out, and below them who waits for it, with frames of their own."""

    async def inner() -> None:
        await wait_long()

    async def outer() -> None:
        await inner()

    async def boss(task: asyncio.Task[None]) -> None:
        await task

    async def main() -> None:
        task = asyncio.create_task(outer())
        waiting = asyncio.create_task(boss(task))
        await asyncio.sleep(0.1)
        graph = asyncio.capture_call_graph(task)
        assert graph is not None
        names = [entry.frame.f_code.co_name for entry in graph.call_stack]
        assert names == ["sleep", "wait_long", "inner", "outer"]
        (above,) = graph.awaited_by
        assert above.future is waiting
        assert [e.frame.f_code.co_name for e in above.call_stack] == ["boss"]
        waiting.cancel()
        await asyncio.wait([waiting])

    virtual_clock.run(main())


@SINCE_3_14
@pytest.mark.parametrize("how", ["await", "gather", "group"])
def test_from_one_task_to_the_next(how: str) -> None:
    """It crosses what `cr_await` cannot: from one task to the next, also through `gather` and a `TaskGroup`."""

    async def boss(jobs: list[asyncio.Task[None]]) -> None:
        if how == "await":
            jobs.append(asyncio.create_task(wait_long()))
            await jobs[0]
        elif how == "gather":
            jobs.append(asyncio.create_task(wait_long()))
            await asyncio.gather(*jobs)
        else:
            async with asyncio.TaskGroup() as group:
                jobs.append(group.create_task(wait_long()))

    async def main() -> None:
        jobs: list[asyncio.Task[None]] = []
        waiting = asyncio.create_task(boss(jobs), name="the boss")
        await asyncio.sleep(0.1)
        assert "name='the boss'" in asyncio.format_call_graph(jobs[0])
        coroutine: Any = waiting.get_coro()
        while hasattr(coroutine, "cr_await"):
            coroutine = coroutine.cr_await
        assert coroutine is not jobs[0].get_coro()
        waiting.cancel()
        await asyncio.wait([waiting])

    virtual_clock.run(main())


@pytest.mark.skipif(
    sys.version_info < (3, 12), reason="Task.get_context needs Python 3.12"
)
def test_get_context() -> None:
    """From Python 3.12 on, `get_context` shows its variables to others."""
    guest = contextvars.ContextVar("guest", default="nobody")

    async def serve() -> None:
        guest.set("Ada")
        await wait_long()

    async def main() -> None:
        task = asyncio.create_task(serve())
        await asyncio.sleep(0.1)
        assert task.get_context()[guest] == "Ada"
        assert guest.get() == "nobody"
        task.cancel()

    virtual_clock.run(main())


def test_main_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """`main` alone: both tables begin, find the event set, and have ended when `main` goes on."""
    early = changed(
        "who_is_there",
        "        await asyncio.sleep(0)",
        "        done.set()\n        await asyncio.sleep(0)",
    )
    virtual_clock.run(early["main"]())
    lines = told(capsys)
    assert [line.startswith("- table") for line in lines] == [False] * 4
    assert lines[1].endswith("main (this one)")


def test_one_that_of_serve(capsys: pytest.CaptureFixture[str]) -> None:
    """One, that of `serve`. The task has not begun, so its coroutine stands at its first line and awaits nothing."""
    before = changed("where_it_waits_fixed", "    await asyncio.sleep(0)\n", "")
    virtual_clock.run(before["main"]())
    assert told(capsys) == ["serve: async def serve() -> None:"]
