"""The command: `python -m linkcheck URL`."""

import argparse
import asyncio
import io
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

import aiohttp

from .crawl import Limits, crawl
from .document import resolve
from .fetch import Fetcher
from .report import Report

ABOUT = """
Find the broken links of a web site.

It follows the links from URL to all pages below the same folder, and checks
every link, image, script and style in them. What lies elsewhere is checked,
and not followed.
"""
STATUS = """
The exit status is 0 if all is good, 1 if links are broken, 2 if the command
makes no sense, 130 after Ctrl-C, and 143 after SIGTERM; in both cases the
report says what was found so far.
"""


class Parser(argparse.ArgumentParser):
    """A parser that answers a mistake in one sentence."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.exit(2, f"linkcheck: {message}; --help says more.\n")


def site(text: str) -> str:
    """The address of a site, from the command line."""
    try:
        if url := resolve("", text):
            return str(url.with_fragment(None))
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(
        f"{text!r} is no address of a site, such as https://example.org/"
    )


def positive(text: str) -> float:
    """A number above zero, from the command line."""
    try:
        if (number := float(text)) > 0:
            return number
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is no number above zero")


def whole(text: str) -> int:
    """A whole number above zero, from the command line."""
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no whole number above zero")


def parse(arguments: list[str]) -> argparse.Namespace:
    """What the command line asks for."""
    parser = Parser(
        prog="linkcheck",
        description=ABOUT,
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", metavar="URL", type=site, help="where to begin")
    parser.add_argument(
        "--per-host",
        type=whole,
        default=Limits.per_host,
        metavar="N",
        help="requests at once to one host (%(default)s)",
    )
    parser.add_argument(
        "--at-once",
        type=whole,
        default=Limits.at_once,
        metavar="N",
        help="requests at once to all hosts (%(default)s)",
    )
    parser.add_argument(
        "--addresses",
        type=whole,
        default=Limits.addresses,
        metavar="N",
        help="addresses to check, of a site that may have no end (%(default)s)",
    )
    parser.add_argument(
        "--seconds",
        type=positive,
        default=10.0,
        metavar="S",
        help="the time that each address has (%(default)g)",
    )
    parser.add_argument(
        "--no-elsewhere",
        action="store_false",
        dest="elsewhere",
        help="leave out what lies elsewhere",
    )
    return parser.parse_args(arguments)


async def check_site(options: argparse.Namespace) -> int:
    """Check a site until that is done, or somebody stops it; then report."""
    report = Report()
    limits = Limits(
        options.per_host, options.at_once, options.addresses, options.elsewhere
    )
    stopped_by: list[int] = []
    # There is no stderr at all, if whoever started this has closed it.
    in_terminal = bool(sys.stderr and sys.stderr.isatty())

    def stop(number: int) -> None:
        stopped_by.append(number)
        crawling.cancel()  # ends its workers

    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),  # the crawl limits them
        timeout=aiohttp.ClientTimeout(total=None),  # the fetcher does
        max_field_size=65_536,  # some good pages have headers as long as that
        headers={"User-Agent": "linkcheck"},
    ) as session:
        check = Fetcher(session, options.seconds).check
        crawling = asyncio.create_task(crawl(options.url, report, check, limits))
        when_told_to_stop(stop)
        while not (await asyncio.wait([crawling], timeout=0.2))[0]:
            if in_terminal:
                count = f"{len(report.results)} of {len(report.asked)}"
                print(f"\r{count} checked", end="", file=sys.stderr, flush=True)
    if in_terminal:
        print("\r\033[K", end="", file=sys.stderr)
    tell(*report.lines())
    if crawling.cancelled():
        name = signal.Signals(stopped_by[0]).name
        tell(f"Stopped by {name}: this is what was found until then.")
        return 128 + stopped_by[0]
    await crawling  # raises what it failed with, if it did
    return 1 if report.broken() else 0


def tell(*lines: str) -> None:
    """Print lines, if anybody still reads them."""
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:  # such as `head`, which has read enough
        # What is left in the buffer must not fail again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def when_told_to_stop(stop: Callable[[int], None]) -> None:
    """Call `stop` with the number of a signal that asks to end."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop, number)
        except NotImplementedError:  # on Windows
            signal.signal(number, lambda n, _: loop.call_soon_threadsafe(stop, n))


def main() -> None:
    """Run the command."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # it may not know every letter
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(asyncio.run(check_site(parse(sys.argv[1:]))))


if __name__ == "__main__":
    main()
