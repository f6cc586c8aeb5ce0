"""The claims of `how-to/test-without-sleeping.md`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = "test_without_sleeping"


def test_below_asyncio() -> None:
    """The tasks, the event loop, the timeouts and the queues are asyncio's own."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert type(task) is asyncio.Task
        assert isinstance(loop, asyncio.SelectorEventLoop)
        assert type(asyncio.timeout(1)).__module__ == "asyncio.timeouts"

    virtual_clock.run(main())


def test_exact_moments(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """And since a quick machine and a busy one see the same clock, the moments are the same in every run. (Each look at the clock costs a microsecond; so round a difference before you compare it, as the test does.)"""
    seen: set[tuple[float, ...]] = set()

    async def moments() -> None:
        clock = asyncio.get_running_loop().time
        first, second = clock(), clock()
        assert second - first == pytest.approx(1e-6, abs=1e-9)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(wake(after)) for after in (3, 1, 2)]
        seen.add(tuple(task.result() - first for task in tasks))

    async def wake(after: float) -> float:
        await asyncio.sleep(after)
        return asyncio.get_running_loop().time()

    for _ in range(20):
        virtual_clock.run(moments())
    ((*found,),) = seen
    assert found != [3, 1, 2]
    assert [*map(round, found)] == [3, 1, 2]
    program = load(f"{HERE}/retries_are_tested_in_no_time")
    for _ in range(20):
        virtual_clock.run(program.test_pauses_double())
    lines = set(capsys.readouterr().out.splitlines())
    assert lines == {"attempts after [0, 1, 3, 7] seconds"}


def test_other_pauses_are_noticed(load: Load) -> None:
    """So the test above runs the program that you ship, with the pauses that you ship, in the order in which they would happen."""
    program = load(f"{HERE}/retries_are_tested_in_no_time")
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def watched(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio, "sleep", watched)
        virtual_clock.run(program.test_pauses_double())
    assert pauses == [1, 2, 4]


def test_all_clocks() -> None:
    """`time.sleep`, `time.monotonic`, `time.perf_counter` and `time.time` follow the virtual clock too."""
    clocks = ("monotonic", "perf_counter", "time")

    async def main() -> None:
        before = {name: getattr(time, name)() for name in clocks}
        time.sleep(1000)
        await asyncio.sleep(1000)
        for name in clocks:
            passed = getattr(time, name)() - before[name]
            assert passed == pytest.approx(2000, abs=0.01)

    virtual_clock.run(main())


def test_late_beat(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Change `time.sleep(600)` to `await asyncio.sleep(600)`, and the heart beats after 60, 120 and 180 seconds."""
    text = (EXAMPLES / HERE / "a_blocking_call_is_seen.py").read_text("utf-8")
    changed = text.replace("    time.sleep(600)", "    await asyncio.sleep(600)")
    assert changed != text
    scope: dict[str, object] = {"__name__": "changed"}
    exec(changed, scope)
    virtual_clock.run(scope["main"]())  # type: ignore[operator]
    assert capsys.readouterr().out == "beats after [60, 120, 180] seconds\n"


def test_deadlock(load: Load) -> None:
    """A `DeadlockError` names the task, the file, the function and the source line, so the cause need not be searched for."""
    program = load(f"{HERE}/a_deadlock_is_named")
    with pytest.raises(virtual_clock.DeadlockError) as caught:
        virtual_clock.run(program.main())
    for name in ("'to me'", "'to you'"):
        (line,) = (x for x in str(caught.value).splitlines() if name in x)
        for part in ("a_deadlock_is_named.py", "transfer()", "async with second"):
            assert part in line


def test_a_server_may_wait() -> None:
    """While a socket listens, no wait is called a deadlock, since somebody may still call."""
    waits = threading.Event()

    async def main(listens: bool) -> str:
        called = asyncio.Event()
        loop = asyncio.get_running_loop()

        async def answer(_: object, writer: asyncio.StreamWriter) -> None:
            writer.close()

        def call() -> None:
            waits.wait(60)
            virtual_clock.real_sleep(0.2)
            loop.call_soon_threadsafe(called.set)

        if not listens:
            await called.wait()
        earlier.append(call)
        async with await asyncio.start_server(answer, "127.0.0.1", 0):
            waits.set()
            await called.wait()
        return "called"

    earlier: list[Callable[[], None]] = []
    go = threading.Event()
    caller = threading.Thread(target=lambda: go.wait(60) and earlier[0]())
    caller.start()  # the clock waits for no thread that ran before it did

    async def with_a_caller() -> str:
        asyncio.get_running_loop().call_soon(go.set)
        return await main(listens=True)

    with pytest.raises(virtual_clock.DeadlockError):
        virtual_clock.run(main(listens=False))
    assert virtual_clock.run(with_a_caller()) == "called"
    caller.join()


def test_one_order_of_locks(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Each transfer holds the lock that the other one needs."""
    program = load(f"{HERE}/a_deadlock_is_named")

    async def in_one_order() -> None:
        yours, mine = asyncio.Lock(), asyncio.Lock()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(program.transfer(yours, mine))
            tasks.create_task(program.transfer(yours, mine))

    virtual_clock.run(in_one_order())
    assert capsys.readouterr().out == "transferred\n" * 2


def test_around_a_run() -> None:
    """`with virtual_clock.VirtualClock():` around code that calls `asyncio.run` itself."""
    with virtual_clock.VirtualClock():
        before = time.monotonic()
        asyncio.run(asyncio.sleep(1000))
        assert time.monotonic() - before == pytest.approx(1000, abs=0.01)


def test_loop_factory() -> None:
    """`asyncio.Runner(loop_factory=virtual_clock.EventLoop)`, where a framework takes a loop factory."""
    with asyncio.Runner(loop_factory=virtual_clock.EventLoop) as runner:
        loop = runner.get_loop()
        before = loop.time()
        runner.run(asyncio.sleep(1000))
        assert loop.time() - before == pytest.approx(1000, abs=0.01)


def test_a_script(tmp_path: Path) -> None:
    """`python virtual_clock.py script.py`: a script as it is, with its arguments, its output and its exit status, without its waits."""
    script = tmp_path / "script.py"
    script.write_text(
        "import asyncio, sys, time\n"
        "asyncio.run(asyncio.sleep(1_000_000))\n"
        "print(sys.argv[1:], round(time.monotonic(), -3))\n"
        "sys.exit(3)\n"
    )
    clock = EXAMPLES / "tools" / "virtual_clock.py"
    command = [sys.executable, str(clock), str(script), "a", "b"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("['a', 'b'] 1000000.0\n", "")
    assert done.returncode == 3


def test_computing_is_free() -> None:
    """Computing takes no time on this clock, so it says nothing about speed."""

    async def main() -> float:
        before = time.perf_counter()
        sum(n * n for n in range(300_000))
        return time.perf_counter() - before

    assert virtual_clock.run(main()) < 0.0001
