"""The claims of `concepts/back-pressure.md`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
NEEDS_SHUTDOWN = pytest.mark.skipif(
    sys.version_info < (3, 13), reason="Queue.shutdown needs Python 3.13"
)


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, *edits: tuple[str, str]) -> dict[str, Any]:
    """The names of a program of this page in which a reader changed something."""
    source = (EXAMPLES / "back_pressure" / f"{program}.py").read_text("utf-8")
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(source, program, "exec"), names)
    return names


async def seconds(work: Any) -> float:
    """How long an awaitable takes, on the loop's clock."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    await work
    return loop.time() - start


def test_it_never_waits() -> None:
    """A queue without a limit is never full, so `await orders.put(number)` never waits, and an `await` that does not wait gives nobody a turn."""

    async def main() -> None:
        orders: asyncio.Queue[int] = asyncio.Queue()
        turns: list[str] = []
        asyncio.get_running_loop().call_soon(turns.append, "another's")
        for number in range(10_000):
            await orders.put(number)
            assert not orders.full()
        assert turns == []
        await asyncio.sleep(0)
        assert turns == ["another's"]

    virtual_clock.run(main())


@pytest.mark.parametrize("orders", [6, 60_000])
def test_all_are_in_there(orders: int, capsys: pytest.CaptureFixture[str]) -> None:
    """When the cook takes the first order, all six are in the queue. Had there been sixty thousand, they would all be in there."""
    program = changed(
        "a_queue_without_a_limit_broken", ("range(1, 7)", f"range(1, {orders + 1})")
    )

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue()
        waiting: list[int] = []
        take = queue.get

        async def get() -> int:
            number = await take()
            waiting.append(queue.qsize() + 1)
            return number

        vars(queue)["get"] = get
        async with asyncio.TaskGroup() as group:
            cook = group.create_task(program["cook"](queue))
            await group.create_task(program["take_orders"](queue))
            await asyncio.sleep(0)
            cook.cancel()
        assert waiting == [orders]

    virtual_clock.run(main())
    assert told(capsys)[-2] == f"till: took order {orders}, {orders} waiting"


def test_no_more_than_two(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """With `maxsize=2` no more than two orders are ever waiting."""
    virtual_clock.run(load("back_pressure/a_queue_without_a_limit_fixed").main())
    waiting = [
        int(line.split(", ")[1].removesuffix(" waiting"))
        for line in told(capsys)
        if line.endswith("waiting")
    ]
    assert len(waiting) == 6
    assert max(waiting) == 2


def test_both_take_as_long(load: Load) -> None:
    """Both programs take as long: a limit costs no time as long as the slow side always finds something to do."""
    took = [
        virtual_clock.run(
            seconds(load(f"back_pressure/a_queue_without_a_limit_{kind}").main())
        )
        for kind in ("broken", "fixed")
    ]
    assert took == [pytest.approx(0.6, abs=0.005)] * 2


@pytest.mark.parametrize("limit", [0, 1])
def test_the_sender_has_to_wait(limit: int) -> None:
    """If it reads orders from a socket, it stops reading, and in the end the sender has to wait."""

    async def main() -> None:
        orders: asyncio.Queue[bytes] = asyncio.Queue(limit)

        async def till(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            while order := await reader.readline():
                await orders.put(order)
            writer.close()
            gone.set()

        async def send(port: int) -> None:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                for _ in range(2000):
                    writer.write(b"x" * 9_999 + b"\n")
                    await writer.drain()
            finally:
                writer.close()

        async def cook() -> None:
            while True:
                await orders.get()

        gone = asyncio.Event()
        server = await asyncio.start_server(till, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            sender = asyncio.create_task(send(port))
            done, _ = await asyncio.wait([sender], timeout=60)
            assert (sender in done) is (limit == 0)
            sender.cancel()
            kitchen = asyncio.create_task(cook())
            await gone.wait()
            kitchen.cancel()

    virtual_clock.run(main())


def test_round_in_a_circle() -> None:
    """If the workers at a queue with a limit put new items into that same queue, all of them may wait for room that only they could make, for ever."""

    async def work(pages: asyncio.Queue[int]) -> None:
        while True:
            page = await pages.get()
            for link in range(3):
                await pages.put(page + link)

    async def main() -> None:
        pages: asyncio.Queue[int] = asyncio.Queue(maxsize=4)
        pages.put_nowait(1)
        async with asyncio.TaskGroup() as group:
            for name in ("Ada", "Grace"):
                group.create_task(work(pages), name=name)

    with pytest.raises(virtual_clock.DeadlockError, match="put"):
        virtual_clock.run(main())


def test_a_long_queue_is_a_long_wait() -> None:
    """An order that finds 50 before it, at a tenth of a second each, is begun after five seconds."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        orders: asyncio.Queue[int] = asyncio.Queue()
        begun: list[float] = []

        async def cook() -> None:
            while True:
                await orders.get()
                begun.append(loop.time() - start)
                await asyncio.sleep(0.1)

        for number in range(51):
            orders.put_nowait(number)
        start = loop.time()
        task = asyncio.create_task(cook())
        await asyncio.sleep(60)
        assert begun[-1] == pytest.approx(5, abs=0.01)
        task.cancel()

    virtual_clock.run(main())


@pytest.mark.parametrize(
    "kind", [asyncio.Queue, asyncio.LifoQueue, asyncio.PriorityQueue]
)
def test_no_limit_unless_you_give_one(kind: type[asyncio.Queue[int]]) -> None:
    """`Queue()`, `LifoQueue()` and `PriorityQueue()` have no limit unless you give them one."""

    async def main() -> None:
        free = kind()
        for number in range(50_000):
            free.put_nowait(number)
        assert not free.full()
        bounded = kind(2)
        bounded.put_nowait(1)
        bounded.put_nowait(2)
        with pytest.raises(asyncio.QueueFull):
            bounded.put_nowait(3)

    virtual_clock.run(main())


def test_put_is_not_done(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """In the second output, the till has put its last order while three are not ready."""
    virtual_clock.run(load("back_pressure/a_queue_without_a_limit_fixed").main())
    lines = told(capsys)
    later = lines[lines.index("till: that was the last one") :]
    assert sum(line.endswith("is ready") for line in later) == 3


@pytest.mark.parametrize("calls", [0, 2, 3])
def test_join(calls: int) -> None:
    """It waits until `task_done()` has been called once for each item that was put. Forget that call, and `join()` waits for ever."""

    async def main() -> None:
        orders: asyncio.Queue[int] = asyncio.Queue()
        for number in range(3):
            orders.put_nowait(number)
        joined = asyncio.create_task(orders.join())
        for _ in range(3):
            orders.get_nowait()
        for _ in range(calls):
            await asyncio.sleep(1)
            assert not joined.done()
            orders.task_done()
        await asyncio.wait([joined], timeout=3600)
        assert joined.done() is (calls == 3)
        joined.cancel()

    virtual_clock.run(main())


def test_join_on_an_empty_queue() -> None:
    """On a queue into which nothing has been put yet, it returns at once; so `main` waits for the till first."""

    async def main() -> None:
        orders: asyncio.Queue[int] = asyncio.Queue()
        with pytest.raises(StopIteration):
            orders.join().send(None)

    virtual_clock.run(main())


def test_an_exception_ends_the_wait(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an exception in `cook` ends the wait: the task group cancels `main`."""
    program = load("back_pressure/a_queue_without_a_limit_fixed")

    async def burn(orders: asyncio.Queue[int]) -> None:
        await orders.get()
        raise LookupError("no salt")

    monkeypatch.setattr(program, "cook", burn)
    with pytest.raises(ExceptionGroup) as group:
        virtual_clock.run(program.main())
    assert group.group_contains(LookupError, match="no salt")


def in_hand(program: dict[str, Any], way: str) -> tuple[int, int, int]:
    """The most letters in hand and at work in one of the three ways, and those left."""
    office = program["Office"]()
    virtual_clock.run(program[way](office))
    return office.in_hand.most, office.at_work.most, office.in_hand.now


@pytest.mark.parametrize("letters", [1000, 10_000])
def test_ten_at_a_time(letters: int) -> None:
    """The second is what many write to limit that, and the limit holds for the work: ten at a time."""
    source = ("range(1000)", f"range({letters})")
    program = changed("a_task_for_each_is_a_queue_too", source)
    assert in_hand(program, "a_task_for_each") == (letters, letters, 0)
    assert in_hand(program, "a_semaphore_in_each_task") == (letters, 10, 0)


def test_all_thousand_tasks_exist() -> None:
    """But all thousand tasks exist from the start, each with its letter, and 990 of them wait for a seat."""
    program = changed("a_task_for_each_is_a_queue_too")
    seen: list[tuple[int, int]] = []

    async def main() -> None:
        office = program["Office"]()
        office.send = send
        await program["a_semaphore_in_each_task"](office)

    async def send(letter: int) -> None:
        await asyncio.sleep(1)  # by now each has begun, and ten got in
        if letter == 0:
            waiting = [
                task for task in asyncio.all_tasks() if "acquire" in frames_of(task)
            ]
            seen.append((len(asyncio.all_tasks()) - 1, len(waiting)))

    virtual_clock.run(main())
    assert seen == [(1000, 990)]


def frames_of(task: asyncio.Task[Any]) -> Iterator[str]:
    """The names of the coroutines in which a task is paused, the outermost first."""
    coroutine: Any = task.get_coro()
    while getattr(coroutine, "cr_code", None) is not None:
        yield coroutine.cr_code.co_name
        coroutine = coroutine.cr_await


@pytest.mark.parametrize("letters", [1000, 50_000])
def test_ten_in_hand(letters: int) -> None:
    """However many letters there are, ten are in hand, and a million of them need the memory of ten."""
    source = ("range(1000)", f"range({letters})")
    program = changed("a_task_for_each_is_a_queue_too", source)
    assert in_hand(program, "ten_workers") == (10, 10, 0)


def test_a_semaphore_before_the_task(load: Load) -> None:
    """A semaphore does nearly the same if you acquire it before `create_task` and release it when the task is done: eleven are in hand then, since one waits for its seat."""
    office = load("back_pressure/a_task_for_each_is_a_queue_too").Office()

    async def main() -> None:
        seats = asyncio.Semaphore(10)
        async with asyncio.TaskGroup() as group:
            for letter in office.letters():
                await seats.acquire()
                task = group.create_task(office.send(letter))
                task.add_done_callback(lambda _: seats.release())

    virtual_clock.run(main())
    assert (office.in_hand.most, office.at_work.most) == (11, 10)
    assert office.in_hand.now == 0


def test_an_async_generator_is_not_shared() -> None:
    """An async generator they cannot: a second worker that asks while the first waits for it gets `RuntimeError`."""

    async def letters() -> AsyncIterator[int]:
        for letter in range(10):
            await asyncio.sleep(1)
            yield letter

    async def main() -> None:
        source = letters()
        sent: list[int] = []

        async def work() -> None:
            async for letter in source:
                sent.append(letter)

        first = asyncio.create_task(work())
        second = asyncio.create_task(work())
        await asyncio.wait([first, second])
        with pytest.raises(RuntimeError, match="already running"):
            await second
        assert sent == list(range(10))

    virtual_clock.run(main())


async def with_a_connection(
    talk: Callable[
        [
            tuple[asyncio.StreamReader, asyncio.StreamWriter],
            tuple[asyncio.StreamReader, asyncio.StreamWriter],
        ],
        Any,
    ],
) -> None:
    """Await `talk` with both ends of a connection over the loopback."""
    ends = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(
        lambda *end: ends.set_result(end), "127.0.0.1", 0
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        here = await asyncio.open_connection("127.0.0.1", port)
        there = await ends
        try:
            await talk(here, there)
        finally:
            for _, writer in (here, there):
                writer.transport.abort()
                await asyncio.wait([asyncio.ensure_future(closed(writer))])


async def closed(writer: asyncio.StreamWriter) -> None:
    """Wait until a writer is closed, whether or not that went well."""
    try:
        await writer.wait_closed()
    except ConnectionError:
        return


def test_write_keeps_the_rest() -> None:
    """It sends what the system takes and keeps the rest."""

    async def talk(here: Any, there: Any) -> None:
        writer = here[1]
        writer.write(b"a little")
        assert writer.transport.get_write_buffer_size() == 0
        assert await there[0].read(100) == b"a little"
        for _ in range(1000):
            writer.write(bytes(65_536))
        assert writer.transport.get_write_buffer_size() > 65_536

    virtual_clock.run(with_a_connection(talk))


@pytest.mark.parametrize("drain", [False, True])
def test_without_drain(
    drain: bool, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without `drain()`, all of it was written before the reader began, and more than half stayed in the memory of the sender."""
    program = load("back_pressure/drain_waits_for_the_reader")

    async def main() -> None:
        moments: list[str] = []

        async def read_late(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            read = reader.read

            async def noted(n: int = -1) -> bytes:
                if n == -1:
                    moments.append("the reader begins")
                return await read(n)

            vars(reader)["read"] = noted
            await program.read_late(reader, writer)

        end = asyncio.StreamWriter.write_eof

        def write_eof(writer: asyncio.StreamWriter) -> None:
            moments.append("all is written")
            end(writer)

        server = await asyncio.start_server(read_late, "127.0.0.1", 0)
        async with server:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(asyncio.StreamWriter, "write_eof", write_eof)
                await program.send(*server.sockets[0].getsockname(), drain)
        order = ["the reader begins", "all is written"]
        assert moments == (order if drain else order[::-1])

    virtual_clock.run(main())
    held = "at most 5" if drain else "more than half"
    assert told(capsys) == ["reader: 100 parts came", f"sender: in memory, {held}"]


@pytest.mark.parametrize("marks", [1, 2, 4, 8])
def test_the_high_water_mark(marks: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The high one was set to four parts here, so five were the most."""
    program = changed(
        "drain_waits_for_the_reader",
        ("high=4 * len(PART)", f"high={marks} * len(PART)"),
    )
    virtual_clock.run(program["main"]())
    assert told(capsys)[-1] == f"sender: in memory, at most {marks + 1}"


def test_below_the_mark() -> None:
    """Until the high one is passed, `drain()` returns at once; it does not tell you that anything has arrived."""

    async def talk(here: Any, there: Any) -> None:
        writer = here[1]
        there[1].transport.pause_reading()
        writer.transport.set_write_buffer_limits(high=2**30)
        for _ in range(1000):
            writer.write(bytes(65_536))
        assert writer.transport.get_write_buffer_size() > 0
        with pytest.raises(StopIteration):  # it does not even pause
            writer.drain().send(None)

    virtual_clock.run(with_a_connection(talk))


def test_the_low_water_mark() -> None:
    """Once more is unsent than the high-water mark, `await writer.drain()` pauses until that has sunk to the low-water mark."""

    between: list[bool] = []

    async def talk(here: Any, there: Any) -> None:
        transport = here[1].transport
        transport.set_write_buffer_limits(high=2_000_000, low=1000)
        while transport.get_write_buffer_size() <= 2_000_000:
            here[1].write(bytes(65_536))
            await asyncio.sleep(0)
        drained = asyncio.create_task(here[1].drain())
        done, _ = await asyncio.wait([drained], timeout=60)
        assert not done
        while transport.get_write_buffer_size() > 1000:
            assert not drained.done()
            assert await there[0].read(10_000)
            if 1000 < transport.get_write_buffer_size() < 2_000_000:
                late = here[1].drain()  # below the high one, it still pauses
                assert late.send(None) is not None
                late.close()
                between.append(True)
        await drained
        assert between

    virtual_clock.run(with_a_connection(talk))


def test_a_reader_that_nobody_reads_from() -> None:
    """When a `StreamReader` that nobody reads from holds more than twice its `limit`, it stops reading from its socket."""

    async def talk(here: Any, there: Any) -> None:
        reader, transport = there[0], there[1].transport
        limit = 65_536  # unless start_server() is given another
        here[1].write(bytes(limit))
        while len(reader._buffer) < limit:
            await asyncio.sleep(0.01)
        assert transport.is_reading()
        here[1].write(bytes(limit + 1))
        while len(reader._buffer) <= 2 * limit:
            await asyncio.sleep(0.01)
        assert not transport.is_reading()
        while len(reader._buffer) > limit:
            await reader.read(10_000)
        assert transport.is_reading()

    async def main() -> None:
        async with asyncio.timeout(2):
            await with_a_connection(talk)

    virtual_clock.run(main())


def test_served_in_time(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Who is accepted finds at most two in the queue and one at work, and is served within four tenths of a second, on the busiest day as well."""
    program = load("back_pressure/say_no_when_full")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        orders: asyncio.Queue[int] = asyncio.Queue(maxsize=3)
        came: dict[int, float] = {}
        cook = asyncio.create_task(program.cook(orders))
        waits: list[float] = []
        refused = 0
        for number in range(1000):  # ten times as many as he can cook
            assert orders.qsize() <= 3
            if program.come_in(orders, number):
                came[number] = loop.time()
            else:
                refused += 1
            await asyncio.sleep(0.01)
            for line in told(capsys):
                if line.startswith("cook: "):
                    waits.append(loop.time() - came[int(line.split()[2])])
        assert refused > 800
        assert len(waits) > 90
        assert max(waits) < 0.4 + 0.015  # they are looked at every 10 ms
        cook.cancel()

    virtual_clock.run(main())


def test_throw_away_the_oldest() -> None:
    """Where only the newest counts, as with the readings of a thermometer, throw away the oldest instead: `get_nowait()`, then `put_nowait()`."""

    async def main() -> None:
        readings: asyncio.Queue[int] = asyncio.Queue(maxsize=3)
        for reading in range(100):
            if readings.full():
                readings.get_nowait()
            readings.put_nowait(reading)
        assert [readings.get_nowait() for _ in range(3)] == [97, 98, 99]

    virtual_clock.run(main())


@pytest.mark.parametrize("told_so", [True, False])
def test_what_was_thrown_away(told_so: bool) -> None:
    """If somebody awaits `join()`, what you threw away needs its `task_done()` too."""

    async def main() -> None:
        readings: asyncio.Queue[int] = asyncio.Queue(maxsize=3)
        for reading in range(5):
            if readings.full():
                readings.get_nowait()
                if told_so:
                    readings.task_done()
            readings.put_nowait(reading)
        joined = asyncio.create_task(readings.join())
        for _ in range(3):
            readings.get_nowait()
            readings.task_done()
        await asyncio.wait([joined], timeout=3600)
        assert joined.done() is told_so
        joined.cancel()

    virtual_clock.run(main())


@pytest.mark.parametrize("slow", range(4))
def test_behind_the_last_long_queue(slow: int) -> None:
    """So more workers belong behind the last queue that is long."""

    async def stage(number: int, queues: list[asyncio.Queue[int]]) -> None:
        while True:
            item = await queues[number].get()
            await asyncio.sleep(1 if number == slow else 0)
            if number < 3:
                await queues[number + 1].put(item)

    async def main() -> None:
        for limit in (0, 5):
            queues: list[asyncio.Queue[int]]
            queues = [asyncio.Queue(limit) for _ in range(4)]

            async def feed(first: asyncio.Queue[int]) -> None:
                for item in range(100):
                    await first.put(item)

            tasks = [asyncio.create_task(stage(n, queues)) for n in range(4)]
            tasks.append(asyncio.create_task(feed(queues[0])))
            await asyncio.sleep(20.5)
            assert queues[slow].qsize() >= 5
            assert all(queue.qsize() <= 1 for queue in queues[slow + 1 :])
            for task in tasks:
                task.cancel()

    virtual_clock.run(main())


def test_before_the_slowest_stage(load: Load) -> None:
    """What waits lies before the slowest stage, and the queue behind it is as good as empty."""
    program = load("back_pressure/it_piles_up_before_the_slow_stage")
    found = [virtual_clock.run(program.lunch(limit)) for limit in (0, 1, 2, 3)]
    assert found == [
        f"8 potatoes, at most {most} waiting to be fried, 1 to be wrapped"
        for most in (7, 1, 2, 3)
    ]


def test_ready_no_later(load: Load) -> None:
    """With a limit the peeler has pauses in its lane, and lunch is ready no later."""
    program = load("back_pressure/it_piles_up_before_the_slow_stage")
    took = [virtual_clock.run(seconds(program.lunch(limit))) for limit in (0, 2)]
    assert took == [pytest.approx(0.4, abs=0.005)] * 2


@pytest.mark.parametrize("sentinels", [1, 3])
def test_one_each(sentinels: int) -> None:
    """Several workers at one queue need one each."""

    async def work(letters: asyncio.Queue[int | None]) -> None:
        while await letters.get() is not None:
            await asyncio.sleep(1)

    async def main() -> None:
        letters: asyncio.Queue[int | None] = asyncio.Queue()
        workers = [asyncio.create_task(work(letters)) for _ in range(3)]
        for item in (1, 2, 3, 4, *[None] * sentinels):
            letters.put_nowait(item)
        done, waiting = await asyncio.wait(workers, timeout=60)
        assert len(done) == sentinels
        for worker in waiting:
            worker.cancel()

    virtual_clock.run(main())


@NEEDS_SHUTDOWN
def test_after_shutdown() -> None:
    """After `shutdown()`, `put` raises `QueueShutDown`; `get` gives what is left, and raises it when the queue is empty."""

    async def main() -> None:
        letters: Any = asyncio.Queue()
        closed: Any = vars(asyncio)["QueueShutDown"]
        letters.put_nowait(1)
        letters.put_nowait(2)
        letters.shutdown()
        with pytest.raises(closed):
            await letters.put(3)
        assert [await letters.get(), await letters.get()] == [1, 2]
        with pytest.raises(closed):
            await letters.get()

    virtual_clock.run(main())


@NEEDS_SHUTDOWN
def test_shutdown_wakes() -> None:
    """It also wakes the workers who are already waiting in `get`."""

    async def main() -> None:
        letters: Any = asyncio.Queue()
        workers = [asyncio.create_task(letters.get()) for _ in range(3)]
        await asyncio.sleep(1)
        letters.shutdown()
        done, _ = await asyncio.wait(workers, timeout=60)
        errors = [type(worker.exception()).__name__ for worker in done]
        assert errors == ["QueueShutDown"] * 3

    virtual_clock.run(main())


def test_without_join(capsys: pytest.CaptureFixture[str]) -> None:
    """The last three orders: `main` cancels the cook as soon as the till has put them in, and no error says so."""
    program = changed(
        "a_queue_without_a_limit_fixed",
        ("        await orders.join()  # until task_done() was called for each\n", ""),
    )
    virtual_clock.run(program["main"]())
    lines = told(capsys)
    assert [line for line in lines if line.startswith("cook")] == [
        f"cook: order {number} is ready" for number in (1, 2, 3)
    ]
    assert "till: took order 6, 2 waiting" in lines


def test_a_slow_wrapper(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a limit, before `wrap`. With one, both trays fill up to it, and the peeler waits for the wrapper at the other end."""
    program = changed(
        "it_piles_up_before_the_slow_stage",
        ("asyncio.sleep(0.05)  # slow", "asyncio.sleep(0)"),
        (
            "is not None:\n        await asyncio.sleep(0)  # fast",
            "is not None:\n        await asyncio.sleep(0.05)",
        ),
    )
    virtual_clock.run(program["main"]())
    free, bounded = told(capsys)
    assert "7 to be wrapped" in free
    assert bounded.endswith("at most 2 waiting to be fried, 2 to be wrapped")

    async def main() -> None:
        peeled, fried = program["Tray"](2), program["Tray"](2)
        most = [0, 0]
        peeler = asyncio.create_task(program["peel"](peeled, most))
        fryer = asyncio.create_task(program["fry"](peeled, fried, most))
        await asyncio.wait([peeler, fryer], timeout=60)
        assert not peeler.done()  # nobody wraps
        wrapped = await program["wrap"](fried)
        assert wrapped == 8
        await asyncio.gather(peeler, fryer)

    virtual_clock.run(main())


def test_a_higher_mark(capsys: pytest.CaptureFixture[str]) -> None:
    """With `drain()`, up to eleven parts are in memory now; without it, as many as before."""
    program = changed(
        "drain_waits_for_the_reader", ("high=4 * len(PART)", "high=10 * len(PART)")
    )
    virtual_clock.run(program["main"]())
    lines = told(capsys)
    assert lines[2] == "sender: in memory, more than half"
    assert lines[-1] == "sender: in memory, at most 11"
