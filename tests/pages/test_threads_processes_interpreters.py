"""The claims of `concepts/threads-processes-interpreters.md`."""

from __future__ import annotations

import asyncio
import bisect
import contextvars
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import aiofiles
import pytest

import virtual_clock
from programs import EXAMPLES, Program
from running import environment, expected, run

Load = Callable[[str], ModuleType]
SLUG = "threads_processes_interpreters"
HERE = EXAMPLES / SLUG
DEADLINE = 30  # seconds; only a broken program takes as long
PYTHON = sys.version_info[:2]

gives_up = pytest.mark.skipif(
    PYTHON < (3, 13), reason="before 3.13, or a later 3.12, nothing gives up"
)
since_3_14 = pytest.mark.skipif(PYTHON < (3, 14), reason="it is new in Python 3.14")


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, *changes: tuple[str, str]) -> ModuleType:
    """A program of the page, after some changes to its text."""
    text = (HERE / f"{program}.py").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    module = ModuleType(program)
    exec(compile(text, program, "exec"), vars(module))
    return module


def printed_by(script: Path) -> subprocess.CompletedProcess[str]:
    """What a script of a test does in a Python of its own."""
    return subprocess.run(
        [sys.executable, str(script)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def test_the_await_ends_at_once(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The timeout cancels `main`, and `CancelledError` comes out of the `await` at once: the triangle in the timeline."""
    program = load(f"{SLUG}/timeout_and_thread_broken")

    with pytest.raises(TimeoutError):
        virtual_clock.run(timed_out(program))
    assert told(capsys) == ["printer: page A", "printer: page B"]


async def timed_out(program: ModuleType) -> None:
    """Give up two pages after a tenth of a second, and see when it ends."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        async with asyncio.timeout(0.1):
            try:
                await asyncio.to_thread(program.print_pages, "AB")
            except asyncio.CancelledError:
                assert loop.time() - start == pytest.approx(0.1, abs=0.02)
                raise
    finally:
        assert loop.time() - start == pytest.approx(0.1, abs=0.02)


def test_an_error_after_the_timeout(caplog: pytest.LogCaptureFixture) -> None:
    """If the call fails after the timeout, nobody hears of the error."""
    failed = threading.Event()
    go = threading.Event()
    heard: list[dict[str, Any]] = []

    def call() -> None:
        go.wait(DEADLINE)
        failed.set()
        raise LookupError

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: heard.append(context)
        )
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.to_thread(call)
        go.set()

    asyncio.run(main())
    assert failed.is_set()
    assert heard == []
    assert caplog.records == []


def test_asyncio_run_waits() -> None:
    """And the program cannot end before the call does: `asyncio.run` waits for the threads of `to_thread` when `main` has returned."""
    ended = threading.Event()
    go = threading.Event()

    def call() -> None:
        go.wait(DEADLINE)
        ended.set()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.to_thread(call)
        threading.Timer(0.2, go.set).start()
        assert not ended.is_set()

    asyncio.run(main())
    assert ended.is_set()


@gives_up
def test_the_interpreter_waits(tmp_path: Path) -> None:
    """The interpreter itself then goes on waiting."""
    script = tmp_path / "script.py"
    script.write_text("""\
import asyncio, asyncio.constants, threading, time
asyncio.constants.THREAD_JOIN_TIMEOUT = 0.1

def call():
    go.wait(30)
    time.sleep(0.2)
    print("call: done", flush=True)

async def main():
    try:
        async with asyncio.timeout(0.1):
            await asyncio.to_thread(call)
    except TimeoutError:
        pass

go = threading.Event()
asyncio.run(main())
print("asyncio.run: done", flush=True)
go.set()
""")
    done = printed_by(script)
    assert done.stdout.splitlines() == ["asyncio.run: done", "call: done"]
    assert "RuntimeWarning" in done.stderr


def test_no_thread_uses_the_printer(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """When it goes on, no thread uses the printer any more."""
    program = load(f"{SLUG}/timeout_and_thread_fixed")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await program.print_out("ABCDE")
        assert loop.time() - start == pytest.approx(0.6, abs=0.05)
        pages = ["printer: page A", "printer: page B"]
        assert told(capsys) == [*pages, "printer: told to stop before page C"]
        await asyncio.sleep(3)
        assert told(capsys) == []

    virtual_clock.run(main())


def test_print_out_to_the_end(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The `shield` keeps the cancellation away from the task that waits for the thread, so `print_out` can set the flag and then wait until the thread is out."""
    program = load(f"{SLUG}/timeout_and_thread_fixed")
    virtual_clock.run(program.print_out("AB"))
    assert told(capsys) == ["printer: page A", "printer: page B"]

    async def main() -> bool:
        task = asyncio.create_task(program.print_out("AB"))
        await asyncio.sleep(0.1)
        (printing,) = asyncio.all_tasks() - {task, asyncio.current_task()}
        task.cancel()
        await asyncio.wait([task])
        assert printing.done()
        assert task.cancelled()
        return printing.cancelled()

    assert virtual_clock.run(main()) is False


def test_a_second_cancellation(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """A second cancellation would end that wait too, and leave the thread at its page."""
    program = load(f"{SLUG}/timeout_and_thread_fixed")

    async def main() -> None:
        task = asyncio.create_task(program.print_out("AB"))
        for _ in range(2):
            await asyncio.sleep(0.1)
            assert not task.done()
            task.cancel()
        await asyncio.wait([task])
        assert told(capsys) == []
        await asyncio.sleep(1)

    virtual_clock.run(main())
    page, stopped = told(capsys)
    assert page == "printer: page A"
    assert stopped == "printer: told to stop before page B"


def test_one_queue_for_both() -> None:
    """It queues the call for the loop's one pool, the default executor, which `loop.run_in_executor(None, ...)` uses too."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        first = await asyncio.to_thread(threading.get_ident)
        second = await loop.run_in_executor(None, threading.get_ident)
        third = await asyncio.to_thread(threading.get_ident)
        assert first == second == third != threading.get_ident()

    asyncio.run(main())


@pytest.mark.parametrize("cpus", [1, 8, 100, None])
def test_the_size_of_the_pool(
    cpus: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default that pool has at most `min(32, cpus + 4)` threads; `cpus` is `os.cpu_count()`, and from 3.13 on `os.process_cpu_count()`."""
    counts = {"cpu_count", "process_cpu_count"}
    asked = "cpu_count" if PYTHON < (3, 13) else "process_cpu_count"
    for name in counts:
        count = cpus if name == asked else 1000
        monkeypatch.setattr(os, name, lambda count=count: count, raising=False)

    async def main() -> int:
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(int)
        size: int = loop._default_executor._max_workers  # type: ignore[attr-defined]
        return size

    assert asyncio.run(main()) == min(32, (cpus or 1) + 4)


def test_the_greeting_waits(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The greeting, a matter of no time, waited for a thread until disk C was done: in the timeline it begins where the upper backup ends."""
    program = load(f"{SLUG}/a_full_pool_lets_all_wait")
    greeted: list[float] = []

    async def main(threads: int) -> float:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(threads))
        start = loop.time()
        vars(program)["greet"] = lambda _: greeted.append(loop.time() - start)
        await program.evening(None)
        return greeted.pop()

    assert virtual_clock.run(main(2)) == pytest.approx(0.3, abs=0.02)
    assert virtual_clock.run(main(3)) == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("what", ["a name", "a file"])
def test_who_waits_in_the_queue(what: str, tmp_path: Path) -> None:
    """A full pool looks like a slow program, in places that have nothing to do with each other: the loop's look-up of host names and `aiofiles` wait in the same queue."""
    path = tmp_path / "note"
    path.write_text("hello")

    async def look() -> None:
        if what == "a name":
            await asyncio.get_running_loop().getaddrinfo("localhost", 80)
        else:
            async with aiofiles.open(path):
                pass

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        go = threading.Event()
        full = asyncio.create_task(asyncio.to_thread(go.wait, DEADLINE))
        looking = asyncio.create_task(look())
        done, _ = await asyncio.wait([looking], timeout=0.1)
        assert not done
        go.set()
        async with asyncio.timeout(DEADLINE):
            await asyncio.gather(full, looking)

    asyncio.run(main())


def test_a_call_in_the_queue() -> None:
    """A call that is cancelled while it queues is never made at all."""
    made: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        go = threading.Event()
        full = asyncio.create_task(asyncio.to_thread(go.wait, DEADLINE))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await asyncio.to_thread(made.append, "cancelled")
        go.set()
        await full
        await asyncio.to_thread(made.append, "a later one")

    asyncio.run(main())
    assert made == ["a later one"]


def test_a_pool_of_their_own() -> None:
    """So give calls that take long a pool of their own, and its size says how many of them may run at once."""
    begun, go = threading.Semaphore(0), threading.Event()

    def call() -> None:
        begun.release()
        go.wait(DEADLINE)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(2) as own:
            calls = [loop.run_in_executor(own, call) for _ in range(6)]
            for _ in range(2):
                assert await asyncio.to_thread(begun.acquire, timeout=DEADLINE)
            assert not await asyncio.to_thread(begun.acquire, timeout=0.1)
            go.set()
            await asyncio.gather(*calls)

    asyncio.run(main())


def test_the_end_of_the_pool() -> None:
    """Leave its `with` block when its calls are done: until they are, the end of the block holds the loop."""
    go, ended = threading.Event(), threading.Event()
    ran: list[str] = []

    def call() -> None:
        go.wait(DEADLINE)
        ended.set()

    async def give_up() -> None:
        loop = asyncio.get_running_loop()
        try:
            with ThreadPoolExecutor(1) as own:
                try:
                    await loop.run_in_executor(own, call)
                finally:
                    loop.call_soon(ran.append, "another callback")
                    threading.Timer(0.1, go.set).start()
                    assert not ended.is_set()
        finally:
            assert ended.is_set()
            assert ran == []  # nobody else has had the loop

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await give_up()

    asyncio.run(main())
    assert ran == ["another callback"]


def test_context_variables() -> None:
    """`to_thread` takes your context variables along into the thread; `run_in_executor` does not."""
    language = contextvars.ContextVar("language", default="none")

    async def main() -> tuple[str, str]:
        language.set("Welsh")
        loop = asyncio.get_running_loop()
        return (
            await asyncio.to_thread(language.get),
            await loop.run_in_executor(None, language.get),
        )

    assert asyncio.run(main()) == ("Welsh", "none")


def opened_after(program: ModuleType) -> float:
    """How long the door stands still, on the virtual clock."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await program.main()
        return loop.time() - start

    return virtual_clock.run(main())


@pytest.mark.parametrize(("kind", "seconds"), [("broken", 1), ("fixed", 0.2)])
def test_the_door_stands_still(
    kind: str, seconds: float, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """The visitor rang after a fifth of a second, and the door stood still for the whole second."""
    program = load(f"{SLUG}/bell_{kind}")
    assert opened_after(program) == pytest.approx(seconds, abs=0.05)
    assert ("door: opens" in told(capsys)) is (kind == "fixed")


def test_something_wakes_the_loop(load: Load) -> None:
    """In a busy server something wakes the loop all the time, and the mistake hides."""
    program = load(f"{SLUG}/bell_broken")

    async def main() -> float:
        loop = asyncio.get_running_loop()
        busy = asyncio.create_task(tick())
        start = loop.time()
        await program.main()
        busy.cancel()
        return loop.time() - start

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.01)

    assert virtual_clock.run(main()) == pytest.approx(0.2, abs=0.05)


def test_debug_mode_finds_it() -> None:
    """Debug mode finds it: there, `call_soon` from another thread raises `RuntimeError`, in that thread."""
    called: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(loop.call_soon, called.append, "called")

    with pytest.raises(RuntimeError, match="Non-thread-safe operation"):
        asyncio.run(main(), debug=True)
    assert called == []
    asyncio.run(main(), debug=False)
    assert called == ["called"]


def test_it_wakes_the_loop() -> None:
    """It queues the callback and wakes the loop through a socket:"""

    async def main() -> None:
        loop: Any = asyncio.get_running_loop()
        woken = asyncio.Event()
        sent = threading.Event()
        send = loop._csock.send

        class Counting:
            def send(self, data: bytes) -> None:
                sent.set()
                send(data)

        socket, loop._csock = loop._csock, Counting()
        thread = threading.Thread(target=loop.call_soon_threadsafe, args=[woken.set])
        thread.start()
        async with asyncio.timeout(DEADLINE):
            await woken.wait()
        thread.join()
        loop._csock = socket
        assert sent.is_set()

    asyncio.run(main())


@pytest.mark.parametrize("handed_over", [True, False])
@pytest.mark.parametrize("what", ["set", "put_nowait", "cancel", "create_task"])
def test_from_elsewhere(what: str, handed_over: bool) -> None:
    """From elsewhere, hand them to `call_soon_threadsafe`."""
    # Debug mode says who was called from elsewhere. The task that waits for it
    # then stays as it was for good, so this is not for asyncio.run.
    bell, queue = asyncio.Event(), asyncio.Queue[str]()
    made: list[asyncio.Task[None]] = []

    async def wait() -> None:
        if what == "put_nowait":
            await queue.get()
        elif what == "cancel":
            await asyncio.sleep(DEADLINE)
        else:
            await bell.wait()

    async def ring() -> None:
        bell.set()

    def create_task() -> None:
        ringing = ring()
        try:
            made.append(asyncio.create_task(ringing))
        except RuntimeError:
            ringing.close()
            raise

    async def main() -> bool:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        act: Callable[[], object] = {
            "set": bell.set,
            "put_nowait": lambda: queue.put_nowait("letter"),
            "cancel": task.cancel,
            "create_task": create_task,
        }[what]
        if handed_over:
            await asyncio.to_thread(loop.call_soon_threadsafe, act)
            await asyncio.wait([task], timeout=DEADLINE)
        else:
            with pytest.raises(RuntimeError, match=r"Non-thread-safe|no running"):
                await asyncio.to_thread(act)
        if not task.done():
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        return task.done()

    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    try:
        assert loop.run_until_complete(main()) is handed_over
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def test_one_at_a_time(load: Load) -> None:
    """`gather` made two tasks, and both were cooked downstairs, by turns."""
    program = load(f"{SLUG}/one_loop_per_thread")
    threads: list[int] = []
    lines: list[str] = []

    def note(line: str, *_: object) -> None:
        threads.append(threading.get_ident())
        lines.append(line.split()[-1])

    vars(program)["print"] = note

    async def main() -> None:
        await asyncio.gather(*(program.cook("dish") for _ in range(100)))

    virtual_clock.run(main())
    assert lines == ["begun"] * 100 + ["done"] * 100
    assert threads == [threading.get_ident()] * 200


def test_sent_to_another_loop() -> None:
    """`run_coroutine_threadsafe` hands a coroutine to the loop of another thread, and returns a `concurrent.futures.Future`."""
    ready = threading.Event()
    stop: list[Callable[[], object]] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def keep_open() -> None:
        closing = asyncio.Event()
        loops.append(asyncio.get_running_loop())
        stop.append(closing.set)
        ready.set()
        await closing.wait()

    async def where() -> int:
        await asyncio.sleep(0)
        return threading.get_ident()

    thread = threading.Thread(target=lambda: asyncio.run(keep_open()))
    thread.start()
    assert ready.wait(DEADLINE)
    sent = asyncio.run_coroutine_threadsafe(where(), loops[0])
    assert type(sent).__module__ == "concurrent.futures._base"
    assert sent.result(DEADLINE) == thread.ident != threading.get_ident()
    loops[0].call_soon_threadsafe(stop[0])
    thread.join(DEADLINE)
    assert not thread.is_alive()


def test_copies() -> None:
    """Function, arguments and result are pickled, so the worker has copies: what it changes in a list stays over there."""
    things = [1, 3]

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            await loop.run_in_executor(pool, bisect.insort, things, 2)
            unpicklable = loop.run_in_executor(pool, lambda: 1)
            with pytest.raises((pickle.PicklingError, AttributeError)):
                await unpicklable

    asyncio.run(main())
    assert things == [1, 3]
    bisect.insort(things, 2)
    assert things == [1, 2, 3]


def test_the_pool_stays_broken() -> None:
    """When a worker dies, the pool cannot tell whose fault it was: every call that is not done fails with `BrokenProcessPool`, and so does each later one."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            assert await loop.run_in_executor(pool, abs, -1) == 1
            calls = [
                pool.submit(time.sleep, 0.1),  # so that the others are queued
                *(pool.submit(end, 1) for end in (os._exit, abs, abs, abs, abs)),
            ]
            futures = map(asyncio.wrap_future, calls)
            ends = await asyncio.gather(*futures, return_exceptions=True)
            assert ends[0] is None
            assert [type(end) for end in ends[1:]] == [BrokenProcessPool] * 5
            with pytest.raises(BrokenProcessPool):
                await loop.run_in_executor(pool, abs, -1)

    asyncio.run(main())


def test_a_process_goes_on(tmp_path: Path) -> None:
    """A timeout stops a process no more than a thread: the worker computes to the end."""
    go, ended = tmp_path / "go", tmp_path / "ended"
    script = f"""
import pathlib, time
late = time.monotonic() + {DEADLINE}
while not pathlib.Path({str(go)!r}).exists() and time.monotonic() < late:
    time.sleep(0.01)
pathlib.Path({str(ended)!r}).touch()
"""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            assert await loop.run_in_executor(pool, abs, -1) == 1  # it is up
            call = loop.run_in_executor(pool, exec, script)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await call
            assert call.cancelled()
            assert not ended.exists()
            go.touch()

    asyncio.run(main())
    assert ended.exists()


def test_back_from_the_queue(tmp_path: Path) -> None:
    """Cancelling only takes back calls that have not begun, and the next few of those are on their way to a worker already."""
    go = tmp_path / "go"
    script = f"""
import pathlib, time
late = time.monotonic() + {DEADLINE}
while not pathlib.Path({str(go)!r}).exists() and time.monotonic() < late:
    time.sleep(0.01)
"""
    late = time.monotonic() + DEADLINE
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        begun = pool.submit(exec, script)
        calls = [pool.submit(abs, -number) for number in range(9)]
        while not calls[0].running() and time.monotonic() < late:
            time.sleep(0.01)
        assert not begun.cancel()
        taken_back = [call.cancel() for call in calls]
        go.touch()
    assert taken_back[0] is False
    assert taken_back[-1] is True
    assert taken_back == sorted(taken_back)
    assert taken_back.index(True) < 4
    results = [call.result() for call in calls if not call.cancelled()]
    assert results == [*range(taken_back.index(True))]


@since_3_14
def test_globals_of_its_own() -> None:
    """Its `served` counts on, and yours stays 0, as with a process; yet there is one process."""
    program = Program(HERE / "each_interpreter_has_its_own_globals.py")
    got = run(program.path)
    assert got == expected(program)
    assert "served there: 2, here: 0" in got.stdout
    assert got.stdout.count("the same process? True") == 2


@since_3_14
def test_not_shareable(tmp_path: Path) -> None:
    """Arguments are copied, and an object that cannot be copied raises `NotShareableError`."""
    script = tmp_path / "script.py"
    script.write_text("""\
import bisect
from concurrent.futures import InterpreterPoolExecutor
from concurrent.interpreters import NotShareableError

if __name__ == "__main__":
    things = [1, 3]
    with InterpreterPoolExecutor(1) as pool:
        pool.submit(bisect.insort, things, 2).result()
        print(things)
        try:
            pool.submit(id, open(__file__)).result()
        except NotShareableError:
            print("not shareable")
""")
    assert printed_by(script).stdout.splitlines() == ["[1, 3]", "not shareable"]


@since_3_14
def test_a_crash(tmp_path: Path) -> None:
    """And a crash takes the whole program along."""
    script = tmp_path / "script.py"
    script.write_text("""\
import os
from concurrent.futures import InterpreterPoolExecutor

if __name__ == "__main__":
    with InterpreterPoolExecutor(1) as pool:
        print(pool.submit(abs, -1).result(), flush=True)
        pool.submit(os.abort).exception()
        print("still here", flush=True)
""")
    done = printed_by(script)
    assert done.returncode < 0
    assert done.stdout.splitlines() == ["1"]


def test_luck(capsys: pytest.CaptureFixture[str]) -> None:
    """It opens, a tenth of a second late. The timer at 0.3 seconds wakes the loop, which finds the callback in its queue."""
    tick = "async def tick() -> None:\n    for _ in range(3):\n        await asyncio.sleep(0.3)\n\n\nasync def main()"
    program = changed(
        "bell_broken",
        ("async def main()", tick),
        ("    try:\n", "    ticks = asyncio.create_task(tick())\n    try:\n"),
    )
    assert opened_after(program) == pytest.approx(0.3, abs=0.02)
    assert "door: opens" in told(capsys)


def test_without_the_shield(capsys: pytest.CaptureFixture[str]) -> None:
    """The cancellation goes through to the task that waits for the thread, which ends at once, and `asyncio.wait` has nothing left to wait for."""
    program = changed(
        "timeout_and_thread_fixed", ("asyncio.shield(printing)", "printing")
    )
    virtual_clock.run(program.main())
    assert told(capsys) == [
        "main: gave up",
        "printer: page A",
        "printer: told to stop before page B",
        "main: all done",
    ]
