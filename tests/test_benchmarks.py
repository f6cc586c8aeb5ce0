"""The benchmarks in `examples/benchmarks/`: that they measure what they say.

How fast anything is, no test asks.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import NAMES, harness, server
from benchmarks.harness import Benchmark, Metric, Result, Spread, digits
from benchmarks.plot import (
    HEAD,
    HEIGHT,
    LEFT,
    LETTER,
    RIGHT,
    ROW,
    WIDTH,
    Picture,
    apart,
    figure,
    linear,
    logarithmic,
    rows,
    text_table,
)
from benchmarks.server import served
from programs import DOCS, EXAMPLES
from running import environment

DEADLINE = 120  # seconds; a run that needs more hangs
PACKAGE = EXAMPLES / "benchmarks"
RECORDED = DOCS / "_includes" / "benchmarks"
SVG = "{http://www.w3.org/2000/svg}"
EACH = pytest.mark.parametrize("name", NAMES)

# Jobs as they should not be, and jobs that show whether they are measured.
JOBS = """
import json, os, subprocess, sys, threading, time, urllib.request
from pathlib import Path
from .harness import Benchmark, Metric
from .server import served

def lazy(amount):
    return amount - 1

def lies(amount, url):
    if amount == 1:
        urllib.request.urlopen(url).read()
    return amount

def fails(amount):
    raise ExceptionGroup("several", [ValueError("no")])

def hangs(amount, url=""):
    if amount > 1:
        Path("hanging").touch()
        time.sleep(3600)

def dies(amount):
    if amount > 1:
        os._exit(3)
    return amount

def silent(amount):
    os._exit(0)

def big(amount):
    bytearray(amount * 50_000_000)  # gone before the end
    return amount

def burn(until=0.2):
    while time.process_time() < until: pass

def threads(amount):
    if amount > 1:
        thread = threading.Thread(target=burn, args=[time.process_time() + 0.2])
        thread.start()
        thread.join()
    return amount

def children(amount):
    code = "import time\\nwhile time.process_time() < 0.2: pass"
    if amount > 1:
        subprocess.run([sys.executable, "-c", code])
    return amount

def finds(amount):
    return {"done": amount, "waves": 3, "memory": 17}

JOBS = (lazy, lies, fails, hangs, dies, silent, big, threads, children, finds)
WAYS = {f.__name__: f for f in JOBS}
BENCHMARK = Benchmark(
    name="jobs", about="Jobs.", things="jobs", ways=WAYS,
    cases=[(way, 2) for way in WAYS], quick=[("finds", 2), ("lazy", 2)],
    metrics=[Metric("Time", "s", lambda m: m["seconds"])], packages=[],
)
"""


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    """The benchmark of JOBS, in a copy of the package."""
    shutil.copytree(PACKAGE, tmp_path / "benchmarks")
    (tmp_path / "benchmarks" / "jobs.py").write_text(JOBS, "utf-8")
    monkeypatch.setattr(harness, "FOLDER", tmp_path)
    spec = importlib.util.spec_from_file_location(
        "benchmarks.jobs", tmp_path / "benchmarks" / "jobs.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Benchmark = module.BENCHMARK
    return found


def benchmark(name: str) -> Benchmark:
    """A benchmark by its name."""
    found: Benchmark = importlib.import_module(f"benchmarks.{name}").BENCHMARK
    return found


def command(
    *arguments: str, python: str = sys.executable, folder: Path = EXAMPLES
) -> subprocess.CompletedProcess[str]:
    """Run `python -m benchmarks` to its end, in development mode."""
    return subprocess.run(
        [python, "-X", "dev", "-W", "error", "-m", "benchmarks", *arguments],
        cwd=folder,
        env=environment() | {"COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )


def made_up(
    cases: list[tuple[str, int]], rounds: int = 3, drawn: str = "linear"
) -> Result:
    """A result without a measurement: a way costs its place, times the amount."""
    ways = list(dict.fromkeys(way for way, _ in cases))
    metric = Metric("Time", "s", lambda m: m["seconds"], drawn)  # type: ignore[arg-type]
    found = [
        {
            "way": way,
            "amount": amount,
            "seconds": (ways.index(way) + 1) * amount * (1 + number**2 / 10),
        }
        for number in range(rounds)
        for way, amount in cases
    ]
    about = Benchmark(
        name="made_up",
        about="Cakes & <pies>.",
        things="cakes",
        ways=dict.fromkeys(ways, abs),
        cases=cases,
        quick=cases,
        metrics=[metric],
        packages=[],
    )
    data = {
        "measurements": found,
        "rounds": rounds,
        "command": "python -m benchmarks made_up",
        "date": "today",
        "machine": harness.machine(),
        "versions": {"Python": "3.14"},
    }
    return Result(about, data)


# Each benchmark


@EACH
def test_a_benchmark_is_measured(
    name: str, tmp_path: Path, benchmark_python: str
) -> None:
    """In its quick form each case does its job; a table, JSON and a picture come."""
    done = command(name, "--quick", "--output", str(tmp_path), python=benchmark_python)
    assert (done.returncode, done.stderr) == (0, "")
    about = benchmark(name)
    result = Result(about, json.loads((tmp_path / f"{name}.json").read_text("utf-8")))
    check(result, about.quick, rounds=1)
    assert text_table(rows(result)) in done.stdout
    picture = (tmp_path / f"{name}.svg").read_text("utf-8")
    assert picture == Picture(result).svg()
    ElementTree.fromstring(picture)


def check(result: Result, cases: list[tuple[str, int]], rounds: int) -> None:
    """See that a result is complete, and that every job was done."""
    data = result.data
    assert sorted(result.cases) == sorted(cases)
    for case in cases:
        found = result.of(*case)
        assert [m["round"] for m in found] == list(range(rounds))
        for m in found:
            assert m["done"] == case[1], m
            assert m["seconds"] > 0
            assert m["cpu"] > 0
            assert m["memory"] >= 0
            values = [metric.of(m) for metric in result.benchmark.metrics]
            assert all(value >= 0 for value in values)
    assert data["rounds"] == rounds
    assert data["command"].startswith(f"python -m benchmarks {data['benchmark']} --")
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d UTC", data["date"])
    assert data["machine"].keys() == {"processor", "cores", "memory_gib", "system"}
    assert data["versions"].keys() == {"Python", *result.benchmark.packages}
    text = result.text()
    assert json.loads(text) == json.loads(json.dumps(data))
    assert socket.gethostname() not in re.findall(r"[\w.-]+", text)
    assert not re.search(r"/(?:home|root|tmp|usr|Users)/", text)


# What was recorded


@EACH
def test_what_was_recorded_is_complete(name: str) -> None:
    """Each case was measured in each round, and did its job."""
    recorded = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    result = Result(benchmark(name), recorded)
    check(result, result.benchmark.cases, recorded["rounds"])
    assert result.text() == (RECORDED / f"{name}.json").read_text("utf-8")


@EACH
def test_the_picture_is_drawn_from_what_was_recorded(
    name: str, request: pytest.FixtureRequest
) -> None:
    """What the page shows is what `plot.py` makes of it today."""
    recorded = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    drawn = figure(Result(benchmark(name), recorded))
    path = RECORDED / f"{name}.html"
    if request.config.option.record:
        path.write_text(drawn, "utf-8", newline="\n")
    assert path.read_text("utf-8") == drawn
    include = f'--8<-- "docs/_includes/benchmarks/{name}.html"\n'
    texts = [page.read_text("utf-8") for page in (DOCS / "measurements").glob("*.md")]
    assert sum(include in text for text in texts) == 1


def test_no_recording_is_left_over() -> None:
    """Each belongs to a benchmark."""
    kinds = (".json", ".html", ".txt")
    names = {f"{name}{kind}" for name in NAMES for kind in kinds}
    assert {path.name for path in RECORDED.iterdir()} == names


# The harness


def test_a_case_that_did_less_has_failed(jobs: Benchmark) -> None:
    """It is not quick."""
    failed = harness.measure_once(jobs, "lazy", 2)
    assert failed == {"failed": "did 1 of 2, 2 were seen"}


def test_a_case_that_says_more_than_it_did_has_failed(jobs: Benchmark) -> None:
    """The server is a witness."""
    watched = replace(jobs, around=lambda way: served(0.05, 7))
    failed = harness.measure_once(watched, "lies", 2)
    assert failed == {"failed": "did 2 of 2, 0 were seen"}


def test_a_case_that_raises_has_failed(jobs: Benchmark) -> None:
    """The error is named, the first one of a group."""
    assert harness.measure_once(jobs, "fails", 2) == {"failed": "ValueError: no"}


def test_a_case_that_dies_has_failed(jobs: Benchmark) -> None:
    """The exit status is named."""
    assert harness.measure_once(jobs, "dies", 2) == {"failed": "exit status 3"}
    assert harness.measure_once(jobs, "silent", 2) == {"failed": "exit status 0"}


def test_a_case_that_hangs_has_failed(
    jobs: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ended when its time is up."""
    monkeypatch.setattr(harness, "DEADLINE", 1)
    assert harness.measure_once(jobs, "hangs", 2) == {"failed": "took more than 1 s"}


@pytest.mark.parametrize("way", ["threads", "children"])
def test_the_processor_time_of_helpers_counts(jobs: Benchmark, way: str) -> None:
    """What threads and child processes do for a job is a part of what it takes."""
    assert harness.measure_once(jobs, way, 2)["cpu"] >= 0.2


def test_the_peak_counts(jobs: Benchmark) -> None:
    """Memory that is gone at the end was needed all the same; the warm-up's was not."""
    found = harness.measure_once(jobs, "big", 3)
    assert 140e6 < found["memory"] < 170e6
    assert harness.measure_once(jobs, "threads", 2)["memory"] < 10e6


def test_a_job_may_find_out_more(jobs: Benchmark) -> None:
    """It stands beside what the harness found, and has the last word."""
    found = harness.measure_once(jobs, "finds", 2)
    assert (found["done"], found["waves"], found["memory"]) == (2, 3, 17)


def test_the_rounds_are_interleaved(
    jobs: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each round has all cases, in an order of its own that is the same each time."""
    monkeypatch.setattr(harness, "measure_once", lambda *_: {"seconds": 1.0})
    told: list[tuple[float, tuple[str, int]]] = []
    for _ in range(2):
        result = harness.measure_all(
            jobs, jobs.cases, 3, "", lambda part, case: told.append((part, case))
        )
    first, again = told[: len(told) // 2], told[len(told) // 2 :]
    assert first == again
    size = len(jobs.cases)
    orders = [
        tuple(case for _, case in first[i : i + size]) for i in (0, size, 2 * size)
    ]
    assert all(set(order) == set(jobs.cases) for order in orders)
    assert len(set(orders)) == 3
    assert [m["round"] for m in result.data["measurements"]] == [0] * size + [
        1
    ] * size + [2] * size
    parts = [part for part, _ in first]
    assert parts == sorted(set(parts))
    assert 0 == parts[0] < parts[-1] < 1


def test_what_has_failed_is_not_tried_again(
    jobs: Benchmark, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other cases go on."""
    tried: list[str] = []

    def once(_: Benchmark, way: str, __: int) -> dict[str, object]:
        tried.append(way)
        return {"failed": "no"} if way == "lazy" else {"seconds": 1.0}

    monkeypatch.setattr(harness, "measure_once", once)
    result = harness.measure_all(jobs, jobs.quick, 3, "", lambda *_: None)
    assert sorted(tried) == ["finds"] * 3 + ["lazy"]
    assert result.failure("lazy", 2) == "no"
    assert result.failure("finds", 2) == ""


def test_the_median_stands_between_the_lowest_and_the_highest() -> None:
    """A result tells it of each case."""
    result = made_up([("a", 1), ("b", 10)])
    spread = result.spread(result.benchmark.metrics[0], "b", 10)
    assert spread == pytest.approx((20, 22, 28))
    assert str(spread) == "22 (20 to 28)"
    assert str(Spread(3.0, 3.0, 3.0)) == "3"


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0"),
        (0.000012346, "0.0000123"),
        (0.1, "0.1"),
        (1.0051, "1.01"),
        (99.96, "100"),
        (123.4, "123"),
        (1234567.8, "1,234,568"),
    ],
)
def test_a_number_has_three_digits_that_count(number: float, told: str) -> None:
    """Or all before its point."""
    assert digits(number) == told


# The server


def test_the_server_counts_what_it_sees() -> None:
    """Two requests in one packet are two, and one in two packets is one."""
    request = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
    with served(0.05, 7) as (given, seen):
        host, port = given["url"].removeprefix("http://").rstrip("/").split(":")
        with (
            socket.create_connection((host, int(port)), timeout=DEADLINE) as link,
            link.makefile("rb") as answers,
        ):
            link.sendall(request + request + request[:20])
            answer = server.HEAD.format(7).encode() + b"x" * 7
            assert answers.read(2 * len(answer)) == 2 * answer
            link.sendall(request[20:])
            assert answers.read(len(answer)) == answer
        with urllib.request.urlopen(given["url"], timeout=DEADLINE) as page:
            assert page.read() == b"x" * 7
    assert (seen["connections"], seen["answered"]) == (2, 4)
    assert (seen["in_flight"], seen["most_in_flight"]) == (0, 2)
    assert seen["server_cpu"] > 0


def test_the_server_ends_with_whoever_started_it() -> None:
    """Its standard input is closed then."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server"],
        cwd=EXAMPLES,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        out, _ = process.communicate(timeout=DEADLINE)
    assert process.returncode == 0
    assert json.loads(out.splitlines()[1])["answered"] == 0


@pytest.mark.parametrize(
    "module", [["server"], ["measure", "jobs", "hangs", "2", "{}"]]
)
def test_what_nobody_ends_ends_by_itself(module: list[str], jobs: Benchmark) -> None:
    """The alarm clock of the system is set, for a server and for a measurement."""
    path = harness.FOLDER / "benchmarks" / "measure.py"
    text = path.read_text("utf-8")
    assert text.count("DEADLINE = 60 ") == 1
    path.write_text(text.replace("DEADLINE = 60 ", "DEADLINE = 1 "))
    with subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{module[0]}", *module[1:]],
        cwd=harness.FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            assert process.wait(DEADLINE) == -signal.SIGALRM
        finally:
            process.kill()


# The command


def test_its_help_is_shown(request: pytest.FixtureRequest) -> None:
    """A page shows what `--help` says."""
    done = command("--help")
    assert (done.returncode, done.stderr) == (0, "")
    shown = DOCS / "_includes" / "benchmarks_help.txt"
    if request.config.option.record:
        shown.write_text(done.stdout, "utf-8", newline="\n")
    assert done.stdout == shown.read_text("utf-8")
    assert all(name in done.stdout for name in NAMES)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["speed"], f"'speed' is none of {', '.join(NAMES)}"),
        (["--repeats", "0"], "'0' is no whole number above zero"),
        (["--repeats", "many"], "'many' is no whole number above zero"),
        (["--output", "LICENSE"], "'LICENSE': File exists"),
        (["--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_bad_input_is_answered_in_one_sentence(
    arguments: list[str], complaint: str
) -> None:
    """The exit status is 2, and nothing is measured."""
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr
    assert done.stderr.endswith("; --help says more.\n")
    assert done.stderr.count("\n") == 1


@pytest.fixture
def with_jobs(jobs: Benchmark) -> Path:
    """A folder in which the command knows JOBS alone."""
    (harness.FOLDER / "benchmarks" / "__init__.py").write_text('NAMES = ("jobs",)')
    return harness.FOLDER


def test_a_package_that_is_missing_is_named_before_anything_is_measured(
    with_jobs: Path,
) -> None:
    """With the command that installs it; the exit status is 2."""
    path = with_jobs / "benchmarks" / "jobs.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("packages=[]", 'packages=["json", "nowhere"]'))
    done = command("--quick", folder=with_jobs)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "benchmarks: nowhere must be installed: python -m pip install"
        " -r benchmarks/requirements.txt; --help says more.\n"
    )


def test_a_case_that_failed_is_told(with_jobs: Path, tmp_path: Path) -> None:
    """The others are measured, and the exit status is 1."""
    done = command(
        "--quick", "--output", str(tmp_path / "new" / "er"), folder=with_jobs
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(r"(?m)^lazy +2 +failed: did 1 of 2, 2 were seen$", done.stdout)
    assert re.search(r"(?m)^finds +2 +[\d.]+$", done.stdout)
    told = json.loads((tmp_path / "new" / "er" / "jobs.json").read_text("utf-8"))
    assert len(told["measurements"]) == 2
    assert (tmp_path / "new" / "er" / "jobs.svg").exists()


def children(process: int) -> list[int]:
    """The child processes of a process, on Linux."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in path.read_text().split()]


def runs(process: int) -> bool:
    """Whether there is such a process, and it has not ended, on Linux."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False
    return "State:\tZ" not in status


@pytest.mark.skipif(sys.platform != "linux", reason="looks into Linux's /proc")
def test_ctrl_c_stops_it_and_leaves_nothing(with_jobs: Path, tmp_path: Path) -> None:
    """No process, no file; the exit status is 130. A terminal saw how far it was."""
    path = with_jobs / "benchmarks" / "jobs.py"
    hangs = 'quick=[("hangs", 2)], around=lambda way: served(0.1, 7)'
    path.write_text(re.sub(r"quick=\[.*?\]", hangs, path.read_text("utf-8")))
    try:
        ours, theirs = os.openpty()
    except OSError:
        pytest.skip("this machine has no pseudo-terminals")
    quick = ["--quick", "--output", str(tmp_path / "none")]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *quick],
        cwd=with_jobs,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        seen = b""
        while not (with_jobs / "hanging").exists():
            assert process.poll() is None
            time.sleep(0.01)
        measuring = children(process.pid)
        assert len(measuring) == 2  # the other one is the server
        while b"hangs, 2" not in seen:
            seen += os.read(ours, 1000)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, _ = process.communicate(timeout=DEADLINE)
    with suppress(OSError):  # when the last one who might write has ended
        while more := os.read(ours, 1000):
            seen += more
    os.close(ours)
    assert (process.returncode, out) == (130, "")
    bar = b"\r\x1b[K[..............................] hangs, 2"
    assert seen == bar + b"\r\nbenchmarks: stopped\r\n"
    end = time.monotonic() + DEADLINE
    while any(map(runs, measuring)):  # they have been killed
        assert time.monotonic() < end
        time.sleep(0.01)
    assert list((tmp_path / "none").iterdir()) == []


# The picture

LINES = [("a", 1), ("a", 10), ("b", 1), ("b", 10), ("b", 1000)]
ROWS = [("a", 1), ("b", 1), ("c & <d>", 1)]


@pytest.mark.parametrize("cases", [LINES, ROWS])
@pytest.mark.parametrize("drawn", ["linear", "log"])
def test_a_picture_has_a_mark_for_each_case(
    cases: list[tuple[str, int]], drawn: str
) -> None:
    """It has a title, says in words what it shows, and no mark lies outside."""
    picture = ElementTree.fromstring(Picture(made_up(cases, drawn=drawn)).svg())
    assert picture.get("role") == "img"
    title, about = (picture.find(f"{SVG}{tag}") for tag in ("title", "desc"))
    assert title is not None
    assert title.text == "Cakes & <pies>."
    assert about is not None
    assert about.text
    marks = picture.findall(f".//{SVG}path[@class='mark']")
    names = 0 if cases is ROWS else len({way for way, _ in cases})
    assert len(marks) == len(cases) + names
    width, height = map(float, str(picture.get("viewBox")).split()[2:])
    for mark in marks:
        x, y = map(float, re.findall(r"[\d.]+", str(mark.get("d")))[:2])
        assert 5 <= x <= width - 5
        assert 5 <= y <= height - 5
    words = {text.text for text in picture.iter(f"{SVG}text")}
    assert {way for way, _ in cases} <= words


def test_a_bar_leads_from_the_lowest_to_the_highest() -> None:
    """And the mark is at the median, above its amount or in its row."""
    numbers = [1.0, 4.2]
    for way, scale in {"linear": linear, "log": logarithmic}.items():
        place = scale(numbers, 160, WIDTH - 20).place
        drawn = Picture(made_up(ROWS, drawn=way)).svg()
        for row, middle in enumerate((1.1, 2.2, 3.3)):
            low, high = (place(middle / 1.1 * much) for much in (1, 1.4))
            y = HEAD + ROW * (row + 0.5)
            bar = f'd="M{low:.1f} {y:.1f}H{high:.1f}"'
            mark = f'd="M{place(middle):.1f} {y:.1f}m'
            assert f'<g class="way{row}"><path class="line" {bar}/>' in drawn
            assert mark in drawn
    along = logarithmic([1.0, 1000.0], LEFT, RIGHT).place
    up = linear([1.0, 2800.0], HEAD + HEIGHT, HEAD).place
    drawn = Picture(made_up(LINES)).svg()
    points = "L".join(f"{along(n):.1f} {up(2.2 * n):.1f}" for n in (1, 10, 1000))
    bars = "".join(
        f"M{along(n):.1f} {up(2 * n):.1f}V{up(2.8 * n):.1f}" for n in (1, 10, 1000)
    )
    assert f'<g class="way1"><path class="line" d="M{points}{bars}"/>' in drawn


def test_a_picture_in_words() -> None:
    """Where each line begins, and where it ends."""
    picture = Picture(made_up(LINES, rounds=1))
    assert list(picture.told(picture.metrics[0])) == [
        "a 1 (1) to 10 (10)",
        "b 2 (1) to 2,000 (1,000)",
    ]
    picture = Picture(made_up(ROWS, rounds=1))
    assert list(picture.told(picture.metrics[0])) == ["a 1", "b 2", "c & <d> 3"]


def test_a_case_that_failed_is_in_the_table_alone() -> None:
    """The picture leaves it out."""
    result = made_up(LINES)
    result.of("b", 1000)[1]["failed"] = "took more than 60 s"
    assert Picture(result).ways == {"a": [1, 10], "b": [1, 10]}
    assert rows(result)[-1] == ["b", "1,000", "failed: took more than 60 s"]
    assert "failed: took more than 60 s" in figure(result)
    assert "1,000" not in Picture(result).svg()


def test_the_table_says_the_same_as_the_picture() -> None:
    """Each case with its median, its lowest and its highest, in both tables."""
    result = made_up(ROWS)
    assert text_table(rows(result)).splitlines() == [
        "Way      Cakes        Time (s)",
        "a            1  1.1 (1 to 1.4)",
        "b            1  2.2 (2 to 2.8)",
        "c & <d>      1  3.3 (3 to 4.2)",
    ]
    page = figure(result)
    assert (
        '<th scope="row">c &amp; &lt;d&gt;</th><td>1</td><td>3.3 (3 to 4.2)</td>'
        in page
    )
    assert "<td>2.2 (2 to 2.8)</td>" in page
    assert f" {os.cpu_count()} cores (" in page


@pytest.mark.parametrize(
    "numbers", [[0.0], [3.0], [0.0, 99.9], [1.0, 10.0], [0.02, 7000.0], [5e-7, 6e-7]]
)
def test_a_scale_reaches_from_end_to_end(numbers: list[float]) -> None:
    """Every number and every tick has a place on it, in order."""
    for scale in (linear(numbers, 200, 100), logarithmic(numbers, 200, 100)):
        assert scale.ticks == sorted(scale.ticks)
        assert 2 <= len(scale.ticks) <= 9
        places = [scale.place(tick) for tick in scale.ticks]
        assert (places[0], places[-1]) == pytest.approx((200, 100))
        assert all(99.9 <= scale.place(number) <= 200.1 for number in numbers)


def test_names_do_not_lie_on_one_another() -> None:
    """They keep their order, and none leaves the plot while there is room."""
    for places in ([50.0, 51.0, 52.0], [95.0, 99.0, 100.0], [0.0, 40.0, 100.0]):
        moved = apart(places, LETTER, 100)
        gaps = [after - before for before, after in itertools.pairwise(moved)]
        assert min(gaps) >= LETTER
        assert max(moved) <= 100
    assert apart([0.0, 40.0, 100.0], LETTER, 100) == [0, 40, 100]
    assert apart([0.0, 1.0, 2.0], 13, 100) == [0, 13, 26]
    assert apart([98.0, 99.0, 99.0], 13, 100) == [74, 87, 100]
