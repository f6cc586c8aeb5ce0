"""How the benchmarks measure: the same for all.

A benchmark is a job, ways to do it, and amounts of it. A case is one way
with one amount. Each case is measured in a fresh process, once in each
round, and each round has an order of its own: what disturbs the machine for
a while then disturbs all cases alike. What counts is the median of the
rounds; the lowest and the highest say how far to trust it.
"""

import importlib.metadata
import importlib.util
import json
import math
import os
import platform
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from .measure import DEADLINE, WARM_UP, Found, Work

FOLDER = Path(__file__).parent.parent  # what "python -m benchmarks" runs in

Measurement = dict[str, Any]  # what measure.py says, and which case it was
Case = tuple[str, int]  # a way, and an amount
Surroundings = Callable[[str], AbstractContextManager[tuple[Found, Found]]]


@dataclass(frozen=True)
class Metric:
    """What is told of a measurement."""

    name: str
    unit: str
    of: Callable[[Measurement], float]
    drawn: Literal["linear", "log", ""] = "linear"  # "": in the table alone


@dataclass(frozen=True)
class Benchmark:
    """A job, ways to do it, and what is told of them.

    `around` is what a way needs beside itself, such as a server. It is made
    anew for each measurement, and yields two dictionaries: what the job is
    given, and what has been seen of it in the end. If that has `witnessed`,
    it must be what was done, with the warm-up.
    """

    name: str
    about: str
    things: str  # what an amount counts
    ways: Mapping[str, Work]
    cases: list[Case]
    quick: list[Case]
    metrics: list[Metric]
    packages: list[str]
    around: Surroundings = lambda way: nullcontext(({}, {}))

    def missing(self) -> list[str]:
        """The packages that it needs and this Python lacks."""
        return [p for p in self.packages if importlib.util.find_spec(p) is None]


class Spread(NamedTuple):
    """What the rounds say of one case."""

    low: float
    middle: float
    high: float

    def __str__(self) -> str:
        low, middle, high = map(digits, self)
        return middle if low == high else f"{middle} ({low} to {high})"


def digits(number: float) -> str:
    """A number with three digits that count, or with all before its point."""
    size = math.floor(math.log10(abs(number))) if number else 0
    text = f"{number:,.{max(2 - size, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class Result:
    """What was measured of a benchmark; `data` is what is in its file."""

    benchmark: Benchmark
    data: dict[str, Any]

    @property
    def cases(self) -> list[Case]:
        """What was measured, in the order of the benchmark."""
        cases = {(m["way"], m["amount"]) for m in self.data["measurements"]}
        ways = list(self.benchmark.ways)
        return sorted(cases, key=lambda case: (ways.index(case[0]), case[1]))

    def of(self, way: str, amount: int) -> list[Measurement]:
        """The measurements of one case."""
        found = self.data["measurements"]
        return [m for m in found if (m["way"], m["amount"]) == (way, amount)]

    def failure(self, way: str, amount: int) -> str:
        """Why a case failed; empty if it did not."""
        return next((m["failed"] for m in self.of(way, amount) if "failed" in m), "")

    def spread(self, metric: Metric, way: str, amount: int) -> Spread:
        """The median of the rounds, between the lowest and the highest."""
        numbers = [metric.of(m) for m in self.of(way, amount)]
        return Spread(min(numbers), statistics.median(numbers), max(numbers))

    def text(self) -> str:
        """The text of its file: JSON, with each measurement on a line."""
        head = json.dumps(self.data | {"measurements": []}, indent=1)
        lines = ",\n  ".join(map(json.dumps, self.data["measurements"]))
        whole = f'"measurements": [\n  {lines}\n ]'
        return head.replace('"measurements": []', whole) + "\n"


def measure_once(benchmark: Benchmark, way: str, amount: int) -> Found:
    """Measure one case in a process of its own; say why if that failed."""
    with benchmark.around(way) as (given, seen):
        module = [sys.executable, "-m", "benchmarks.measure", benchmark.name]
        try:
            done = subprocess.run(
                [*module, way, str(amount), json.dumps(given)],
                cwd=FOLDER,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=DEADLINE,
            )
        except subprocess.TimeoutExpired:
            return {"failed": f"took more than {DEADLINE} s"}
    if done.returncode or not done.stdout:
        last = done.stderr.strip().splitlines()[-1:]
        return {"failed": last[0] if last else f"exit status {done.returncode}"}
    found: Found = json.loads(done.stdout.splitlines()[-1]) | seen
    witnessed = found.get("witnessed", amount + WARM_UP) - WARM_UP
    if not found["done"] == witnessed == amount:
        return {"failed": f"did {found['done']} of {amount}, {witnessed} were seen"}
    return found


def measure_all(
    benchmark: Benchmark,
    cases: list[Case],
    rounds: int,
    command: str,
    tell: Callable[[float, Case], None],
) -> Result:
    """Measure each case in each round, and tell before each how far it is.

    A case that has failed is left out of the rounds that follow.
    """
    start, load = time.time(), os.getloadavg()[0]
    found: list[Measurement] = []
    failed: set[Case] = set()
    for number in range(rounds):
        order = random.Random(number).sample(cases, len(cases))
        for step, case in enumerate(order):
            tell((number + step / len(cases)) / rounds, case)
            if case in failed:
                continue
            about = {"way": case[0], "amount": case[1], "round": number}
            found.append(about | measure_once(benchmark, *case))
            if "failed" in found[-1]:
                failed.add(case)
    data = {
        "benchmark": benchmark.name,
        "command": command,
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(start)),
        "took": round(time.time() - start),
        "load": round(load, 2),  # processes that wanted a core, as it began
        "rounds": rounds,
        "machine": machine(),
        "versions": versions(benchmark.packages),
        "measurements": found,
    }
    return Result(benchmark, data)


def machine() -> dict[str, str | int | float]:
    """What it is measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.exists() else ""
    model = re.search(r"model name\s*: (.+)", text)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": os.cpu_count() or 0,
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
    }


def versions(packages: list[str]) -> dict[str, str]:
    """The versions of Python and of the packages."""
    found = {name: importlib.metadata.version(name) for name in packages}
    return {"Python": platform.python_version(), **found}
