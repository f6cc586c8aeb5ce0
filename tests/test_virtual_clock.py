"""The claims of examples/tools/virtual_clock.py."""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import virtual_clock
from virtual_clock import DeadlockError, EventLoop, VirtualClock

TOOL = Path(virtual_clock.__file__)
DAY = 86_400
LIMIT = 60  # real seconds: what needs them has waited in vain


def now() -> float:
    """The running loop's time, to the millisecond."""
    return round(asyncio.get_running_loop().time(), 3)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no load on this machine move the clock while a thread works."""
    monkeypatch.setattr(virtual_clock, "GRACE", LIMIT)


def block(seconds: float) -> None:
    """Stop the thread, and with it the loop that runs in it."""
    time.sleep(seconds)


# The clock --------------------------------------------------------------------


def test_sleeping_takes_no_time() -> None:
    """A sleep of a day ends at once, and a day later on the loop's clock."""

    async def main() -> float:
        await asyncio.sleep(DAY)
        return now()

    assert virtual_clock.run(main()) == DAY


def test_run_returns_and_raises_like_asyncio_run() -> None:
    """run() returns what main() returns, raises what it raises, sets debug."""

    async def main(fail: bool) -> bool:
        if fail:
            raise LookupError("no such page")
        return asyncio.get_running_loop().get_debug()

    assert virtual_clock.run(main(False), debug=True)
    assert not virtual_clock.run(main(False), debug=False)
    with pytest.raises(LookupError, match="no such page"):
        virtual_clock.run(main(True))


def test_equal_sleeps_end_in_the_order_in_which_they_began() -> None:
    """Ten equal sleeps end first come, first served, not in the order of a heap."""
    ended = []

    async def nap(n: int) -> None:
        await asyncio.sleep(0.1)
        ended.append(n)

    async def main() -> None:
        await asyncio.gather(*map(nap, range(10)))

    virtual_clock.run(main())
    assert ended == list(range(10))


@pytest.mark.parametrize(
    ("apart", "order"),
    [(0.00005, ["first", "second", "soon"]), (0.0005, ["first", "soon", "second"])],
)
def test_timers_wake_together_within_a_tenth_of_a_millisecond(
    apart: float, order: list[str]
) -> None:
    """Timers 0.05 ms apart run in one turn of the loop, timers 0.5 ms apart in two."""
    called: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def first() -> None:
            called.append("first")
            loop.call_soon(called.append, "soon")

        start = loop.time()
        loop.call_at(start + 1, first)
        loop.call_at(start + 1 + apart, called.append, "second")
        await asyncio.sleep(2)

    virtual_clock.run(main())
    assert called == order


@pytest.mark.parametrize("name", ["monotonic", "perf_counter", "time"])
def test_the_time_module_follows_the_clock(name: str) -> None:
    """time.monotonic(), perf_counter(), time() and their _ns twins follow the clock."""

    def look() -> tuple[float, float]:
        return getattr(time, name)(), getattr(time, f"{name}_ns")() / 1e9

    async def main() -> None:
        before = look()
        await asyncio.sleep(100)
        block(20)
        for old, new in zip(before, look(), strict=True):
            assert new - old == pytest.approx(120, abs=0.001)

    virtual_clock.run(main())


def test_wall_time_starts_from_the_real_one() -> None:
    """time.time() starts from the real time, so that dates make sense."""
    with VirtualClock():
        virtual = time.time()
    assert abs(time.time() - virtual) < LIMIT


def test_each_look_costs_a_microsecond() -> None:
    """No two readings of the clock are equal."""
    with VirtualClock() as clock:
        assert [time.monotonic(), time.perf_counter()] == [1e-6, 2e-6]
        assert clock.now == 2e-6


def test_time_sleep_blocks_the_loop_in_virtual_time() -> None:
    """While one task calls time.sleep(), no other runs, and the timers are late."""
    said = []

    async def tick() -> None:
        for _ in range(3):
            await asyncio.sleep(1)
            said.append(("tick", now()))

    async def main() -> None:
        ticking = asyncio.create_task(tick())
        await asyncio.sleep(1.5)
        block(10)
        said.append(("blocked", now()))
        await ticking

    virtual_clock.run(main())
    assert said == [("tick", 1), ("blocked", 11.5), ("tick", 11.5), ("tick", 12.5)]


def test_time_is_put_back() -> None:
    """After the block all is as it was, even what was imported inside it."""
    before = time.sleep, time.monotonic, selectors.DefaultSelector.select
    with VirtualClock():
        from time import monotonic, sleep

        assert time.sleep is not before[0]
    assert before == (time.sleep, time.monotonic, selectors.DefaultSelector.select)
    assert abs(monotonic() - time.monotonic()) < LIMIT
    sleep(0)


def test_a_sleep_checks_its_argument() -> None:
    """time.sleep(-1) is still an error."""
    with VirtualClock(), pytest.raises(ValueError, match="non-negative"):
        time.sleep(-1)


# Ways to use it ---------------------------------------------------------------


def test_a_block_changes_every_loop_inside() -> None:
    """In a with block asyncio.run(), Runner and loops with any selector follow it."""

    async def main() -> None:
        await asyncio.sleep(DAY)

    with VirtualClock() as clock:
        asyncio.run(main())
        with asyncio.Runner() as runner:
            runner.run(main())
            runner.run(main())
        loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
        loop.run_until_complete(main())
        loop.close()
        assert round(clock.now, 2) == 4 * DAY


def test_a_loop_factory_brings_the_clock() -> None:
    """With EventLoop as loop_factory, the clock is there until the loop is closed."""
    real = time.sleep
    with asyncio.Runner(loop_factory=EventLoop) as runner:
        runner.run(asyncio.sleep(DAY))
        assert time.sleep is not real
        other = EventLoop()
    assert time.sleep is not real
    other.run_until_complete(asyncio.sleep(DAY))
    other.close()
    other.close()
    assert time.sleep is real


def test_blocks_nest() -> None:
    """A clock inside another has a time of its own."""
    with VirtualClock() as outer:
        time.sleep(5)
        with VirtualClock() as inner:
            time.sleep(3)
        time.sleep(2)
    assert (round(outer.now, 2), round(inner.now, 2)) == (7, 3)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks need Python 3.12")
def test_eager_tasks_run() -> None:
    """Eager tasks start at once and then wait like others."""
    said = []

    async def child() -> None:
        said.append("child")
        await asyncio.sleep(DAY)
        said.append("child woke")

    async def main() -> None:
        eager: Any = vars(asyncio)["eager_task_factory"]
        asyncio.get_running_loop().set_task_factory(eager)
        task = asyncio.create_task(child())
        said.append("main")
        await task

    virtual_clock.run(main())
    assert said == ["child", "main", "child woke"]


# Threads ----------------------------------------------------------------------


def test_threads_sleep_on_the_same_clock() -> None:
    """time.sleep() in threads and asyncio.sleep() in tasks end in common order."""
    said = []

    def work(seconds: float) -> None:
        time.sleep(seconds)
        said.append(seconds)

    async def tick(seconds: float) -> None:
        await asyncio.sleep(seconds)
        said.append(seconds)

    async def main() -> float:
        threads = [asyncio.to_thread(work, seconds) for seconds in (30, 10)]
        await asyncio.gather(*threads, *map(tick, (5, 20, 40)))
        return now()

    assert virtual_clock.run(main()) == 40
    assert said == [5, 10, 20, 30, 40]


def test_a_timeout_does_not_overtake_a_working_thread() -> None:
    """While a thread works, the clock does not jump to the timeout around it."""

    async def main() -> str:
        async with asyncio.timeout(LIMIT):
            await asyncio.to_thread(virtual_clock.real_sleep, 0.3)
        return "in time"

    assert virtual_clock.run(main()) == "in time"


def test_a_short_work_of_a_thread_takes_no_time() -> None:
    """The clock stands still while a thread works, for up to GRACE seconds."""

    async def main() -> float:
        async with asyncio.timeout(0.01):
            await asyncio.to_thread(virtual_clock.real_sleep, 0.1)
        return now()

    assert virtual_clock.run(main()) < 0.01


def test_a_timeout_ends_the_wait_for_a_thread_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After GRACE seconds the clock goes on, so that no thread can stop it."""
    monkeypatch.setattr(virtual_clock, "GRACE", 0.1)
    hang = threading.Event()

    async def main() -> None:
        try:
            async with asyncio.timeout(0.05):
                await asyncio.to_thread(hang.wait, LIMIT)
        finally:
            hang.set()

    with pytest.raises(TimeoutError):
        virtual_clock.run(main())


def test_work_queues_for_a_thread() -> None:
    """Three sleeps of a second take three seconds in one thread, one in three."""

    async def main(threads: int) -> float:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(threads) as pool:
            naps = [loop.run_in_executor(pool, time.sleep, 1) for _ in range(3)]
            await asyncio.gather(*naps)
        return now()

    assert round(virtual_clock.run(main(1)), 1) == 3
    assert round(virtual_clock.run(main(3)), 1) == 1


def test_threads_need_no_loop() -> None:
    """The clock moves for threads alone as well."""
    with VirtualClock() as clock:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(time.sleep, [DAY, DAY, DAY]))
        assert round(clock.now, 1) == DAY


def test_a_thread_waits_for_a_coroutine() -> None:
    """A thread that waits for run_coroutine_threadsafe() does not hold the clock."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()

        async def nap() -> float:
            await asyncio.sleep(DAY)
            return now()

        def ask() -> float:
            return asyncio.run_coroutine_threadsafe(nap(), loop).result()

        return [await asyncio.to_thread(ask), await asyncio.to_thread(ask)]

    assert virtual_clock.run(main()) == pytest.approx([DAY, 2 * DAY], abs=1)


def test_two_loops_in_two_threads_share_the_clock() -> None:
    """Loops in two threads take their turns in the order of virtual time."""
    said = []

    async def tick(name: str, seconds: float) -> None:
        for _ in range(3):
            await asyncio.sleep(seconds)
            said.append((name, round(now(), 1)))

    with VirtualClock():
        other = threading.Thread(target=lambda: asyncio.run(tick("b", 25)))
        other.start()
        asyncio.run(tick("a", 10))
        other.join()
    assert said == [("a", 10), ("a", 20), ("b", 25), ("a", 30), ("b", 50), ("b", 75)]


def test_threads_that_ran_before_do_not_hold_the_clock() -> None:
    """Threads of a test runner, started before the clock, are left alone."""
    done = threading.Event()
    earlier = threading.Thread(target=done.wait, args=(LIMIT,))
    earlier.start()
    try:
        virtual_clock.run(asyncio.sleep(DAY))
        assert earlier.is_alive()
    finally:
        done.set()
        earlier.join()


# Sockets and processes --------------------------------------------------------


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each line a second later."""
    async for line in reader:
        await asyncio.sleep(1)
        writer.write(line)
    writer.close()
    await writer.wait_closed()


def test_streams_between_two_tasks() -> None:
    """A server and clients in one loop: only the sleeps take time, no timeout fires."""

    async def client(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for n in range(3):
            writer.write(b"%d\n" % n)
            async with asyncio.timeout(1.5):
                assert await reader.readline() == b"%d\n" % n
        writer.close()
        await writer.wait_closed()

    async def main() -> float:
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await asyncio.gather(*(client(port) for _ in range(5)))
        return now()

    assert round(virtual_clock.run(main()), 2) == 3


def test_sockets_of_this_process_are_told_from_others(slow_server: int) -> None:
    """What is connected to this process itself does not slow the clock."""
    peers = {}
    ours = socket.create_server(("127.0.0.1", 0))
    near = socket.create_connection(ours.getsockname())
    far = socket.create_connection(("127.0.0.1", slow_server))
    udp = socket.socket(type=socket.SOCK_DGRAM)
    pair = socket.socketpair()
    sockets = {"server": ours, "near": near, "far": far, "udp": udp, "pair": pair[0]}
    for name, end in sockets.items():
        with selectors.DefaultSelector() as selector:
            selector.register(end, selectors.EVENT_READ)
            peers[name] = virtual_clock.peers_of(selector)
    for end in (*sockets.values(), pair[1]):
        end.close()
    assert peers == {
        "server": {"anyone", "ours"},
        "near": {"ours"},
        "far": {"outside"},
        "udp": {"anyone", "ours"},
        "pair": {"pair"},
    }


@pytest.mark.skipif(
    not hasattr(socket, "TCP_QUICKACK"), reason="only Linux can delay an ACK at will"
)
def test_bytes_that_the_system_holds_back_arrive_in_time() -> None:
    """The clock waits for what the kernel keeps for 40 ms (Nagle's algorithm)."""

    async def main() -> bytes:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as server:
            sender = socket.create_connection(server.getsockname())
            receiver, _ = server.accept()
        with sender, receiver:
            receiver.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
            receiver.setblocking(False)
            for part in b"one", b"two":
                sender.sendall(part)
            got = b""
            async with asyncio.timeout(LIMIT):
                while len(got) < 6:
                    got += await loop.sock_recv(receiver, 6)
            return got

    assert virtual_clock.run(main()) == b"onetwo"


def test_aiohttp_between_two_tasks() -> None:
    """An aiohttp server and client in one loop keep their timers and connections."""
    aiohttp = pytest.importorskip("aiohttp")
    from aiohttp import web

    async def page(request: Any) -> Any:
        await asyncio.sleep(10)
        return web.Response(text=request.match_info["n"])

    async def main() -> tuple[list[str], float]:
        app = web.Application()
        app.router.add_get("/{n}", page)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]

        async def fetch(session: Any, n: int) -> str:
            async with session.get(f"http://127.0.0.1:{port}/{n}") as response:
                return str(await response.text())

        timeout = aiohttp.ClientTimeout(total=30)
        connector = aiohttp.TCPConnector(limit=2)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout
        ) as session:
            pages = await asyncio.gather(*(fetch(session, n) for n in range(4)))
        took = now()
        await runner.cleanup()
        return pages, took

    pages, took = virtual_clock.run(main())
    assert pages == ["0", "1", "2", "3"]
    assert round(took, 1) == 20


@pytest.fixture
def slow_server() -> Iterator[int]:
    """The port of another process, which greets after a third of a second."""
    code = (
        "import socket, time\n"
        "server = socket.create_server(('127.0.0.1', 0))\n"
        "print(server.getsockname()[1], flush=True)\n"
        "caller = server.accept()[0]\n"
        "time.sleep(0.3)\n"
        "caller.sendall(b'hello')\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield int(process.stdout.readline())
        process.kill()


def test_the_clock_waits_for_another_process(slow_server: int) -> None:
    """No timeout jumps ahead of an answer from outside this process."""

    async def main() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", slow_server)
        async with asyncio.timeout(LIMIT):
            answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    assert virtual_clock.run(main()) == b"hello"


async def child(seconds: float) -> asyncio.subprocess.Process:
    """Start a child process that sleeps."""
    code = f"import time; time.sleep({seconds})"
    return await asyncio.create_subprocess_exec(sys.executable, "-c", code)


def test_the_clock_waits_for_a_child() -> None:
    """The timeout around a child process does not fire while it does its work."""

    async def main() -> int:
        async with asyncio.timeout(LIMIT):
            return await (await child(0.3)).wait()

    assert virtual_clock.run(main()) == 0


def test_a_child_that_hangs_is_timed_out() -> None:
    """Beside a child process the clock goes at the ordinary pace."""

    async def main() -> int:
        process = await child(LIMIT)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await process.wait()
        process.kill()
        return await process.wait()

    assert virtual_clock.run(main()) == -signal.SIGKILL


def test_a_child_of_a_thread_goes_at_the_ordinary_pace() -> None:
    """A thread that waits for a child process does not stop the clock."""
    code = f"import time; time.sleep({LIMIT})"

    async def main(process: subprocess.Popen[bytes]) -> None:
        try:
            async with asyncio.timeout(0.3):
                await asyncio.to_thread(process.wait)
        finally:
            process.kill()

    with (
        subprocess.Popen([sys.executable, "-c", code]) as process,
        pytest.raises(TimeoutError),
    ):
        virtual_clock.run(main(process))


def test_a_loop_that_has_something_to_do_is_at_work() -> None:
    """A thread does not move the clock while another's loop is about to wake."""
    here, there = socket.socketpair()
    with here, there, selectors.DefaultSelector() as selector, VirtualClock() as clock:
        selector.register(here, selectors.EVENT_READ)
        loop = virtual_clock.Wait(float("inf"), selector.select, selector)
        mine = virtual_clock.Wait(float("inf"), selector.select)
        waiting = {threading.get_ident(): mine, -1: loop}  # as if thread -1 waited
        clock._waiting.update(waiting)
        assert clock._at_work(waiting) == set()
        there.send(b"!")
        assert clock._at_work(waiting) == {"thread"}


# Deadlocks --------------------------------------------------------------------


async def hold(first: asyncio.Lock, second: asyncio.Lock) -> None:
    """Take two locks, the second a second later."""
    async with first:
        await asyncio.sleep(1)
        async with second:
            pass


def test_a_deadlock_names_who_waits_for_what() -> None:
    """Each waiting task is named, with its line, its function and the library call."""

    async def lines(queue: asyncio.Queue[str]) -> AsyncIterator[str]:
        while True:
            yield await queue.get()

    async def read() -> None:
        async for _ in lines(asyncio.Queue()):
            pass

    async def main() -> None:
        a, b = asyncio.Lock(), asyncio.Lock()
        if task := asyncio.current_task():
            task.set_name("all")
        async with asyncio.TaskGroup() as group:
            group.create_task(hold(a, b), name="ab")
            group.create_task(hold(b, a), name="ba")
            group.create_task(read(), name="reader")

    with pytest.raises(DeadlockError) as caught:
        virtual_clock.run(main())
    source = Path(__file__).read_text("utf-8").splitlines()
    tasks = "async with asyncio.TaskGroup() as group:"

    def at(text: str, function: str) -> str:
        line = [row.strip() for row in source].index(text) + 1
        return f"at line {line} of {Path(__file__).name} in {function}(): {text}"

    said = str(caught.value).replace("_aexit)", "__aexit__)")  # since 3.14
    assert said.splitlines() == [
        "nothing is left that could end this wait:",
        f"  Task 'ab' waits {at('async with second:', 'hold')} (Lock.acquire)",
        f"  Task 'ba' waits {at('async with second:', 'hold')} (Lock.acquire)",
        f"  Task 'all' waits {at(tasks, 'main')} (TaskGroup.__aexit__)",
        f"  Task 'reader' waits {at('yield await queue.get()', 'lines')} (Queue.get)",
    ]


def test_a_deadlock_cleans_up() -> None:
    """The tasks of a deadlock are cancelled, and their finally blocks run."""
    said = []

    async def main() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            said.append(now())

    with pytest.raises(DeadlockError):
        virtual_clock.run(main())
    assert said == [1]


def test_resting_threads_do_not_hide_a_deadlock() -> None:
    """Threads that wait for work cannot wake a task, and are known not to."""

    async def main() -> None:
        await asyncio.to_thread(time.sleep, 1)
        await asyncio.Event().wait()

    with pytest.raises(DeadlockError, match=r"Event\.wait"):
        virtual_clock.run(main())


def from_outside(act: Callable[[], None]) -> tuple[threading.Thread, threading.Event]:
    """Start a thread that acts a moment after the event is set."""
    go = threading.Event()

    def later() -> None:
        go.wait(LIMIT)
        virtual_clock.real_sleep(0.2)
        act()

    thread = threading.Thread(target=later)
    thread.start()
    return thread, go


def test_a_server_may_wait_for_callers() -> None:
    """While a socket listens, a wait for a caller is no deadlock."""
    address: list[Any] = []
    thread, go = from_outside(lambda: socket.create_connection(address[0]).close())

    async def main() -> str:
        called = asyncio.Event()

        async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            called.set()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        address.append(server.sockets[0].getsockname())
        go.set()
        async with server:
            await called.wait()
        return "called"

    assert virtual_clock.run(main()) == "called"
    thread.join()


def test_a_loop_may_wait_for_a_signal() -> None:
    """While the loop handles a signal, a wait for it is no deadlock."""
    thread, go = from_outside(lambda: os.kill(os.getpid(), signal.SIGUSR1))

    async def main() -> str:
        got = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, got.set)
        go.set()
        await got.wait()
        return "got it"

    assert virtual_clock.run(main()) == "got it"
    thread.join()


# The command line -------------------------------------------------------------

Printed = tuple[str, str, int]


def python(*arguments: str | Path, cwd: Path) -> Printed:
    """Run Python, and return what it printed, and its exit status."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"NO_COLOR": "1", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return done.stdout, done.stderr, done.returncode


PROGRAMS = {
    "argv": "import sys; print(sys.argv, __name__, __file__, sys.path[0], __spec__)",
    "traceback": """
        import asyncio
        async def fail():
            await asyncio.sleep(0.01)
            raise ValueError("no such page")
        async def main():
            try:
                await fail()
            except ValueError as error:
                raise LookupError("lost") from error
        asyncio.run(main())
        """,
    "group": """
        import asyncio
        async def fail():
            await asyncio.sleep(0.01)
            raise ValueError("no such page")
        async def main():
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
                group.create_task(asyncio.sleep(5))
        asyncio.run(main())
        """,
    "exit status": "import sys; sys.exit(3)",
    "exit message": "import sys; sys.exit('enough')",
    "syntax error": "import asyncio\nawait = 1",
    "interrupted": """
        import asyncio, os, signal
        async def main():
            asyncio.get_running_loop().call_later(
                0.05, os.kill, os.getpid(), signal.SIGINT)
            try:
                await asyncio.sleep(5)
            finally:
                print("cleaned up", flush=True)
        asyncio.run(main())
        """,
    "terminated": """
        import asyncio, os, signal
        async def main():
            loop = asyncio.get_running_loop()
            stop = asyncio.Event()
            loop.add_signal_handler(signal.SIGTERM, stop.set)
            loop.call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
            await stop.wait()
            print("stopped")
        asyncio.run(main())
        """,
    "several runs": """
        import asyncio
        async def main(n):
            await asyncio.sleep(0.01)
            print(n, asyncio.get_running_loop().get_debug())
        asyncio.run(main(1))
        asyncio.run(main(2), debug=True)
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(main(3))
            runner.run(main(4))
        """,
    "forgotten": """
        import asyncio, logging
        logging.basicConfig(level=logging.DEBUG, format="%(name)s %(message)s")
        async def fail():
            raise ValueError("nobody asks")
        async def main():
            task = asyncio.create_task(fail())
            await asyncio.sleep(0.01)
        asyncio.run(main())
        """,
    "main": """
        import __main__, asyncio, pickle
        class Page: pass
        async def main():
            await asyncio.sleep(0.01)
            return type(pickle.loads(pickle.dumps(Page()))) is Page
        if __name__ == "__main__":
            print(asyncio.run(main()), __main__.Page is Page)
        """,
    "thread error": """
        import threading, time
        def work():
            time.sleep(0.01)
            raise ValueError("in a thread")
        threading.Thread(target=work, name="worker").start()
        time.sleep(0.05)
        print("main ends")
        """,
    "late thread": """
        import atexit, threading, time
        def work():
            time.sleep(0.05)
            print("thread ends")
        atexit.register(print, "at exit")
        threading.Thread(target=work).start()
        print("main ends")
        """,
    "processes": """
        import asyncio, time
        from concurrent.futures import ProcessPoolExecutor
        def work(n):
            time.sleep(0.05)
            return n * n
        async def main():
            loop = asyncio.get_running_loop()
            with ProcessPoolExecutor(2) as pool:
                works = [loop.run_in_executor(pool, work, n) for n in range(3)]
                print(await asyncio.gather(*works))
        if __name__ == "__main__":
            asyncio.run(main())
        """,
    "fork": """
        import multiprocessing, time
        def work():
            time.sleep(0.05)
            print(time.get_clock_info("monotonic").resolution, flush=True)
        if __name__ == "__main__":
            child = multiprocessing.get_context("fork").Process(target=work)
            child.start()
            child.join(30)
            print(child.exitcode)
        """,
}


def dedent(text: str) -> str:
    """A program without the indentation that it has in this file."""
    lines = text.strip("\n").splitlines()
    width = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[width:] for line in lines).rstrip() + "\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_script_prints_the_same(name: str, tmp_path: Path) -> None:
    """On the clock a script has the same stdout, stderr, tracebacks and exit status."""
    script = tmp_path / "script.py"
    script.write_text(dedent(PROGRAMS[name]), "utf-8")
    plain = python("script.py", "one", "--two", cwd=tmp_path)
    assert python(TOOL, "script.py", "one", "--two", cwd=tmp_path) == plain


def test_a_script_does_not_wait(tmp_path: Path) -> None:
    """A script that sleeps for a day is done at once."""
    script = tmp_path / "script.py"
    script.write_text("import asyncio\nasyncio.run(asyncio.sleep(86400))\n", "utf-8")
    assert python(TOOL, script, cwd=tmp_path) == ("", "", 0)


def test_each_run_reads_the_same_times(tmp_path: Path) -> None:
    """A program that talks to nobody reads the same times in each run, to the bit."""
    code = """
        import asyncio, time
        async def child(n, lock):
            async with lock:
                await asyncio.sleep(n / 7)
                print(n, asyncio.get_running_loop().time(), time.perf_counter())
        async def main():
            lock = asyncio.Semaphore(3)
            async with asyncio.TaskGroup() as group:
                for n in range(20):
                    group.create_task(child(n, lock))
            print(time.monotonic())
        asyncio.run(main())
        """
    (tmp_path / "script.py").write_text(dedent(code), "utf-8")
    first = python(TOOL, "script.py", cwd=tmp_path)
    assert first[0].count("\n") == 21
    for _ in range(3):
        assert python(TOOL, "script.py", cwd=tmp_path) == first


def test_a_deadlock_is_an_error_of_the_script(tmp_path: Path) -> None:
    """On the command line a deadlock ends the script, with no frame of this tool."""
    code = "import asyncio\nasyncio.run(asyncio.Event().wait())\n"
    (tmp_path / "script.py").write_text(code, "utf-8")
    stdout, stderr, status = python(TOOL, "script.py", cwd=tmp_path)
    assert (stdout, status) == ("", 1)
    assert "DeadlockError: nothing is left that could end this wait:" in stderr
    assert TOOL.name not in stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Usage: python virtual_clock.py script.py [arguments]\n"),
        (["no.py"], "virtual_clock: cannot read no.py: No such file or directory\n"),
        (["."], "virtual_clock: cannot read .: Is a directory\n"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], message: str, tmp_path: Path
) -> None:
    """Without a script that can be read, one sentence says so, and the status is 1."""
    assert python(TOOL, *arguments, cwd=tmp_path) == ("", message, 1)


# CPython's own tests ----------------------------------------------------------

# Tests of CPython's test.test_asyncio that pass on the stock loop and cannot pass on
# the virtual clock: the end of their name, and why.
EXCEPTIONS: dict[str, str] = {}

RUN_CPYTHON_TESTS = """
import contextlib, importlib, json, pkgutil, sys, unittest
import test.test_asyncio
from virtual_clock import VirtualClock

def main(clock, out, names):
    load = unittest.defaultTestLoader
    suite = unittest.TestSuite()
    if names:
        suite.addTests(load.loadTestsFromNames(names))
    else:
        for module in pkgutil.iter_modules(test.test_asyncio.__path__):
            name = f"test.test_asyncio.{module.name}"
            with contextlib.suppress(unittest.SkipTest):  # Windows only
                if module.name.startswith("test_"):
                    suite.addTests(load.loadTestsFromModule(importlib.import_module(name)))
    with VirtualClock() if clock == "virtual" else contextlib.nullcontext():
        result = unittest.TextTestRunner(verbosity=0).run(suite)
    bad = [test for test, _ in result.failures + result.errors]
    bad += result.unexpectedSuccesses
    bad = sorted({getattr(test, "test_case", test).id() for test in bad})
    with open(out, "w") as file:
        json.dump({"run": result.testsRun, "bad": bad}, file)

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
"""


def cpython_tests(python: str, folder: Path, clock: str, *names: str) -> dict[str, Any]:
    """Run CPython's asyncio tests; return how many, and which did not pass."""
    script = folder / "run_cpython_tests.py"
    script.write_text(RUN_CPYTHON_TESTS, "utf-8")
    out = folder / f"{clock}.json"
    subprocess.run(
        [python, str(script), clock, str(out), *names],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(TOOL.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=600,
        check=False,
    )
    result: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return result


def test_cpythons_own_tests_pass(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """What passes of CPython's asyncio tests on the stock loop passes on the clock."""
    if not request.config.getoption("--slow", default=False):
        pytest.skip("takes a minute: run with --slow")
    has_tests = [sys.executable, "-c", "import test.test_asyncio"]
    if subprocess.run(has_tests, capture_output=True, check=False).returncode:
        pytest.skip("this Python comes without test.test_asyncio: use one that has it")
    virtual = cpython_tests(sys.executable, tmp_path, "virtual")
    assert virtual["run"] > 1500
    bad = set(virtual["bad"])
    if bad:
        bad -= set(cpython_tests(sys.executable, tmp_path, "stock", *bad)["bad"])
    assert {name.split(".", 2)[2] for name in bad} == set(EXCEPTIONS)
