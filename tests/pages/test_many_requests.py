"""The claims of `measurements/many-requests.md`.

They are checked against what was recorded: `--results FOLDER` checks them
against what was measured elsewhere.
"""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import many_requests
from benchmarks.__main__ import INSTALL, make_parser
from benchmarks.harness import Result
from programs import DOCS, EXAMPLES, archive
from running import environment

ONE, THREADS, AIOHTTP, UVLOOP, HTTPX2, STREAMS = many_requests.WAYS
AT_ONCE = [THREADS, AIOHTTP, UVLOOP, HTTPX2, STREAMS]
TO_THE_END = [THREADS, AIOHTTP, UVLOOP, STREAMS]
WAIT = many_requests.LATENCY

# In a fresh interpreter: how often httpx2's pool looks at a connection.
LOOKS = """
import asyncio
import httpx2
from httpcore2._async.connection import AsyncHTTPConnection
from benchmarks.many_requests import fetch_by_httpx2
from benchmarks.server import served

looks = 0
def count(look):
    def counted(self):
        global looks
        looks += 1
        return look(self)
    return counted

AsyncHTTPConnection.is_idle = count(AsyncHTTPConnection.is_idle)
AsyncHTTPConnection.is_closed = count(AsyncHTTPConnection.is_closed)
with served(1.0, 1000) as (given, seen):
    for amount in (40, 80):
        looks = 0
        asyncio.run(fetch_by_httpx2(amount, **given))
        print(looks)
"""
# In a fresh interpreter: how often a client reads certificates.
READS = """
import sys
import httpx2
reads = 0
def note(frame, event, what):
    global reads
    reads += event == "c_call" and what.__name__ == "load_verify_locations"
sys.setprofile(note)
httpx2.AsyncClient()
print(reads)
httpx2.AsyncClient()
print(reads)
"""


@pytest.fixture(scope="session")
def result(measured: Callable[[str], Result]) -> Result:
    return measured("many_requests")


def typical(result: Result, metric: str, way: str, amount: int) -> float:
    """The median of a metric."""
    (found,) = (m for m in result.benchmark.metrics if m.name == metric)
    return result.spread(found, way, amount).middle


def price(result: Result, way: str, amount: int) -> float:
    """Milliseconds of the processor for one request."""
    return typical(result, "Processor time", way, amount)


def run(python: str, code: str) -> list[int]:
    """The numbers that a program prints, where the packages are."""
    done = subprocess.run(
        [python, "-c", code],
        cwd=EXAMPLES,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def test_ten_are_no_trouble(result: Result) -> None:
    """The answer first: ten at once are no trouble for any way, and with a hundred the ways begin to differ."""
    for way in AT_ONCE:
        assert typical(result, "Time", way, 10) < 3 * WAIT
    times = [typical(result, "Time", way, 100) for way in AT_ONCE]
    assert max(times) > 2 * min(times)


def test_a_thousand_are_too_many(result: Result) -> None:
    """With a thousand, no way comes near, because then the work of sending and receiving takes longer than the wait."""
    for way in AT_ONCE:
        assert typical(result, "Efficiency", way, 1000) < 60
        assert price(result, way, 1000) > 1000 * WAIT / 1000


def test_efficiency(result: Result) -> None:
    """Efficiency is 100 ms, divided by the time until the last answer was there."""
    assert WAIT * 1000 == 100
    for case in result.cases:
        (time, efficiency) = (
            metric
            for metric in result.benchmark.metrics
            if metric.name in ("Time", "Efficiency")
        )
        for m in result.of(*case):
            assert efficiency.of(m) * time.of(m) == pytest.approx(100 * WAIT)


def test_one_after_another(result: Result) -> None:
    """One after another, ten requests take ten times as long as one, so that line falls at once, and we stopped it at ten."""
    ten, one = (typical(result, "Time", ONE, n) for n in (10, 1))
    assert 8 < ten / one < 12
    assert max(n for way, n in result.cases if way == ONE) == 10


def test_the_server(result: Result) -> None:
    """It is in another process, on the same machine, and does as little as a server can: it sets a timer for each request, and answers when that is over."""
    for case in result.cases:
        for m in result.of(*case):
            assert m["server_cpu"] < 0.7 * m["seconds"], m  # it was not what was slow
            assert m["seconds"] >= WAIT
            assert m["in_flight"] == 0


def test_the_page(result: Result) -> None:
    """Six ways ask the same server for a page of 1,000 bytes."""
    assert many_requests.PAGE == 1000
    assert list(result.benchmark.ways) == [ONE, *AT_ONCE]
    assert {way for way, _ in result.cases} == {ONE, *AT_ONCE}


def test_no_page_is_missing(result: Result) -> None:
    """A page that was not there in full, or that the server did not see, would have made its case fail."""
    for way, amount in result.cases:
        for m in result.of(way, amount):
            assert m["done"] == amount
            assert m["answered"] == amount + 1  # and the one of the warm-up


def test_rounds(result: Result) -> None:
    """All cases take their turn in each round, in an order that changes."""
    rounds: dict[int, list[tuple[str, int]]] = {}
    for m in result.data["measurements"]:
        rounds.setdefault(m["round"], []).append((m["way"], m["amount"]))
    assert len(rounds) == result.data["rounds"] > 1
    assert all(sorted(order) == sorted(result.cases) for order in rounds.values())
    assert len({tuple(order) for order in rounds.values()}) == len(rounds)


def test_repeat_it(tmp_path: Path, benchmark_python: str) -> None:
    """Repeat it on your machine: unpack benchmarks.zip, and run this in the folder in which you unpacked it."""
    shown = DOCS / "_includes" / "benchmarks" / "many_requests.txt"
    install, command = shown.read_text("utf-8").splitlines()
    assert install == INSTALL
    python, m, package, *arguments = command.split()
    assert (python, m, package) == ("python", "-m", "benchmarks")
    assert make_parser().parse_args(arguments[:1]).names == ["many_requests"]
    with zipfile.ZipFile(io.BytesIO(archive(EXAMPLES / "benchmarks"))) as packed:
        packed.extractall(tmp_path)
    assert (tmp_path / install.split()[-1]).exists()
    done = subprocess.run(
        [benchmark_python, "-m", "benchmarks", *arguments, "--quick"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    names = {path.name for path in (tmp_path / "results").iterdir()}
    assert names == {"many_requests.json", "many_requests.svg"}


def test_the_work_is_longer_than_the_wait(result: Result) -> None:
    """With 1,000 requests, each way needs more than 100 ms of the processor."""
    for way in AT_ONCE:
        assert price(result, way, 1000) * 1000 > 100


def test_ten_times_as_many(result: Result) -> None:
    """From there on, ten times as many requests take about ten times as long, whichever way you take: the line of a way that pays for work falls as steeply as the line of the one that waits for each answer."""
    for way in TO_THE_END:
        more, less = (typical(result, "Time", way, n) for n in (10_000, 1000))
        assert 6 < more / less < 25


def test_the_price(result: Result) -> None:
    """At a thousand requests, aiohttp needs about twice the processor time of raw streams for each, and threads about eight times."""
    streams = price(result, STREAMS, 1000)
    assert price(result, AIOHTTP, 1000) / streams == pytest.approx(2, rel=0.3)
    assert price(result, THREADS, 1000) / streams == pytest.approx(8, rel=0.25)


def test_uvloop(result: Result) -> None:
    """uvloop saves aiohttp about a fifth."""
    left = price(result, UVLOOP, 1000) / price(result, AIOHTTP, 1000)
    assert left == pytest.approx(4 / 5, abs=0.12)


def test_threads_in_flight(result: Result) -> None:
    """With threads that is about fifty: when the pool has started so many, the first are back."""
    assert 1000 * WAIT / price(result, THREADS, 1000) == pytest.approx(50, rel=0.3)
    assert typical(result, "In flight", THREADS, 100) > 25


def test_never_ten_thousand_threads(result: Result) -> None:
    """The pool might have had ten thousand threads, and the server never saw a tenth of that waiting at once."""
    for m in result.of(THREADS, 10_000):
        assert m["most_in_flight"] < 1000


def test_memory_of_threads(result: Result) -> None:
    """That is why ten thousand requests by threads took less memory than by tasks: there never were ten thousand threads."""
    threads = typical(result, "Peak memory", THREADS, 10_000)
    for way in (AIOHTTP, UVLOOP, STREAMS):
        assert threads < 0.8 * typical(result, "Peak memory", way, 10_000)


def test_memory_of_tasks(result: Result) -> None:
    """At ten thousand requests, aiohttp held about 15 KB for each, and raw streams about 8 KB."""
    for way, told in {AIOHTTP: 15, STREAMS: 8}.items():
        each = typical(result, "Peak memory", way, 10_000) * 1000 / 10_000
        assert each == pytest.approx(told, rel=0.15)


def test_the_price_of_httpx2(result: Result) -> None:
    """Between 100 and 1,000 requests, the price of one stays nearly the same, or falls; with httpx2 it more than doubles."""
    for way in TO_THE_END:
        assert price(result, way, 1000) < 1.35 * price(result, way, 100)
    grown = price(result, HTTPX2, 1000) / price(result, HTTPX2, 100)
    assert grown > 2


def test_looks(benchmark_python: str) -> None:
    """Its pool goes through its list of connections whenever a request begins or ends, so twice as many requests at once are four times as many looks."""
    few, many = run(benchmark_python, LOOKS)
    assert few >= 40 * 40
    assert 3 < many / few < 5


def test_twenty_minutes(result: Result) -> None:
    """We stopped it at 1,000; 10,000 would have taken nearly twenty minutes."""
    assert max(n for way, n in result.cases if way == HTTPX2) == 1000
    minutes = 100 * typical(result, "Time", HTTPX2, 1000) / 60
    assert 15 < minutes < 20


def test_what_else_httpx2_costs(result: Result) -> None:
    """It does more for each request besides: at a hundred at once, where the list is short, one costs about seven times as much as with aiohttp."""
    times = price(result, HTTPX2, 100) / price(result, AIOHTTP, 100)
    assert times == pytest.approx(7, rel=0.25)


def test_certificates(benchmark_python: str) -> None:
    """It reads the certificates of all authorities that the machine trusts, even if no address begins with `https`."""
    assert run(benchmark_python, READS) == [1, 2]


def test_one_request(result: Result) -> None:
    """So with one request it needs more than five times the processor time of aiohttp."""
    assert price(result, HTTPX2, 1) > 5 * price(result, AIOHTTP, 1)
