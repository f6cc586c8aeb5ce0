"""The claims of `concepts/what-it-costs.md`."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import resource
import socket
import subprocess
import sys
import threading
import time
import tracemalloc
import weakref
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
SLUG = "what_it_costs"
HERE = EXAMPLES / SLUG

# In a fresh interpreter: how much memory each of 500 waits takes, in KiB.
RESIDENT = """
import asyncio, re, threading

def used():
    with open("/proc/self/smaps_rollup") as kernel:
        return int(re.search(r"Rss: +(\\d+)", kernel.read())[1])

async def main():
    gate = asyncio.Event()
    start = used()
    tasks = [asyncio.create_task(gate.wait()) for _ in range(500)]
    await asyncio.sleep(0)
    print((used() - start) / 500)
    gate.set()
    await asyncio.gather(*tasks)

    start, gate = used(), threading.Event()
    threads = [threading.Thread(target=gate.wait) for _ in range(500)]
    for thread in threads:
        thread.start()
    print((used() - start) / 500)
    gate.set()
    for thread in threads:
        thread.join()

asyncio.run(main())
"""


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(name: str, old: str, new: str) -> ModuleType:
    """A program with one change that its page proposes."""
    text = (HERE / f"{name}.py").read_text("utf-8")
    assert text.count(old) == 1
    module = ModuleType("changed")
    exec(compile(text.replace(old, new), f"{name}.py", "exec"), vars(module))
    return module


@contextmanager
def file_limit_kept() -> Iterator[None]:
    """Put the limit of open files back at the end of the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class CountingLoop(asyncio.SelectorEventLoop):
    """Counts what is put into the queue of steps."""

    trips = 0

    def call_soon(self, *args: Any, **options: Any) -> asyncio.Handle:
        """Count, and do as ever."""
        self.trips += 1
        return super().call_soon(*args, **options)


def trips(work: Callable[[], Coroutine[Any, Any, object]]) -> int:
    """How many steps are put into the loop's queue while `work` is awaited."""

    async def main() -> int:
        before = loop.trips
        await work()
        return loop.trips - before

    loop = CountingLoop()
    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


def test_one_stack(load: Load) -> None:
    """A stack is needed by code that runs, and at any moment one task runs; so all of them share the stack of the one thread."""
    program = load(f"{SLUG}/many_tasks_wait_in_one_thread")

    async def main() -> None:
        news = asyncio.Event()
        before = threading.active_count()
        readers = [asyncio.create_task(program.wait_for(news)) for _ in range(10_000)]
        await asyncio.sleep(0)
        assert threading.active_count() == before
        assert not any(reader.done() for reader in readers)
        stacks = [reader.get_stack() for reader in readers[:100]]
        assert all(len(stack) == 1 for stack in stacks)  # paused: no caller below
        assert all(stack[0].f_back is None for stack in stacks)
        news.set()
        assert all(await asyncio.gather(*readers))

    asyncio.run(main(), debug=False)


@pytest.mark.parametrize("kib", [16, 31])
def test_the_smallest_stack(kib: int) -> None:
    """Python lets no thread have less than 32 KiB of it, and by default the system reserves far more."""
    with pytest.raises(ValueError, match="size"):
        threading.stack_size(kib * 1024)
    before = threading.stack_size()
    if sys.platform == "linux":
        reserved, _ = resource.getrlimit(resource.RLIMIT_STACK)
        assert reserved == resource.RLIM_INFINITY or reserved > 10 * 32 * 1024
    assert threading.stack_size() == before == 0  # 0: what the system reserves


@pytest.mark.skipif(
    not os.path.exists("/proc/self/smaps_rollup"),
    reason="only Linux tells a process how much memory it uses",
)
def test_a_thread_takes_more() -> None:
    """On Linux, a waiting thread takes more than ten times the memory of a waiting task."""
    done = subprocess.run(
        [sys.executable, "-c", RESIDENT],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    task, thread = map(float, done.stdout.split())
    assert 0 < 10 * task < thread


def test_a_system_thread() -> None:
    """It is also an object of the operating system, which has to schedule it and may refuse to make another."""
    gate, up = threading.Event(), threading.Barrier(3)
    numbers: list[int] = []

    def wait() -> None:
        numbers.append(threading.get_native_id())  # the system's, not Python's
        up.wait(30)
        gate.wait(30)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    up.wait(30)
    gate.set()
    for thread in threads:
        thread.join()
    assert len({*numbers, threading.get_native_id()}) == 3
    refused = f"{RESIDENT.partition('async def')[0]}\n" + (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "threading.stack_size(1 << 29)\n"
        "gate = threading.Event()\n"
        "for _ in range(4):\n"
        "    threading.Thread(target=gate.wait, daemon=True).start()\n"
    )
    if sys.platform == "linux":
        done = subprocess.run(
            [sys.executable, "-c", refused],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "can't start new thread" in done.stderr


def test_variables_are_kept() -> None:
    """A paused task keeps all that its local variables refer to: with a page of one megabyte in each of them, ten thousand tasks need ten gigabytes, and the task itself is a rounding error."""

    class Page(bytearray):
        """A page that can be watched."""

    watched: list[weakref.ref[Page]] = []

    async def read(news: asyncio.Event) -> int:
        page = Page(1_000_000)
        watched.append(weakref.ref(page))
        await news.wait()
        return len(page)

    async def main() -> None:
        news = asyncio.Event()
        tracemalloc.start()
        try:
            readers = [asyncio.create_task(read(news)) for _ in range(20)]
            await asyncio.sleep(0)
            used, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert all(page() is not None for page in watched)
        assert used == pytest.approx(20 * 1_000_000, rel=0.02)
        news.set()
        assert await asyncio.gather(*readers) == [1_000_000] * 20
        assert all(page() is None for page in watched)

    asyncio.run(main(), debug=False)


def test_debug_mode(load: Load) -> None:
    """In debug mode a task needs more than twice as much, for asyncio remembers where each was made."""
    program = load(f"{SLUG}/many_tasks_wait_in_one_thread")

    async def for_each() -> float:
        news = asyncio.Event()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            readers = [asyncio.create_task(program.wait_for(news)) for _ in range(200)]
            await asyncio.sleep(0)
            used = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        news.set()
        await asyncio.gather(*readers)
        return used / 200

    plain = asyncio.run(for_each(), debug=False)
    debug = asyncio.run(for_each(), debug=True)
    assert debug > 2 * plain > 0


def test_the_trip() -> None:
    """Each `await asyncio.sleep(0)` is a trip: the next step of the task is put into the loop's queue, the coroutine is left, the loop takes a turn, and the step is fetched and run."""

    async def pause() -> None:
        for _ in range(7):
            await asyncio.sleep(0)

    assert trips(pause) == 7


def test_nobody_else_is_there(load: Load) -> None:
    """The trip is made even if no other task is there to profit from it."""
    program = load(f"{SLUG}/a_pause_costs_processor_time")
    assert trips(lambda: program.count(pause_after_each=True)) == program.LETTERS
    assert trips(lambda: program.count(pause_after_each=False)) == 0


def test_seldom_is_cheaper() -> None:
    """If a long calculation has to let others run, pause after every thousandth letter: that costs less than a tenth of the pauses after each."""

    async def count(every: int) -> float:
        start = time.process_time()
        for letter in range(1, 5001):
            if letter % every == 0:
                await asyncio.sleep(0)
        return time.process_time() - start

    async def main() -> tuple[float, float]:
        seldom = min([await count(1000) for _ in range(5)])
        each = min([await count(1) for _ in range(5)])
        return seldom, each

    seldom, each = asyncio.run(main(), debug=False)
    assert seldom < each / 10


def test_a_call_and_a_task() -> None:
    """Awaiting a coroutine is a call and takes no trip to the loop; starting it as a task and waking its waiter takes two."""

    async def letter() -> str:
        return "Dear"

    async def as_task() -> None:
        assert await asyncio.get_running_loop().create_task(letter()) == "Dear"

    assert trips(letter) == 0
    assert trips(as_task) == 2


def test_the_pace(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Two seconds of waiting are gone: in the timeline the ten hatched pieces lie above one another."""
    program = load(f"{SLUG}/the_work_sets_the_pace")
    begun: list[float] = []
    make_page = program.make_page

    def noted() -> None:
        begun.append(time.monotonic())
        make_page()

    program.make_page = noted  # type: ignore[attr-defined]

    async def main() -> float:
        start = time.monotonic()
        await program.main()
        return start

    start = virtual_clock.run(main())
    stairs = [moment - start for moment in begun]
    assert stairs == pytest.approx([0.2 + 0.1 * n for n in range(10)], abs=0.01)
    assert told(capsys)[-1] == "took: 1 s"


@pytest.mark.parametrize("tasks", [10, 1000])
def test_the_capacity(tasks: int) -> None:
    """A request that needs ten milliseconds of the processor lets one thread answer at most a hundred a second, be there ten tasks or ten thousand."""
    answered = 0

    async def work(until: float) -> None:
        nonlocal answered
        while time.monotonic() < until:
            await asyncio.sleep(0.05)  # a slow database
            if time.monotonic() < until:
                time.sleep(0.01)  # stands for work of the processor
                answered += 1

    async def main() -> None:
        until = time.monotonic() + 10
        await asyncio.gather(*(work(until) for _ in range(tasks)))

    virtual_clock.run(main())
    assert 0.9 * 1000 < answered <= 1001


@pytest.mark.parametrize(("bakers", "batches"), [(1, 4), (2, 2), (3, 2), (4, 2)])
def test_bakers(bakers: int, batches: int, load: Load) -> None:
    """The second baker halved the time. The third and the fourth changed nothing: their lanes begin with a wait for the semaphore, until one of the first two wakes them."""
    program = load(f"{SLUG}/more_bakers_than_ovens")

    async def main() -> None:
        ovens, loaves = asyncio.Semaphore(2), ["rye", "oat", "corn", "spelt"]
        start = time.monotonic()
        at_work = [program.bake(ovens, loaves) for _ in range(bakers)]
        queued = sum(await asyncio.gather(*at_work))
        took = time.monotonic() - start
        assert took == pytest.approx(batches * program.BATCH, abs=0.01)
        assert (queued > 0) is (bakers > 2)
        assert loaves == []

    virtual_clock.run(main())


def test_twenty_connections(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Thirty tasks were no trouble, and twenty connections were the end."""
    program = load(f"{SLUG}/too_many_open_files_broken")
    for room in (20, 7):
        program.ROOM = room  # type: ignore[attr-defined]
        with file_limit_kept():
            asyncio.run(program.main())
        assert told(capsys) == [
            f"{room} calls: connected",
            f"{30 - room} calls: {os.strerror(errno.EMFILE)}",
        ]


def test_the_error(load: Load) -> None:
    """The error is an `OSError` with the number `errno.EMFILE`. Here it met a connection; it may meet whatever opens next, a log file or a database."""
    program = load(f"{SLUG}/too_many_open_files_broken")
    too_many = os.strerror(errno.EMFILE)

    async def call(port: int) -> None:
        await asyncio.open_connection("127.0.0.1", port)

    async def read(_: int) -> None:
        await asyncio.to_thread(Path(__file__).read_bytes)

    async def main() -> None:
        await read(0)  # the pool has its thread
        with socket.create_server(("127.0.0.1", 0)) as office:
            port = office.getsockname()[1]
            with file_limit_kept():
                program.leave_room_for(1)
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                for attempt in (call, read):
                    with pytest.raises(OSError, match=too_many) as met:
                        await attempt(port)
                    assert met.value.errno == errno.EMFILE
                writer.close()
                await writer.wait_closed()
                await read(port)

    asyncio.run(main())


def test_a_server_without_descriptors(load: Load) -> None:
    """asyncio's reports "socket.accept() out of system resource", leaves its callers waiting, and tries again a second later. (Up to Python 3.14 it says so a hundred times over, once for each place in its backlog.)"""
    program = load(f"{SLUG}/too_many_open_files_broken")
    reports: list[str] = []
    greeted = asyncio.Event()

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeted.set()
        writer.close()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, what: reports.append(what["message"]))
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with asyncio.timeout(30), server:
            with file_limit_kept():
                program.leave_room_for(1)
                address = server.sockets[0].getsockname()
                with socket.create_connection(address, 10):
                    while not reports:
                        await asyncio.sleep(0.01)
                    failed = loop.time()
                    assert not greeted.is_set()
            # The caller has gone, and there is room now: it is accepted late.
            await greeted.wait()
            assert loop.time() - failed > 0.5

    asyncio.run(main())
    said = reports.count("socket.accept() out of system resource")
    assert said in (100, 101) if sys.version_info < (3, 15) else said


def test_all_letters(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """In the timeline the band `turn.acquire` is ten tasks high, and it empties as the first twenty close."""
    program = load(f"{SLUG}/too_many_open_files_fixed")
    begun: list[float] = []
    open_connection = asyncio.open_connection

    async def noted(*args: Any) -> Any:
        begun.append(time.monotonic())
        return await open_connection(*args)

    async def main() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asyncio, "open_connection", noted)
            await program.main()

    with file_limit_kept():
        virtual_clock.run(main())
    assert told(capsys) == ["30 calls: connected"]
    first, second = begun[:20], begun[20:]
    assert len(second) == 10
    assert min(second) - max(first) > 0.05


def test_given_back() -> None:
    """A descriptor is given back when the connection is closed. That the task has ended is not enough: as long as something refers to the writer, the connection stays open."""

    async def call(port: int) -> asyncio.StreamWriter:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        return writer

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as office:
            task = asyncio.create_task(call(office.getsockname()[1]))
            writer = await task
            number = writer.get_extra_info("socket").fileno()
            assert task.done()
            del task
            gc.collect()
            for _ in range(3):
                await asyncio.sleep(0)
            os.fstat(number)  # it is open
            writer.close()
            await writer.wait_closed()
            with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
                os.fstat(number)

    asyncio.run(main())


@pytest.mark.parametrize("limit", [2**16, 1000])
def test_unread(limit: int) -> None:
    """If you do not read what arrives, asyncio goes on receiving until more than 128 KiB lie in that stream's buffer, unless you open it with a smaller `limit`."""

    class Connection(asyncio.Transport):
        """Notes whether it is to go on receiving."""

        receiving = True

        def pause_reading(self) -> None:
            """Receive no more."""
            self.receiving = False

    async def main() -> None:
        reader = asyncio.StreamReader(limit)
        connection = Connection()
        reader.set_transport(connection)
        reader.feed_data(bytes(2 * limit))
        assert connection.receiving
        reader.feed_data(b"!")
        assert not connection.receiving

    asyncio.run(main())
    if limit == 2**16:
        assert 2 * limit == 128 * 1024
        assert asyncio.open_connection.__kwdefaults__["limit"] == limit


def test_all_at_once() -> None:
    """A hundred thousand letters in one `gather` are a hundred thousand coroutines, and as many tasks, before the first of them has run a line."""
    made = 0
    seen: list[tuple[int, int]] = []

    async def send() -> None:
        if not seen:
            seen.append((made, len(asyncio.all_tasks())))

    def letters() -> list[Coroutine[Any, Any, None]]:
        nonlocal made
        found = []
        for _ in range(100_000):
            made += 1
            found.append(send())
        return found

    async def main() -> None:
        await asyncio.gather(*letters())

    asyncio.run(main(), debug=False)
    assert seen == [(100_000, 100_001)]


def test_the_star() -> None:
    """The star in `gather(*...)` exhausts the generator before `gather` is called."""
    order: list[str] = []

    def letters() -> Any:
        yield asyncio.sleep(0)
        order.append("exhausted")

    async def main() -> None:
        def gather(*these: Any) -> Any:
            order.append("gather")
            return asyncio.gather(*these)

        await gather(*letters())

    asyncio.run(main())
    assert order == ["exhausted", "gather"]


def test_a_semaphore_inside() -> None:
    """A semaphore inside `send` would not help: it limits who works, and not who exists."""
    program = changed("work_in_hand", "await asyncio.sleep(0.05)", "await slowly(self)")
    gate = asyncio.Semaphore(5)
    at_work = most = 0

    async def slowly(post: Any) -> None:
        nonlocal at_work, most
        async with gate:
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0.05)
            at_work -= 1

    program.slowly = slowly  # type: ignore[attr-defined]

    async def main() -> None:
        post = program.Post()
        await asyncio.gather(*(post.send(n) for n in post.letters()))
        assert most == 5
        assert post.most == 30

    virtual_clock.run(main())


@pytest.mark.parametrize("letters", [30, 3000])
def test_five_in_hand(letters: int, load: Load) -> None:
    """The five workers share one iterator, and each takes a letter when it has sent the last one, so never more than five letters are in hand, be there thirty or a million."""
    program = load(f"{SLUG}/work_in_hand")
    program.LETTERS = letters  # type: ignore[attr-defined]

    async def main() -> None:
        post = program.Post()
        shared = post.letters()
        await asyncio.gather(*(program.work(post, shared) for _ in range(5)))
        assert post.most == 5
        assert post.in_hand == 0

    virtual_clock.run(main())


def test_six_turns(load: Load) -> None:
    """The price is in the timeline: five lanes take six turns, where thirty tasks took one."""
    program = load(f"{SLUG}/work_in_hand")

    async def main() -> None:
        post = program.Post()
        start = time.monotonic()
        await asyncio.gather(*(post.send(n) for n in post.letters()))
        middle = time.monotonic()
        shared = post.letters()
        await asyncio.gather(*(program.work(post, shared) for _ in range(5)))
        end = time.monotonic()
        assert middle - start == pytest.approx(0.05, abs=0.005)
        assert end - middle == pytest.approx(6 * 0.05, abs=0.005)

    virtual_clock.run(main())


@pytest.mark.parametrize("tasks", [2_000, 10_000])
def test_the_same_for_each(
    tasks: int, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `TASKS = 10_000`, the program prints the same for each."""
    program = load(f"{SLUG}/many_tasks_wait_in_one_thread")
    program.TASKS = tasks  # type: ignore[attr-defined]
    tracemalloc.start()
    try:
        asyncio.run(program.main(), debug=False)
    finally:
        tracemalloc.stop()
    assert told(capsys)[-2] == "bytes for each, to the nearest power of ten: 1000"


def test_change_it_page(capsys: pytest.CaptureFixture[str]) -> None:
    """The power of ten is 10000: each paused task now keeps its page, twenty megabytes in all."""
    line = "    return await news.wait()"
    page = f"    page = bytearray(10_000)\n{line}"
    program = changed("many_tasks_wait_in_one_thread", line, page)
    assert program.TASKS * 10_000 == 20_000_000
    program.TASKS = 100  # type: ignore[attr-defined]
    tracemalloc.start()
    try:
        asyncio.run(program.main(), debug=False)
    finally:
        tracemalloc.stop()
    assert "bytes for each, to the nearest power of ten: 10000" in told(capsys)


def test_change_it_ovens(capsys: pytest.CaptureFixture[str]) -> None:
    """Four bakers take one batch, and no loaf queues. Two bakers still take two: ovens that nobody uses bake nothing."""
    program = changed(
        "more_bakers_than_ovens", "asyncio.Semaphore(2)", "asyncio.Semaphore(4)"
    )
    virtual_clock.run(program.main())
    assert told(capsys) == [
        "bakers: 1, took 4 batches, loaves that queued: 0",
        "bakers: 2, took 2 batches, loaves that queued: 0",
        "bakers: 4, took 1 batches, loaves that queued: 0",
    ]


def test_change_it_requests(capsys: pytest.CaptureFixture[str]) -> None:
    """The waits add up to four seconds and the work to two, and it takes two."""
    program = changed("the_work_sets_the_pace", "REQUESTS = 10", "REQUESTS = 20")
    virtual_clock.run(program.main())
    assert told(capsys) == [
        "waits, added up: 4 s",
        "work, added up: 2 s",
        "took: 2 s",
    ]
