"""One measurement, in a process of its own.

    python -m benchmarks.measure many_requests "raw streams" 1000 --port 4711

It does a very small job of the kind first, so that nothing is imported or
made for the first time while the clock runs. Then it does the job, and
prints what that took, as JSON:

    seconds  from the beginning of the job to its end
    cpu      seconds of the processor: of this process with all its threads,
             and of child processes that have ended
    memory   bytes, the most beyond what the process had before the job
    done     how much was done

A job may find out more, and gives all of that as a dictionary then.
"""

import argparse
import gc
import importlib
import json
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    import resource
except ImportError:
    sys.exit("benchmarks: Windows cannot tell what it takes; use WSL, Linux or macOS.")

WARM_UP = 1  # so much is done before the clock starts
DEADLINE = 60  # seconds; a measurement that needs more has failed

Found = dict[str, Any]
Work = Callable[..., int | Found]


def allow_open_files(most: int = 65_536) -> None:
    """Let this process have as many connections as the system admits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def processor_time() -> float:
    """Seconds that this process has had of the processor, and its children."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def forget_peak() -> None:
    """Let `peak` begin anew, on Linux."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


def peak() -> int:
    """The most memory that this process has had at a time, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        most = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
        assert most
        return int(most[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # on a Mac


def measure(work: Work, amount: int, given: Found) -> Found:
    """Do a job, and say what it took."""
    work(WARM_UP, **given)
    gc.collect()
    forget_peak()
    memory, cpu, start = peak(), processor_time(), time.perf_counter()
    done = work(amount, **given)
    took = {
        "seconds": time.perf_counter() - start,
        "cpu": processor_time() - cpu,
        "memory": peak() - memory,
    }
    return took | (done if isinstance(done, dict) else {"done": done})


def main() -> None:
    """Measure what the command line says, and print it."""
    parser = argparse.ArgumentParser(prog="benchmarks.measure")
    parser.add_argument("benchmark", help="a file of this package")
    parser.add_argument("way", help="one of its ways to do the job")
    parser.add_argument("amount", type=int, help="how much to do")
    parser.add_argument("given", help="what else the job is given, as JSON")
    asked = parser.parse_args()
    signal.alarm(DEADLINE)  # ends it, whatever it hangs in
    allow_open_files()
    module = importlib.import_module(f"benchmarks.{asked.benchmark}")
    work = module.BENCHMARK.ways[asked.way]
    try:
        found = measure(work, asked.amount, json.loads(asked.given))
    except Exception as error:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        sys.exit(f"{type(error).__name__}: {error}")
    print(json.dumps({name: tidy(value) for name, value in found.items()}))


def tidy(value: Any) -> Any:
    """A number without the digits that no clock can tell."""
    return round(value, 6) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
