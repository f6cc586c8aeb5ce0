"""The claims of `concepts/asynchronous-programming.md`."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from editing import changed
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
Said = list[tuple[int, str]]
HERE = EXAMPLES / "asynchronous_programming"


def listen(program: ModuleType) -> Said:
    """Note what `program` prints from now on, each with its second on the clock."""
    said: Said = []
    start = time.monotonic()

    def note(*words: object) -> None:
        said.append((round(time.monotonic() - start), " ".join(map(str, words))))

    program.print = note  # type: ignore[attr-defined]
    return said


def timed(work: Callable[[], Awaitable[object]]) -> float:
    """How long `work` takes on the virtual clock."""

    async def main() -> float:
        start = time.monotonic()
        await work()
        return time.monotonic() - start

    took: float = virtual_clock.run(main())
    return took


async def side_by_side(*jobs: Coroutine[Any, Any, object]) -> None:
    """Run `jobs` as tasks, and wait for all of them."""
    async with asyncio.TaskGroup() as tasks:
        for job in jobs:
            tasks.create_task(job)


def test_a_call_keeps_the_thread(load: Load) -> None:
    """Still, the file is not asked for before the network has answered, since an ordinary call keeps the thread until it returns."""
    program = load("asynchronous_programming/one_after_another")

    async def main() -> Said:
        said = listen(program)
        program.main()
        return said

    said = virtual_clock.run(main())
    assert said == [
        (0, "network: asked"),
        (1, "network: answered"),
        (1, "file: asked"),
        (2, "file: answered"),
        (2, "database: asked"),
        (3, "database: answered"),
        (3, "took 3 s"),
    ]


def test_a_pause_hands_control_over(load: Load) -> None:
    """It cannot go on, so it is paused there, and control passes to the event loop. The loop starts the file's task, which gets as far as its own `await`; then the database's."""
    program = load("asynchronous_programming/all_at_once")

    async def main() -> Said:
        said = listen(program)
        await program.main()
        return said

    names = ["network", "file", "database"]
    asked = [(0, f"{name}: asked") for name in names]
    answered = [(1, f"{name}: answered") for name in names]
    assert virtual_clock.run(main()) == [*asked, *answered, (1, "took 1 s")]


def test_one_runs_at_a_time(load: Load) -> None:
    """At no moment did two of them run."""
    program = load("asynchronous_programming/all_at_once")
    threads: list[int] = []
    program.print = lambda *_: threads.append(threading.get_ident())  # type: ignore[attr-defined]
    virtual_clock.run(program.main())
    assert threads == [threading.get_ident()] * 7


def test_a_wait_gets_no_shorter(load: Load) -> None:
    """Each single answer took a second, as before."""
    program = load("asynchronous_programming/all_at_once")
    assert timed(lambda: program.ask("network")) == pytest.approx(1, abs=0.01)


def test_fifty_waits(load: Load) -> None:
    """Fifty seconds of waiting passed in one second of the clock, and the processor time rounds to zero."""
    program = load("asynchronous_programming/waiting_is_not_working")
    waits = 0
    wait = program.wait

    async def counted() -> str:
        nonlocal waits
        assert timed_now() < 0.5, "it waits for another one to end"
        name: str = await wait()
        waits += 1
        assert timed_now() == pytest.approx(1, abs=0.01)
        return name

    start = 0.0

    def timed_now() -> float:
        return time.monotonic() - start

    async def main() -> None:
        nonlocal start
        start = time.monotonic()
        await program.main()

    program.wait = counted  # type: ignore[attr-defined]
    virtual_clock.run(main())
    assert waits == 50
    real = run(HERE / "waiting_is_not_working.py")
    assert "seconds of processor time: 0\n" in real.stdout


def test_a_paused_task_holds_no_thread() -> None:
    """A paused task holds no thread: it is an object in memory that somebody will wake."""

    async def main() -> tuple[int, int]:
        gate = asyncio.Event()
        before = threading.active_count()
        paused = [asyncio.create_task(gate.wait()) for _ in range(100)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in paused)
        during = threading.active_count()
        gate.set()
        await asyncio.gather(*paused)
        return before, during

    before, during = asyncio.run(main())
    assert during == before


def test_computations_do_not_overlap(load: Load) -> None:
    """Each task is begun and done before the next one begins."""
    program = load("asynchronous_programming/computing_does_not_overlap")
    said = listen(program)
    asyncio.run(program.main())
    told = [tuple(words.split(",")[0].split(": ")) for _, words in said]
    assert told == [
        (what, step) for what in ("red", "green", "blue") for step in ("begun", "done")
    ]


def test_a_computation_gives_nothing_back(load: Load) -> None:
    """A computation has no point at which it waits, so it keeps the thread until it is done."""
    program = load("asynchronous_programming/computing_does_not_overlap")
    said = listen(program)

    async def main() -> None:
        other = asyncio.create_task(note())
        await program.compute("red")
        await other

    async def note() -> None:
        program.print("other: my turn")

    asyncio.run(main())
    assert [words.split(":")[0] for _, words in said] == ["red", "red", "other"]


def test_taking_turns_wins_nothing() -> None:
    """And the last sum would come no sooner if it did give way: taking turns, the same thread would do the same work."""
    steps: list[str] = []

    async def compute(what: str, gives_way: bool) -> None:
        for _ in range(4):
            time.sleep(1)  # the thread is busy for a second
            steps.append(what)
            if gives_way:
                await asyncio.sleep(0)

    def three(gives_way: bool) -> float:
        jobs = [compute(what, gives_way) for what in "abc"]
        return timed(lambda: side_by_side(*jobs))

    assert three(gives_way=False) == pytest.approx(12, abs=0.01)
    assert three(gives_way=True) == pytest.approx(12, abs=0.01)
    assert "".join(steps) == "aaaabbbbcccc" + "abc" * 4


def test_tasks_do_the_same_sums(load: Load) -> None:
    """The next program does the same sums by ordinary calls and by tasks, and divides one processor time by the other."""
    program = load("asynchronous_programming/the_same_work_takes_the_same_time")
    sums: list[bool] = []
    add_up = program.add_up

    def counted() -> int:
        frame_of_a_task = len(asyncio.all_tasks()) > 1
        sums.append(frame_of_a_task)
        total: int = add_up()
        return total

    program.add_up = counted  # type: ignore[attr-defined]
    said = listen(program)
    asyncio.run(program.main())
    assert sums == [False, False, False, True, True, True] * 30
    assert said[-1][1] == "processor time, tasks to calls: 1 to 1"


def test_mixed_work() -> None:
    """One after another they take nine seconds; as tasks they take seven."""

    async def job() -> None:
        time.sleep(2)  # stands for computing: the thread is busy
        await asyncio.sleep(1)

    async def one_after_another() -> None:
        for _ in range(3):
            await job()

    assert timed(one_after_another) == pytest.approx(9, abs=0.01)
    as_tasks = timed(lambda: side_by_side(job(), job(), job()))
    assert as_tasks == pytest.approx(7, abs=0.01)


def test_asked_first_answered_last(load: Load) -> None:
    """The network was asked first and answered last."""
    program = load("asynchronous_programming/network_file_database")
    said = listen(program)
    asyncio.run(program.main())
    words = [words for _, words in said]
    assert words[0] == "network: asked"
    assert words[5] == "network: rain"
    assert sorted(words[1:5]) == [
        "database: 2 umbrellas",
        "database: asked",
        "file: asked",
        "file: meet at noon",
    ]


def test_the_network_holds_no_thread(load: Load) -> None:
    """For the network, the operating system tells the loop which connection has something to read; the wait holds no thread of its own."""
    program = load("asynchronous_programming/network_file_database")

    async def main() -> None:
        connected, may_answer = asyncio.Event(), asyncio.Event()

        async def answer(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            connected.set()
            await may_answer.wait()
            writer.write(b"rain")
            writer.close()
            await writer.wait_closed()

        before = threading.active_count()
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(30), server:
            task = asyncio.create_task(program.from_network(port))
            await connected.wait()
            during = threading.active_count()
            assert not task.done()
            may_answer.set()
            assert await task == "rain"
        assert during == before

    asyncio.run(main())


def test_helper_threads(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own functions for files and for SQLite block, so `asyncio.to_thread` lets a helper thread do that waiting."""
    program = load("asynchronous_programming/network_file_database")
    program.print = lambda *_: None  # type: ignore[attr-defined]
    threads: dict[str, int] = {}
    select, read_text = program.select_umbrellas, Path.read_text

    def noting_select() -> str:
        threads["database"] = threading.get_ident()
        found: str = select()
        return found

    def noting_read(path: Path) -> str:
        threads["file"] = threading.get_ident()
        return read_text(path)

    program.select_umbrellas = noting_select  # type: ignore[attr-defined]
    monkeypatch.setattr(Path, "read_text", noting_read)
    asyncio.run(program.main())
    assert threads.keys() == {"file", "database"}
    assert threading.get_ident() not in threads.values()


def test_a_chain(load: Load) -> None:
    """It gets no faster alone. It helps if many such chains run side by side, as in a web server."""
    program = load("asynchronous_programming/all_at_once")
    program.print = lambda *_: None  # type: ignore[attr-defined]

    async def chain() -> None:
        for step in ("first", "second", "third"):
            await program.ask(step)

    assert timed(chain) == pytest.approx(3, abs=0.01)
    ten = (chain() for _ in range(10))
    assert timed(lambda: side_by_side(*ten)) == pytest.approx(3, abs=0.01)


def test_one_blocks_all() -> None:
    """And one task that computes or blocks holds up all the others, as the sums did above."""

    async def block() -> None:
        time.sleep(5)

    async def ask() -> None:
        await asyncio.sleep(1)

    assert timed(lambda: side_by_side(ask())) == pytest.approx(1, abs=0.01)
    together = timed(lambda: side_by_side(block(), ask()))
    assert together == pytest.approx(6, abs=0.01)


ASLEEP = "await asyncio.sleep(1)"


def test_a_blocking_sleep_in_each_task() -> None:
    """Three seconds, in the order of `one_after_another.py`. `time.sleep` keeps the thread, in an `async def` as anywhere else, and so no task ever pauses."""
    program = changed("asynchronous_programming/all_at_once", (ASLEEP, "time.sleep(1)"))

    async def main() -> Said:
        said = listen(program)
        await program.main()
        return said

    said = virtual_clock.run(main())
    plain = (HERE / "one_after_another.out").read_text("utf-8").splitlines()
    assert [words for _, words in said] == plain
    assert said[-1] == (3, "took 3 s")


def test_the_longest_wait() -> None:
    """The file's answer comes first, after one second, then the network's, then the database's. Together they take two seconds, as long as the longest."""
    program = changed(
        "asynchronous_programming/all_at_once",
        (ASLEEP, "await asyncio.sleep(len(whom) / 4)"),
    )

    async def main() -> Said:
        said = listen(program)
        await program.main()
        return said

    said = virtual_clock.run(main())
    assert [words for _, words in said[3:]] == [
        "file: answered",
        "network: answered",
        "database: answered",
        "took 2 s",
    ]
    assert said[3][0] == 1
    assert said[5][0] == 2


def test_a_pause_before_the_sum() -> None:
    """All three tasks are begun before the first is done. The sums are still added up one after another, so the last is done no sooner."""
    line = '    print(f"{what}: begun")\n'
    program = changed(
        "asynchronous_programming/computing_does_not_overlap",
        (line, line + "    await asyncio.sleep(0)\n"),
    )

    def add_up(numbers: Iterable[int]) -> int:
        time.sleep(1)  # the thread is busy for a second
        return 0

    program.sum = add_up  # type: ignore[attr-defined]

    async def main() -> Said:
        said = listen(program)
        await program.main()
        return said

    said = virtual_clock.run(main())
    begun = [(0, f"{what}: begun") for what in ("red", "green", "blue")]
    done = [(1, "red: done, 0"), (2, "green: done, 0"), (3, "blue: done, 0")]
    assert said == begun + done
