"""The command: `python -m benchmarks [NAME ...]`."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import NoReturn

from . import NAMES
from .harness import Benchmark, Case, measure_all
from .plot import Picture, rows, text_table

ABOUT = """
Measure what asyncio costs and gains, on this machine.

It prints a table of each benchmark, and with --output it writes what was
measured, as JSON, and a picture of it. All load stays on 127.0.0.1. Close
what else is running: a busy machine measures itself.
"""
STATUS = """
The exit status is 0 if all was measured, 1 if a case failed, 2 if the
command makes no sense or a package is missing, and 130 after Ctrl-C.
"""
INSTALL = "python -m pip install -r benchmarks/requirements.txt"
ROUNDS = 5


class Parser(argparse.ArgumentParser):
    """A parser that answers a mistake in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.exit(2, f"benchmarks: {message}; --help says more.\n")


def name(text: str) -> str:
    """The name of a benchmark, from the command line."""
    if text in NAMES:
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(NAMES)}")


def whole(text: str) -> int:
    """A whole number above zero, from the command line."""
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number above zero")


def folder(text: str) -> Path:
    """A folder, from the command line; it is made if need be."""
    try:
        Path(text).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error.strerror}") from None
    return Path(text)


def make_parser() -> Parser:
    """What the command line may say."""
    made = Parser(
        prog="benchmarks",
        description=ABOUT,
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "names",
        metavar="NAME",
        nargs="*",
        type=name,
        help=f"what to measure (all): {', '.join(NAMES)}",
    )
    made.add_argument(
        "--quick",
        action="store_true",
        help="each case once, with small amounts: to see that all is there",
    )
    made.add_argument(
        "--repeats",
        type=whole,
        default=ROUNDS,
        metavar="N",
        help="how often to measure each case (%(default)s)",
    )
    made.add_argument(
        "--output",
        type=folder,
        metavar="FOLDER",
        help="write what was measured, and a picture of it, to this folder",
    )
    return made


def progress(part: float, case: Case) -> None:
    """Say how far it is, if a terminal shows it."""
    if sys.stderr and sys.stderr.isatty():
        bar = f"{'#' * int(30 * part):.<30}"
        line = f"[{bar}] {case[0]}, {case[1]:,}"
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)


def run(benchmark: Benchmark, asked: argparse.Namespace, command: str) -> bool:
    """Measure a benchmark, and tell it; say whether every case was measured."""
    cases = benchmark.quick if asked.quick else benchmark.cases
    rounds = 1 if asked.quick else asked.repeats
    result = measure_all(benchmark, cases, rounds, command, progress)
    if sys.stderr and sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    print(benchmark.about, "", text_table(rows(result)), "", sep="\n")
    if asked.output:
        written = asked.output / f"{benchmark.name}.json"
        written.write_text(result.text(), "utf-8")
        written.with_suffix(".svg").write_text(Picture(result).svg(), "utf-8")
    return not any(result.failure(*case) for case in cases)


def main() -> None:
    """Run the command."""
    parser = make_parser()
    asked = parser.parse_args()
    names = asked.names or NAMES
    modules = [importlib.import_module(f"benchmarks.{name}") for name in names]
    benchmarks = [module.BENCHMARK for module in modules]
    if missing := sorted({name for b in benchmarks for name in b.missing()}):
        parser.error(f"{', '.join(missing)} must be installed: {INSTALL}")
    options = ["--quick"] if asked.quick else ["--repeats", str(asked.repeats)]
    try:
        good = [
            run(b, asked, " ".join(["python -m benchmarks", b.name, *options]))
            for b in benchmarks
        ]
    except KeyboardInterrupt:
        parser.exit(130, "\nbenchmarks: stopped\n")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
