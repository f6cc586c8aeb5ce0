"""The claims of `concepts/when-not-to-use-asyncio.md`."""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

import virtual_clock
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
SLUG = "when_not_to_use_asyncio"
HERE = EXAMPLES / SLUG
CLOCK = EXAMPLES / "tools" / "virtual_clock.py"
DEADLINE = 30  # seconds; only a broken program takes as long


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(folder: Path, name: str, old: str, new: str) -> Path:
    """A program with one change that its page proposes, in `folder`."""
    text = (HERE / f"{name}.py").read_text("utf-8")
    assert text.count(old) == 1
    program = folder / f"{name}.py"
    program.write_text(text.replace(old, new), "utf-8")
    return program


def statements(name: str) -> list[ast.stmt]:
    """The statements of a program's functions, without their first line."""
    tree = ast.parse((HERE / f"{name}.py").read_text("utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    functions = [node for node in tree.body if isinstance(node, kinds)]
    assert len(functions) == 2
    return [
        node
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and node is not function
    ]


def test_as_long() -> None:
    """It is as long, and it takes as long."""
    in_threads = statements("ten_waits_in_threads")
    in_tasks = statements("ten_waits_in_tasks")
    assert len(in_threads) == len(in_tasks)


def test_both_take_one_wait(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Both start ten waits and are idle until the first is over."""
    program = load(f"{SLUG}/ten_waits_in_tasks")
    begun: list[float] = []
    look_up = program.look_up

    async def noted(number: int) -> str:
        begun.append(time.monotonic())
        book: str = await look_up(number)
        return book

    program.look_up = noted  # type: ignore[attr-defined]
    virtual_clock.run(program.main())
    assert len(begun) == 10
    assert max(begun) - min(begun) < 0.01
    from_tasks = told(capsys)

    program = load(f"{SLUG}/ten_waits_in_threads")
    all_wait = threading.Barrier(10)  # passed only if ten wait at once

    def wait(seconds: float) -> None:
        assert seconds == program.WAIT
        all_wait.wait(DEADLINE)

    program.time = type("Clock", (), {"sleep": wait, "monotonic": lambda: 0})  # type: ignore[attr-defined]
    program.main()
    from_threads = told(capsys)
    assert from_threads[0] == from_tasks[0] == "book 1, book 2, book 3 ... book 10"
    assert from_tasks[1] == "took as long as 1 of 10 waits"


def test_the_order_of_the_arguments() -> None:
    """Even the order is the same: `pool.map` gives the results in the order of its arguments, as `gather` does."""
    last_is_done = threading.Event()

    def answer(number: int) -> int:
        if number == 2:
            last_is_done.set()
        assert last_is_done.wait(DEADLINE)
        return number

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(answer, range(3))) == [0, 1, 2]

    async def reply(number: int) -> int:
        await asyncio.sleep(3 - number)
        return number

    async def main() -> list[int]:
        return await asyncio.gather(*map(reply, range(3)))

    assert virtual_clock.run(main()) == [0, 1, 2]


def test_an_ordinary_function(load: Load) -> None:
    """`look_up` in the pool is an ordinary function, and so is whoever calls it. In the second program both had to become `async def`."""
    for name, expected in [
        ("ten_waits_in_threads", False),
        ("ten_waits_in_tasks", True),
    ]:
        program = load(f"{SLUG}/{name}")
        assert inspect.iscoroutinefunction(program.look_up) is expected
        assert inspect.iscoroutinefunction(program.main) is expected


@pytest.mark.parametrize("tasks", [1, 4])
def test_tasks_compute_in_turn(tasks: int) -> None:
    """Tasks compute one after another, and hold up all others meanwhile."""

    async def compute() -> None:
        time.sleep(1)  # stands for work of the processor

    async def main() -> float:
        start = time.monotonic()
        jobs = [asyncio.create_task(compute()) for _ in range(tasks)]
        await asyncio.sleep(0.5)  # held up
        late = time.monotonic() - start
        await asyncio.gather(*jobs)
        return late

    assert virtual_clock.run(main()) == pytest.approx(tasks, abs=0.01)


def test_as_late_as_the_steps_before_it() -> None:
    """A timer may be late, by as long as the steps before it take."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        rang: list[float] = []
        due = loop.time() + 1
        loop.call_at(due, lambda: rang.append(loop.time()))
        await asyncio.sleep(0.9)
        loop.call_soon(time.sleep, 3)
        time.sleep(2)  # two long steps, begun before the timer was due
        assert rang == []
        await asyncio.sleep(0.001)
        assert due <= rang[0] == pytest.approx(due + 4.9, abs=0.01)

    virtual_clock.run(main())


@pytest.mark.parametrize("wrapped", [True, False])
def test_wrapping(wrapped: bool) -> None:
    """If every call goes through `asyncio.to_thread`, the program has a pool of threads and an event loop, and waits no better than with the pool alone."""
    threads: set[int] = set()
    two = threading.Barrier(2)  # two wait at once, whoever waits

    def call(number: int) -> int:
        threads.add(threading.get_ident())
        two.wait(DEADLINE)
        return number

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(2))
        return await asyncio.gather(*(asyncio.to_thread(call, n) for n in range(6)))

    if wrapped:
        assert asyncio.run(main()) == list(range(6))
    else:
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(call, range(6))) == list(range(6))
    assert len(threads) == 2
    assert threading.get_ident() not in threads


def test_further_calls_queue() -> None:
    """By default that pool has a few threads more than the machine has processors, 32 at most; further calls queue."""
    release = threading.Event()
    begun: list[int] = []

    def call(number: int) -> None:
        begun.append(number)
        assert release.wait(DEADLINE)

    async def main() -> int:
        processors = getattr(os, "process_cpu_count", os.cpu_count)() or 1
        threads = min(32, processors + 4)
        calls = [
            asyncio.create_task(asyncio.to_thread(call, n)) for n in range(threads + 3)
        ]
        async with asyncio.timeout(DEADLINE):
            while len(begun) < threads:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        assert len(begun) == threads
        release.set()
        await asyncio.gather(*calls)
        return threads

    threads = asyncio.run(main())
    assert len(begun) == threads + 3


def test_two_triangles(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Joan and Mary were promised a letter, and when the program ended the promise was gone: two triangles in the timeline, and nobody who remembers."""
    program = load(f"{SLUG}/a_restart_loses_tasks")
    send = program.send
    cut: list[str] = []

    async def noted(name: str, delay: float) -> None:
        try:
            await send(name, delay)
        except asyncio.CancelledError:
            cut.append(name)
            raise

    program.send = noted  # type: ignore[attr-defined]
    asyncio.run(program.send_in_tasks())
    assert told(capsys) == ["task: sent to Ada", "task: sent to Grace"]
    assert sorted(cut) == ["Joan", "Mary"]
    assert asyncio.run(program.count_tasks()) == 0


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Path]:
    """A table with two letters."""
    file = tmp_path / "letters.db"
    with closing(sqlite3.connect(file)) as table:
        table.execute("CREATE TABLE letters (name TEXT)")
        table.executemany("INSERT INTO letters VALUES (?)", [("Ada",), ("Joan",)])
        table.commit()
    return file


def test_the_table_remembers(
    letters: Path, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table remembered."""
    program = load(f"{SLUG}/a_restart_loses_tasks")
    for _ in range(3):
        program.send_from(letters, at_most=1)
    sent = [line for line in told(capsys) if "sent to" in line]
    assert sent == ["table: sent to Ada", "table: sent to Joan"]


def test_a_second_time(
    letters: Path, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the power is cut between the sending and the `DELETE`, the letter goes out a second time."""
    program = load(f"{SLUG}/a_restart_loses_tasks")

    class PowerCutError(Exception):
        """It is dark."""

    def cut_after_sending(*words: object) -> None:
        print(*words)
        if words[0] == "table: sent to":
            raise PowerCutError

    program.print = cut_after_sending  # type: ignore[attr-defined]
    with pytest.raises(PowerCutError):
        program.send_from(letters, at_most=1)
    program.print = print  # type: ignore[attr-defined]
    program.send_from(letters, at_most=1)
    sent = [line for line in told(capsys) if "sent to" in line]
    assert sent == ["table: sent to Ada"] * 2


def test_the_thread_goes_on() -> None:
    """The limit on `result` ended the wait for the thread, and not the thread."""
    release, over = threading.Event(), threading.Event()

    def answer() -> None:
        assert release.wait(DEADLINE)
        over.set()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(answer)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0)
        assert not over.is_set()
        assert waiting.cancel() is False  # too late, it is running
        release.set()
    assert over.is_set()


def test_the_pool_waits(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The pool could not close until it was done, so giving up after a fifth of the time saved nothing."""
    program = load(f"{SLUG}/a_thread_cannot_be_stopped")
    share = program.LIMIT / program.LONG
    assert share == pytest.approx(1 / 5)
    given_up, over = threading.Event(), threading.Event()

    def wait(seconds: float) -> None:
        assert given_up.wait(DEADLINE)
        over.set()

    def told_that_time_is_up(*words: object, end: str = "\n") -> None:
        print(*words, end=end)
        if words == (True,):  # it is still waiting
            given_up.set()

    program.print = told_that_time_is_up  # type: ignore[attr-defined]
    program.time = type("Clock", (), {"sleep": wait})  # type: ignore[attr-defined]
    program.in_a_thread()
    assert over.is_set()
    assert told(capsys) == ["thread: time is up; is it still waiting? True"]


def test_the_task_is_over(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The task, in the timeline, was cancelled at its `await`, and it was over when its time was."""
    program = load(f"{SLUG}/a_thread_cannot_be_stopped")

    async def main() -> float:
        start = time.monotonic()
        await program.in_a_task()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return time.monotonic() - start

    took = virtual_clock.run(main())
    assert took == pytest.approx(program.LIMIT, abs=0.01)
    assert told(capsys) == ["task: time is up; is it still waiting? False"]


def test_between_two_awaits() -> None:
    """Between two awaits nobody else runs, while a thread may be interrupted anywhere."""
    counted = 0

    async def count() -> None:
        nonlocal counted
        for _ in range(100):
            before = counted
            sum(range(100))  # no await in here
            counted = before + 1
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(*(count() for _ in range(20)))

    asyncio.run(main())
    assert counted == 2000

    seen = 0
    steps = [0]
    late = time.monotonic() + DEADLINE

    def step() -> None:
        while steps[0] >= 0 and time.monotonic() < late:
            steps[0] += 1

    other = threading.Thread(target=step)
    other.start()
    while seen < 3 and time.monotonic() < late:
        before = steps[0]
        while steps[0] == before and time.monotonic() < late:
            pass  # neither waits nor calls anything that does
        seen += 1
    steps[0] = -1_000_000_000
    other.join()
    assert seen == 3


def test_one_function_of_a_synchronous_program() -> None:
    """A synchronous program may call `asyncio.run` for one function that asks two hundred servers, and an asynchronous one may keep its computing in a process."""
    at_once = most = 0

    async def ask() -> int:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(1)
        at_once -= 1
        return 1

    async def ask_all() -> int:
        return sum(await asyncio.gather(*(ask() for _ in range(200))))

    def synchronous() -> int:
        answers: int = virtual_clock.run(ask_all())
        return answers

    assert synchronous() == most == 200


def test_change_it_pool(tmp_path: Path) -> None:
    """It takes as long as three waits: four, four, and then the last two."""
    program = changed(
        tmp_path,
        "ten_waits_in_threads",
        "ThreadPoolExecutor(10)",
        "ThreadPoolExecutor(4)",
    )
    assert run(program, str(CLOCK)).stdout.splitlines() == [
        "book 1, book 2, book 3 ... book 10",
        "took as long as 3 of 10 waits",
    ]


def test_change_it_limit(tmp_path: Path) -> None:
    """Nothing is printed about time being up, since both answers come first. Both ways are over after a third of the limit, which rounds to 0."""
    program = changed(
        tmp_path, "a_thread_cannot_be_stopped", "LIMIT = 1.0, 0.2", "LIMIT = 1.0, 3.0"
    )
    said = run(program, str(CLOCK)).stdout.splitlines()
    assert said == ["over after 0 times the limit"] * 2
