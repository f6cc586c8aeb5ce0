"""The claims of `concepts/non-blocking-io.md`."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import selectors
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import types
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import aiofiles
import aiohttp
import aiosqlite
import pytest
from aiohttp import web

from editing import changed
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
T = TypeVar("T")
HERE = EXAMPLES / "non_blocking_io"
DEADLINE = 30  # seconds; whatever waits longer hangs


def run_in_time(coro: Awaitable[T]) -> T:
    """Run `coro` in a loop of its own, for at most DEADLINE seconds."""

    async def main() -> T:
        async with asyncio.timeout(DEADLINE):
            return await coro

    return asyncio.run(main())


def what_the_server_heard(
    program: ModuleType,
    patience: float,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> str:
    """Run `program` with a server that answers when the heart has beaten.

    The server gives up after `patience` seconds. Returns what it answers.
    """
    third_beat = threading.Event()

    async def heart() -> None:
        for _ in range(3):
            await asyncio.sleep(0.001)
        third_beat.set()

    def server(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1024)
            heard = third_beat.wait(patience)
            word = b"a heart" if heard else b"no heart"
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + word)

    monkeypatch.setattr(program, "heart", heart)
    monkeypatch.setattr(program, "slow_server", server)
    run_in_time(program.main())
    return capsys.readouterr().out.splitlines()[-1]


class CountingPool(ThreadPoolExecutor):
    """The loop's pool of threads; it counts the jobs that it is given."""

    jobs = 0

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        """Count a job, and do it."""
        self.jobs += 1
        return super().submit(*args, **kwargs)

    @classmethod
    def of_this_loop(cls) -> CountingPool:
        """A pool that the running loop uses from now on, and shuts down."""
        pool = cls()
        asyncio.get_running_loop().set_default_executor(pool)
        return pool


class WatchedSelector(selectors.DefaultSelector):
    """A selector that notes how long the loop lets it sleep."""

    def __init__(self) -> None:
        """Nothing is noted yet."""
        super().__init__()
        self.timeouts: list[float | None] = []
        self.seen_enough = threading.Event()

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Note, and select; a sleep is enough, or 100 looks without one."""
        self.timeouts.append(timeout)
        if timeout != 0 or len(self.timeouts) == 100:
            self.seen_enough.set()
        return super().select(timeout)

    async def sleeps_during(
        self, what: Awaitable[object], wake: Callable[[], object]
    ) -> list[float | None]:
        """Await `what`, which `wake` ends; return how long the loop would sleep."""
        self.timeouts.clear()
        self.seen_enough.clear()

        def wake_later() -> None:
            self.seen_enough.wait(DEADLINE)
            wake()

        waker = threading.Thread(target=wake_later)
        waker.start()
        await what
        waker.join()
        return [timeout for timeout in self.timeouts if timeout != 0]


def test_async_def_frees_nobody(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`async def` does not make what is inside it non-blocking."""
    program = load("non_blocking_io/blocking_call_broken")
    heard = what_the_server_heard(program, 0.2, monkeypatch, capsys)
    assert heard == "main: got no heart"


def test_a_thread_frees_the_loop(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`main` pauses at its `await`, control goes back to the loop, and the heart beats."""
    program = load("non_blocking_io/blocking_call_fixed")
    heard = what_the_server_heard(program, 5, monkeypatch, capsys)
    assert heard == "main: got a heart"


def test_a_connection_refuses_other_threads() -> None:
    """Another thread must be allowed to make the call: an object of `sqlite3`, for one, refuses all threads but its own, unless told otherwise."""

    async def main() -> None:
        with closing(sqlite3.connect(":memory:")) as db:
            assert db.execute("SELECT 1").fetchall() == [(1,)]
            with pytest.raises(sqlite3.ProgrammingError, match="same thread"):
                await asyncio.to_thread(db.execute, "SELECT 1")
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as db:
            rows = await asyncio.to_thread(db.execute, "SELECT 1")
            assert rows.fetchall() == [(1,)]

    run_in_time(main())


def test_recv_does_not_wait() -> None:
    """A socket can be told not to block: `recv` then returns what has arrived, or raises `BlockingIOError` at once."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        with pytest.raises(BlockingIOError):
            ours.recv(100)  # a socket that blocks would hang the test here
        theirs.send(b"hot")
        assert ours.recv(100) == b"hot"


def test_the_selector_gives_what_is_ready() -> None:
    """You give it many sockets, and it sleeps until at least one of them is ready."""
    pairs = [socket.socketpair() for _ in range(5)]
    with selectors.DefaultSelector() as selector:
        for number, (ours, _) in enumerate(pairs):
            selector.register(ours, selectors.EVENT_READ, number)
        assert selector.select(timeout=0) == []
        sender = threading.Timer(0.05, pairs[3][1].send, [b"hot"])
        sender.start()
        assert [key.data for key, _ in selector.select(DEADLINE)] == [3]
        sender.join()
    for pair in pairs:
        for sock in pair:
            sock.close()


def test_asyncio_uses_a_selector_and_sockets_that_do_not_block() -> None:
    """When your task waits for a socket, the loop has put that socket into a selector and your coroutine to one side."""
    selector = selectors.SelectSelector()

    async def main() -> None:
        theirs, ours = socket.socketpair()
        with theirs:
            reader, writer = await asyncio.open_connection(sock=ours)
            assert not ours.getblocking()
            reading = asyncio.create_task(reader.read(100))
            await asyncio.sleep(0)
            assert selector.get_key(ours).events & selectors.EVENT_READ
            assert not reading.done()
            theirs.send(b"hot")
            assert await reading == b"hot"
            writer.close()
            await writer.wait_closed()

    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(selector)
    ) as runner:
        runner.run(asyncio.wait_for(main(), DEADLINE))


def test_the_loop_sleeps(load: Load) -> None:
    """If no task is ready, the loop makes one call to the selector, and the thread sleeps in it until data arrives or the next timer is due."""
    program = load("non_blocking_io/the_loop_does_not_poll")
    selector = WatchedSelector()

    async def main() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.setblocking(False)
            for receive, sleeps in (program.wait, [None]), (program.poll, []):
                got = await selector.sleeps_during(
                    receive(ours), lambda: theirs.send(b"hot")
                )
                assert got == sleeps

        loop = asyncio.get_running_loop()
        loop.call_later(1000, print)
        message = loop.create_future()
        (timeout,) = await selector.sleeps_during(
            message, lambda: loop.call_soon_threadsafe(message.set_result, None)
        )
        assert timeout is not None
        assert 0 < timeout <= 1001  # it may be rounded up a little

    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(selector)
    ) as runner:
        runner.run(main())


def test_one_thread_for_all_requests(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """Server and client share one thread, and all three requests were under way in it at once."""
    program = load("non_blocking_io/many_replies_one_thread")
    before = threading.active_count()
    run_in_time(program.main())
    first, _, last = capsys.readouterr().out.splitlines()
    assert first == "server: three requests are waiting"
    assert last == f"threads: {before}"


def test_one_request_after_another_waits_for_ever(load: Load) -> None:
    """A client that waited for one reply before it sent the next request would wait until its timeout."""
    program = load("non_blocking_io/many_replies_one_thread")

    async def main() -> None:
        runner = web.AppRunner(program.kitchen(), shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        timeout = aiohttp.ClientTimeout(total=0.2)
        async with aiohttp.ClientSession(
            f"http://{host}:{port}", timeout=timeout
        ) as session:
            with pytest.raises(TimeoutError):
                await program.order(session, "soup")
        await runner.cleanup()

    run_in_time(main())


def test_a_host_name_is_looked_up_in_a_thread() -> None:
    """One step of real networking is different: the system's look-up of a host name is a blocking call, so asyncio runs it in a thread."""

    async def main() -> None:
        pool = CountingPool.of_this_loop()
        await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80)
        assert pool.jobs == 1

    run_in_time(main())


def test_a_file_is_always_ready(tmp_path: Path) -> None:
    """A selector is of no use here: the operating system calls a file on a disk ready at any time, and then the read waits for the disk."""
    path = tmp_path / "empty"
    path.touch()
    with path.open("rb") as file:
        assert file.read() == b""  # there is nothing, and it is ready all the same
        assert select.select([file], [], [], 0)[0] == [file]


@pytest.mark.skipif(
    not hasattr(selectors, "EpollSelector"), reason="only Linux has epoll"
)
def test_epoll_takes_no_file(tmp_path: Path) -> None:
    """(Linux's `epoll`, which asyncio uses there, does not even accept it.)"""
    assert issubclass(selectors.DefaultSelector, selectors.EpollSelector)
    path = tmp_path / "empty"
    path.touch()
    with (
        path.open("rb") as file,
        selectors.EpollSelector() as selector,
        pytest.raises(PermissionError),
    ):
        selector.register(file, selectors.EVENT_READ)


def test_aiofiles_is_threads(tmp_path: Path) -> None:
    """`aiofiles` looks like `open`, and each of its calls is a job for the loop's pool of threads."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader")

    async def main() -> None:
        pool = CountingPool.of_this_loop()
        file = await aiofiles.open(path)
        assert pool.jobs == 1
        assert await file.read(4) == "Dear"
        assert pool.jobs == 2
        await file.seek(0)
        assert pool.jobs == 3
        await file.close()
        assert pool.jobs == 4

    run_in_time(main())


def test_a_trip_for_every_line(tmp_path: Path) -> None:
    """To read a file line by line with it is a trip to the pool for every line."""
    path = tmp_path / "lines.txt"
    path.write_text("line\n" * 100)

    async def main() -> None:
        pool = CountingPool.of_this_loop()
        async with aiofiles.open(path) as file:
            before = pool.jobs
            lines = [line async for line in file]
            assert len(lines) == 100
            assert pool.jobs - before == 101  # and one that finds the end

    run_in_time(main())


def test_one_trip(load: Load, tmp_path: Path) -> None:
    """One `to_thread` around a function that opens, reads and closes is one trip."""
    program = load("non_blocking_io/file_io_is_threads")
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader")

    async def main() -> None:
        pool = CountingPool.of_this_loop()
        assert await asyncio.to_thread(program.read, path) == "Dear reader"
        assert pool.jobs == 1

    run_in_time(main())


def test_the_lost_row() -> None:
    """Neither can move until SQLite gives up, and the guest's row is lost."""
    told = run(HERE / "locked_database_broken.py").stdout.splitlines()
    assert told.index("guest: database is locked") < told.index("clerk: commits")
    assert told[-1] == "[('clerk',)]"


def test_the_row_that_is_kept() -> None:
    """The guest's thread waits for the lock, the loop is free, and the clerk commits."""
    told = run(HERE / "locked_database_fixed.py").stdout.splitlines()
    assert told.index("guest: wants to write") < told.index("clerk: commits")
    assert told.index("clerk: commits") < told.index("guest: has written")
    assert "[('clerk',), ('guest',)]" in told


def test_a_thread_for_each_connection() -> None:
    """Each aiosqlite connection has a thread of its own, which runs its statements one after another."""

    async def threads_of(db: aiosqlite.Connection) -> set[int]:
        await db.create_function("thread", 0, threading.get_ident)

        async def ask() -> int:
            async with db.execute("SELECT thread()") as answer:
                row = await answer.fetchone()
            assert row is not None
            return int(row[0])

        return set(await asyncio.gather(*(ask() for _ in range(5))))

    async def main() -> None:
        async with (
            aiosqlite.connect(":memory:") as one,
            aiosqlite.connect(":memory:") as other,
        ):
            (first,) = await threads_of(one)
            (second,) = await threads_of(other)
        assert len({first, second, threading.get_ident()}) == 3

    run_in_time(main())


def test_an_open_connection_keeps_its_thread() -> None:
    """As long as an aiosqlite connection is open its thread lives, and a thread that lives keeps the program from ending."""

    async def main() -> aiosqlite.Connection:
        return await aiosqlite.connect(":memory:")

    before = set(threading.enumerate())
    db = run_in_time(main())
    (thread,) = set(threading.enumerate()) - before
    assert thread.is_alive()
    assert not thread.daemon
    run_in_time(db.close())
    thread.join(DEADLINE)
    assert not thread.is_alive()


async def by_stream() -> None:
    """Read from a stream; the message comes later."""
    ours, theirs = socket.socketpair()
    with theirs:
        reader, writer = await asyncio.open_connection(sock=ours)
        asyncio.get_running_loop().call_later(0.01, theirs.send, b"hot")
        assert await reader.read(100) == b"hot"
        writer.close()
        await writer.wait_closed()


def by_socket() -> None:
    """Read from a socket; the message comes later."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Timer(0.01, theirs.send, [b"hot"])
        sender.start()
        assert ours.recv(100) == b"hot"
        sender.join()


async def a_child() -> None:
    """Run a child process."""
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "")
    assert await child.wait() == 0


async def an_item() -> None:
    """Get from an asyncio queue; the item comes later."""
    items: asyncio.Queue[str] = asyncio.Queue()
    asyncio.get_running_loop().call_later(0.01, items.put_nowait, "tea")
    assert await items.get() == "tea"


def an_item_that_blocks() -> None:
    """Get from a thread's queue; no item comes, as nobody else can run."""
    items: queue.Queue[str] = queue.Queue()
    asyncio.get_running_loop().call_later(0.01, items.put_nowait, "tea")
    with pytest.raises(queue.Empty):
        items.get(timeout=0.1)


async def a_lock() -> None:
    """Acquire an asyncio lock that is released later."""
    lock = asyncio.Lock()
    await lock.acquire()
    asyncio.get_running_loop().call_later(0.01, lock.release)
    assert await lock.acquire()


def a_lock_that_blocks() -> None:
    """Acquire a thread's lock; the release never gets its turn."""
    lock = threading.Lock()
    lock.acquire()
    asyncio.get_running_loop().call_later(0.01, lock.release)
    assert not lock.acquire(timeout=0.1)


def a_statement() -> None:
    """Run a statement with sqlite3."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("SELECT 1")


async def an_awaited_statement() -> None:
    """Run a statement with aiosqlite."""
    async with aiosqlite.connect(":memory:") as db:
        await db.execute("SELECT 1")


def a_pipe() -> str:
    """The path of a named pipe, a file whose text comes later."""
    path = Path(tempfile.mkdtemp()) / "pipe"
    os.mkfifo(path)
    threading.Timer(0.01, path.write_text, ["tea"]).start()
    return str(path)


def a_file() -> None:
    """Read a file whose text comes later."""
    assert Path(a_pipe()).read_text("utf-8") == "tea"


async def an_awaited_file() -> None:
    """Read a file whose text comes later with aiofiles."""
    async with aiofiles.open(a_pipe()) as file:
        assert await file.read() == "tea"


ROWS: dict[str, tuple[Callable[[], object], Callable[[], Awaitable[object]]]] = {
    "sleep": (lambda: time.sleep(0.05), lambda: asyncio.sleep(0.05)),
    "socket": (by_socket, by_stream),
    "child process": (lambda: subprocess.run([sys.executable, "-c", ""]), a_child),
    "queue": (an_item_that_blocks, an_item),
    "lock": (a_lock_that_blocks, a_lock),
    "host name": (
        lambda: socket.getaddrinfo("127.0.0.1", 80),
        lambda: asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80),
    ),
    "file": (a_file, an_awaited_file),
    "database": (a_statement, an_awaited_statement),
    "other": (
        lambda: time.sleep(0.05),
        lambda: asyncio.to_thread(time.sleep, 0.05),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_the_table(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call on the left keeps the thread; each one on the right lets the other tasks run."""
    ask = socket.getaddrinfo

    def ask_slowly(*args: Any, **kwargs: Any) -> Any:
        # From 3.14 on, what a thread has at once comes without giving way.
        time.sleep(0.05)
        return ask(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", ask_slowly)
    blocks, gives_way = ROWS[row]
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def main() -> None:
        counting = asyncio.create_task(count_turns())
        await asyncio.sleep(0)
        before = turns
        blocks()
        assert turns == before
        await gives_way()
        assert turns > before
        counting.cancel()
        await asyncio.wait([counting])

    run_in_time(main())


def test_development_mode_reports_it() -> None:
    """With `python -X dev`, the loop reports each step that held it for more than a tenth of a second."""
    told = run(HERE / "blocking_call_broken.py", "-X", "dev").stderr
    assert "Executing <Task" in told
    assert "coro=<main() running at blocking_call_broken.py" in told


def test_ruff_finds_it() -> None:
    """Ruff's `ASYNC` rules find the well-known ones in your source, where they stand directly in an `async def`."""

    def findings(name: str) -> str:
        options = ["--isolated", "--no-cache", "--select=ASYNC"]
        ruff = [sys.executable, "-m", "ruff", "check", "--output-format=concise"]
        done = subprocess.run(
            [*ruff, *options, str(HERE / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    assert "ASYNC210" in findings("blocking_call_broken.py")
    assert "All checks passed" in findings("blocking_call_fixed.py")


def test_the_reply_goes_to_the_thread(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The heart stands still again, and then there is a `TypeError`. Python calls `fetch(url)` first, here, and what goes to the thread is the reply, a string that cannot be called."""
    program = changed(
        "non_blocking_io/blocking_call_fixed",
        ("asyncio.to_thread(fetch, url)", "asyncio.to_thread(fetch(url))"),
    )
    replies: list[str] = []
    threads: list[int] = []
    fetch = program.fetch

    def noted(url: str) -> str:
        threads.append(threading.get_ident())
        replies.append(fetch(url))
        return replies[-1]

    monkeypatch.setattr(program, "fetch", noted)
    with pytest.raises(TypeError, match="'str' object is not callable"):
        what_the_server_heard(program, 0.2, monkeypatch, capsys)
    assert replies == ["no heart"]
    assert threads == [threading.get_ident()]


def test_polling_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Fewer than 10 times as well, and the processor can rest. But the message lies there until `poll` asks again, here for 0.2 seconds. `wait` has it at once."""
    program = changed(
        "non_blocking_io/the_loop_does_not_poll",
        ("await asyncio.sleep(0)", "await asyncio.sleep(0.4)"),
    )
    selector = program.CountingSelector()
    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(selector)
    ) as runner:
        runner.run(program.main(selector))
    assert capsys.readouterr().out.splitlines() == [
        "wait: got hello",
        "  and looked fewer than 10 times",
        "poll: got hello",
        "  and looked fewer than 10 times",
    ]

    asked: list[int] = []
    now = 0

    class Cup:
        """A socket to which the message comes after a second."""

        def recv(self, size: int) -> bytes:
            asked.append(now)
            if now < 1000:
                raise BlockingIOError
            return b"hello"

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += round(seconds * 1000)
        assert seconds > 0, "it would ask for ever"

    program.asyncio = types.SimpleNamespace(sleep=sleep)  # type: ignore[attr-defined]
    assert run_in_time(program.poll(Cup())) == b"hello"
    assert asked == [0, 400, 800, 1200]
