"""The claims of `measurements/cost-of-one.md`.

They are checked against what was recorded: `--results FOLDER` checks them
against what was measured elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks import cost_of_one
from benchmarks.__main__ import make_parser
from benchmarks.harness import Result
from programs import DOCS

TASK, CONNECTION, THREAD, FORKED, PYTHON = cost_of_one.WAYS


@pytest.fixture(scope="session")
def result(measured: Callable[[str], Result]) -> Result:
    return measured("cost_of_one")


def typical(result: Result, metric: str, way: str, amount: int) -> float:
    """The median of a metric."""
    (found,) = (m for m in result.benchmark.metrics if m.name == metric)
    return result.spread(found, way, amount).middle


def most(way: str) -> int:
    """The largest amount of a way."""
    return cost_of_one.AMOUNTS[way][-1]


def size(result: Result, way: str) -> float:
    """Kilobytes of one of the most that were measured."""
    return typical(result, "Memory", way, most(way))


def price(result: Result, way: str) -> float:
    """Microseconds of the processor for one of the most that were measured."""
    return typical(result, "Processor time", way, most(way))


def test_a_task(result: Result) -> None:
    """A waiting task takes about 1.5 KB."""
    assert size(result, TASK) == pytest.approx(1.5, rel=0.15)


def test_the_others(result: Result) -> None:
    """A connection with the task that reads it takes about 7 KB, a thread 16 KB, a process that is a copy of another about 0.9 MB, and one that starts a Python of its own about 3 MB."""
    assert size(result, CONNECTION) == pytest.approx(7, rel=0.15)
    assert size(result, THREAD) == pytest.approx(16, rel=0.15)
    assert size(result, FORKED) == pytest.approx(900, rel=0.15)
    assert size(result, PYTHON) == pytest.approx(3000, rel=0.15)


def test_three_powers(result: Result) -> None:
    """Between the first and the last there are three powers of ten, in memory and in processor time."""
    for measure in (size, price):
        assert 300 < measure(result, PYTHON) / measure(result, TASK) < 3000


def test_a_gigabyte(result: Result) -> None:
    """A gigabyte of memory therefore holds more than half a million tasks, more than a hundred thousand connections, more than fifty thousand threads, or about a thousand forked processes."""
    kilobytes = 1_000_000
    assert kilobytes / size(result, TASK) > 500_000
    assert kilobytes / size(result, CONNECTION) > 100_000
    assert kilobytes / size(result, THREAD) > 50_000
    assert kilobytes / size(result, FORKED) == pytest.approx(1000, rel=0.3)


def test_each_was_there(result: Result) -> None:
    """So many are made, all wait until the last one is there, then all are told to go on, and end."""
    for way, amount in result.cases:
        for m in result.of(way, amount):
            assert m["done"] == amount
            if way == CONNECTION:
                assert m["connections"] == amount + 1  # and the one of the warm-up


@pytest.mark.parametrize("way", [TASK, THREAD])
def test_nothing_of_its_own(way: str) -> None:
    """None of them holds anything of its own, so these are the lowest prices that there are."""
    assert cost_of_one.WAYS[way](7) == 7


def test_repeat_it() -> None:
    """Repeat it on your machine with benchmarks.zip; it needs no package, takes a minute, and for the processes it needs Linux:"""
    assert cost_of_one.BENCHMARK.packages == []
    command = (DOCS / "_includes" / "benchmarks" / "cost_of_one.txt").read_text("utf-8")
    python, m, package, name, *_ = command.split()
    assert (python, m, package) == ("python", "-m", "benchmarks")
    assert make_parser().parse_args([name]).names == ["cost_of_one"]


def test_a_hundred_thousand(result: Result) -> None:
    """They wait in one process, in one thread, and take less than 200 MB."""
    assert most(TASK) == 100_000
    for m in result.of(TASK, 100_000):
        assert m["memory"] < 200e6


def test_the_price_stays(result: Result) -> None:
    """The price of one hardly depends on how many there are: at a hundred thousand, a task takes less than a third more memory than at a thousand, and less than three times the processor time."""
    memory, time = (
        typical(result, metric, TASK, 100_000) / typical(result, metric, TASK, 1000)
        for metric in ("Memory", "Processor time")
    )
    assert memory < 4 / 3
    assert time < 3


def test_the_connection(result: Result) -> None:
    """It takes about five times as much as a task that waits for nothing in particular, and about ten times the processor time to open and to close."""
    assert size(result, CONNECTION) / size(result, TASK) == pytest.approx(5, rel=0.25)
    assert price(result, CONNECTION) / price(result, TASK) == pytest.approx(10, rel=0.4)


def test_threads(result: Result) -> None:
    """A waiting thread takes about ten times the memory of a waiting task, and about ten times the processor time."""
    assert size(result, THREAD) / size(result, TASK) == pytest.approx(10, rel=0.3)
    assert price(result, THREAD) / price(result, TASK) == pytest.approx(10, rel=0.5)


def test_ten_threads(result: Result) -> None:
    """That decides nothing for ten of them: ten threads take less than a quarter of a megabyte, and a few milliseconds to make."""
    for m in result.of(THREAD, 10):
        assert m["memory"] < 250e3
        assert m["cpu"] < 0.009


def test_a_thousand_threads(result: Result) -> None:
    """A thousand threads take as much as a dozen thousand tasks."""
    memory = typical(result, "All memory", THREAD, 1000)
    tasks = 1000 * memory / size(result, TASK)
    assert tasks == pytest.approx(12_000, rel=0.3)


def test_a_new_python(result: Result) -> None:
    """A new Python takes about two thousand times as much memory as a task, and hundreds of times as much of the processor."""
    assert size(result, PYTHON) / size(result, TASK) == pytest.approx(2000, rel=0.25)
    assert 200 < price(result, PYTHON) / price(result, TASK) < 2000


def test_a_forked_one(result: Result) -> None:
    """A forked one is cheaper, as long as it changes little of what it shares."""
    for measure in (size, price):
        assert 2 * measure(result, FORKED) < measure(result, PYTHON)
