"""The claims of `concepts/concurrency-and-parallelism.md`."""

from __future__ import annotations

import asyncio
import math
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType

import pytest

import virtual_clock
from editing import changed
from programs import EXAMPLES, Program
from running import expected, run

Load = Callable[[str], ModuleType]
SLUG = "concurrency_and_parallelism"
HERE = EXAMPLES / SLUG
DEADLINE = 30  # seconds; only a broken program takes as long

has_lock = getattr(sys, "_is_gil_enabled", lambda: True)


def dishes_at_once(program: ModuleType) -> tuple[int, int]:
    """How many dishes were in progress at once, and how many at a step."""

    async def cook_three() -> tuple[int, int]:
        in_progress, running = program.Gauge(), program.Gauge()
        async with asyncio.TaskGroup() as kitchen:
            for dish in "abc":
                kitchen.create_task(program.cook(dish, in_progress, running))
        return in_progress.most, running.most

    return asyncio.run(cook_three())


def test_one_at_a_step(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Three dishes were in progress at once, and never more than one was at a step."""
    program = load(f"{SLUG}/concurrent_is_not_parallel")
    assert dishes_at_once(program) == (3, 1)
    turns = [line[0] for line in capsys.readouterr().out.splitlines()]
    assert turns == list("abc") * 3


def test_downloads_and_calculations(load: Load) -> None:
    """The downloads were concurrent, and the calculations came one after the other all the same."""
    waiting = load(f"{SLUG}/four_ways_to_wait")
    waits = virtual_clock.run(waiting.in_tasks())
    assert max(run.start for run in waits) < min(run.end for run in waits)
    computing = load(f"{SLUG}/four_ways_to_compute")
    first, second = asyncio.run(computing.in_tasks())
    assert first.end <= second.start


def test_an_await_lets_others_in() -> None:
    """It says 3, and still only one dish runs. The gauge counts two that are paused in the middle of a step."""
    line = " " * 12 + "await asyncio.sleep(0)"
    program = changed(f"{SLUG}/concurrent_is_not_parallel", (line, " " * 4 + line))
    assert dishes_at_once(program) == (3, 3)


ASYNC_PRIMES = (
    ("def count_primes", "async def count_primes"),
    ("count_primes(200_000)", "await count_primes(200_000)"),
)


def test_primes_in_a_coroutine(capsys: pytest.CaptureFixture[str]) -> None:
    """No. Nothing in it waits, so `await count_primes(200_000)` runs through to the end like a plain call."""
    name = "computing_stops_the_heart_broken"
    program = changed(f"{SLUG}/{name}", *ASYNC_PRIMES)
    asyncio.run(program.main())
    assert capsys.readouterr().out == (HERE / f"{name}.out").read_text("utf-8")


def test_primes_that_give_way(capsys: pytest.CaptureFixture[str]) -> None:
    """It does. Every thousand numbers the job gives way, and a beat that is due has its turn. The primes take no less time for it, and two cores would be of no use: there is still one thread."""
    loop = "    for n in range(2, limit):\n"
    pause = "        if n % 1000 == 0:\n            await asyncio.sleep(0)\n"
    program = changed(
        f"{SLUG}/computing_stops_the_heart_broken", *ASYNC_PRIMES, (loop, loop + pause)
    )
    threads: set[int] = set()

    def slow_range(*limits: int) -> Iterator[int]:
        for n in range(*limits):
            if n % 1000 == 1:  # a thousand numbers take a millisecond
                time.sleep(0.001)
                threads.add(threading.get_ident())
            yield n

    program.range = slow_range  # type: ignore[attr-defined]

    async def timed() -> float:
        start = time.monotonic()
        await program.main()
        return time.monotonic() - start

    assert virtual_clock.run(timed()) == pytest.approx(0.2, abs=0.02)
    assert capsys.readouterr().out.splitlines() == [
        "beat 1",
        "job: begun",
        "beat 2",
        "beat 3",
        "job: 17984 primes",
    ]
    assert threads == {threading.get_ident()}


def test_one_wait_by_one(load: Load) -> None:
    """One by one, each wait holds the only thread. The next begins when it is over."""
    program = load(f"{SLUG}/four_ways_to_wait")
    with virtual_clock.VirtualClock():
        runs = [program.wait(job) for job in program.JOBS]
    assert all(a.end <= b.start for a, b in pairwise(runs))
    assert runs[-1].end - runs[0].start == pytest.approx(3, abs=0.01)
    assert len({run.thread for run in runs}) == 1


def test_waits_in_threads(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """`time.sleep` stops the thread that calls it, and no other."""
    program = load(f"{SLUG}/four_ways_to_wait")
    asleep, all_asleep = threading.Semaphore(0), threading.Event()
    sleep = time.sleep
    late = time.monotonic() + DEADLINE

    def sleep_until_all_do(seconds: float) -> None:
        asleep.release()
        while not all_asleep.is_set() and time.monotonic() < late:
            sleep(0.01)

    monkeypatch.setattr(time, "sleep", sleep_until_all_do)
    with ThreadPoolExecutor(3) as pool:
        waits = [pool.submit(program.wait, job) for job in range(3)]
        for _ in waits:
            assert asleep.acquire(timeout=DEADLINE)
        all_asleep.set()
        runs = [wait.result(DEADLINE) for wait in waits]
    assert max(run.start for run in runs) < min(run.end for run in runs)
    assert len({run.thread for run in runs}) == 3


def test_waits_in_tasks(load: Load) -> None:
    """`await asyncio.sleep(1)` gives the thread back to the loop, which begins the next wait."""
    program = load(f"{SLUG}/four_ways_to_wait")
    runs = virtual_clock.run(program.in_tasks())
    starts = [run.start for run in runs]
    assert max(starts) - min(starts) < 0.01
    assert [run.end - run.start for run in runs] == pytest.approx([1] * 3, abs=0.01)
    assert {run.thread for run in runs} == {threading.get_native_id()}


def test_computing_in_tasks(load: Load) -> None:
    """The second task began when the first was over, since nothing in the first ever gave the thread back."""
    program = load(f"{SLUG}/four_ways_to_compute")
    first, second = asyncio.run(program.in_tasks())
    assert first.end <= second.start
    assert {first.thread, second.thread} == {threading.get_native_id()}


def test_threads_are_interrupted() -> None:
    """A thread can be interrupted in the middle of a calculation, without any `await`, and so both jobs were in progress."""
    steps = [0, 0]
    overtaken = [0, 0]
    late = time.monotonic() + DEADLINE

    def compute(me: int) -> None:
        seen = -1
        while min(overtaken) < 3 and time.monotonic() < late:
            steps[me] += 1
            if steps[1 - me] > seen:  # the other has been at work meanwhile
                seen = steps[1 - me]
                overtaken[me] += 1

    threads = [threading.Thread(target=compute, args=[me]) for me in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(overtaken) >= 3


@pytest.mark.skipif(not has_lock(), reason="this build of Python has no such lock")
def test_threads_under_the_lock(load: Load) -> None:
    """Under that lock, two threads that compute in Python take at least as long as one after the other."""
    program = load(f"{SLUG}/four_ways_to_compute")
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(program.compute, range(2)))
    took = max(run.end for run in runs) - min(run.start for run in runs)
    assert took > 0.9 * 2 * 0.1


@pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"),
    reason="only Linux can hold a program to one core",
)
@pytest.mark.parametrize("name", ["four_ways_to_wait", "four_ways_to_compute"])
def test_one_core(name: str) -> None:
    """Hold either program to one core, and its table stays the same."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        got = run(HERE / f"{name}.py")
    finally:
        os.sched_setaffinity(0, cores)
    assert got == expected(Program(HERE / f"{name}.py"))


def test_the_heart_stands_still(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """The heart stood still until the last prime was counted."""
    program = load(f"{SLUG}/computing_stops_the_heart_broken")
    events: list[str] = []

    def count_primes(limit: int) -> int:
        events.append("begun")
        time.sleep(1)  # moves the clock far beyond the next beats
        events.append("over")
        return 0

    monkeypatch.setattr(program, "count_primes", count_primes)
    monkeypatch.setattr(
        program, "print", lambda *it: events.append(f"{it[0]}"), raising=False
    )
    virtual_clock.run(program.main())
    assert (
        events
        == ["beat", "job: begun", "begun", "over", "job: 0 primes"] + ["beat"] * 2
    )


def test_the_heart_beats_on(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Awaiting it is a wait like any other: control goes to the loop, and the heart beats on."""
    program = load(f"{SLUG}/computing_stops_the_heart_fixed")
    beaten = threading.Event()
    monkeypatch.setattr(program, "count_primes", lambda limit: beaten.wait(DEADLINE))
    told: list[object] = []
    monkeypatch.setattr(program, "print", lambda *it: told.append(it[0]), raising=False)

    async def three_beats() -> None:
        await program.heart()
        beaten.set()

    async def both(pool: Executor) -> None:
        await asyncio.gather(program.job(pool), three_beats())

    with ThreadPoolExecutor(1) as pool:
        asyncio.run(both(pool))
    assert told == ["job: begun", "beat", "beat", "beat", "job: True primes"]


def test_what_comes_back_and_what_cannot_go() -> None:
    """The result comes back through the `await`, and so does an error."""

    async def ask(pool: Executor) -> None:
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(pool, math.sqrt, 9) == 3
        with pytest.raises(ValueError, match=r"math domain|nonnegative"):
            await loop.run_in_executor(pool, math.sqrt, -9)
        assert await loop.run_in_executor(pool, os.getpid) != os.getpid()

    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        asyncio.run(ask(processes))


def test_a_lambda_stays_at_home() -> None:
    """Function and arguments are pickled on their way, and a lambda cannot be."""

    async def send(pool: Executor) -> None:
        loop = asyncio.get_running_loop()
        with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
            await loop.run_in_executor(pool, lambda: 1)

    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        asyncio.run(send(processes))


def test_the_main_guard(tmp_path: Path) -> None:
    """And a spawned process imports your file: without the main guard it would start the program again, and Python stops it with an error."""
    text = (HERE / "computing_stops_the_heart_fixed.py").read_text("utf-8")
    program = tmp_path / "unguarded.py"
    program.write_text(text.replace('if __name__ == "__main__":', "if True:"), "utf-8")
    done = run(program)
    assert done.status == 1
    assert done.stdout.count("job: begun") == 2
    assert "bootstrapping phase" in done.stderr
    assert "primes" not in done.stdout


def test_a_library_that_blocks() -> None:
    """`asyncio.to_thread` makes a call that blocks in another thread, and the loop goes on."""

    async def main() -> bool:
        tasks_may_run = threading.Event()
        blocked = asyncio.create_task(asyncio.to_thread(tasks_may_run.wait, DEADLINE))
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(tasks_may_run.set)
        return await blocked

    assert asyncio.run(main())
