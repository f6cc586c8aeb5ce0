"""The server that the benchmarks ask: one page, after a delay.

It runs in a process of its own, so that what it costs is not counted, and
it does as little as it can: no framework, no tasks, no parsing beyond the
blank line that ends a request. It prints its port. When its standard input
is closed, as it is when whoever started it has ended, it says what it saw,
as JSON, and ends.
"""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .harness import FOLDER
from .measure import DEADLINE, Found, allow_open_files

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n"
END = b"\r\n\r\n"


@contextmanager
def served(
    delay: float, size: int, witness: str = "answered"
) -> Iterator[tuple[Found, Found]]:
    """Have the server beside a measurement: where it is, and what it saw.

    One of its counts is the witness of what was done.
    """
    options = ["--delay", str(delay), "--size", str(size)]
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", *options],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for the harness alone
    ) as process:
        assert process.stdin
        assert process.stdout
        seen: Found = {}
        try:
            port = int(process.stdout.readline())
            yield {"url": f"http://127.0.0.1:{port}/"}, seen
            process.stdin.close()
            seen |= json.loads(process.stdout.read())
            seen["witnessed"] = seen[witness]
        except BaseException:
            process.kill()  # nobody wants to know any more
            raise


@dataclass
class Seen:
    """What the server counts."""

    connections: int = 0
    answered: int = 0
    in_flight: int = 0  # requests that wait for their answer
    most_in_flight: int = 0
    server_cpu: float = 0.0  # seconds of the processor, while it served


class Page(asyncio.Protocol):
    """A connection: answers each request after `delay` seconds."""

    transport: asyncio.Transport

    def __init__(self, delay: float, answer: bytes, seen: Seen):
        self.delay, self.answer, self.seen = delay, answer, seen
        self.loop = asyncio.get_running_loop()
        self.beginning = b""  # of a request whose end has yet to come

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has connected."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.seen.connections += 1

    def data_received(self, data: bytes) -> None:
        """Set the clock for each request that is complete."""
        *requests, self.beginning = (self.beginning + data).split(END)
        for _ in requests:
            self.seen.in_flight += 1
            self.loop.call_later(self.delay, self.reply)
        self.seen.most_in_flight = max(self.seen.most_in_flight, self.seen.in_flight)

    def reply(self) -> None:
        """Send the page."""
        self.seen.in_flight -= 1
        if not self.transport.is_closing():
            self.transport.write(self.answer)
            self.seen.answered += 1


async def serve(delay: float, size: int) -> Seen:
    """Serve until standard input is closed."""
    loop, seen, over = asyncio.get_running_loop(), Seen(), asyncio.Event()
    answer = HEAD.format(size).encode() + b"x" * size
    server = await loop.create_server(
        lambda: Page(delay, answer, seen),
        "127.0.0.1",
        0,
        backlog=10_000,  # that many may call in the same moment
    )
    loop.add_reader(sys.stdin, over.set)
    start = time.process_time()
    print(server.sockets[0].getsockname()[1], flush=True)
    await over.wait()
    server.close()
    seen.server_cpu = round(time.process_time() - start, 6)
    return seen


def main() -> None:
    """Serve as the command line says."""
    parser = argparse.ArgumentParser(prog="benchmarks.server")
    parser.add_argument("--delay", type=float, default=0.1, help="in seconds")
    parser.add_argument("--size", type=int, default=1000, help="of the page, in bytes")
    asked = parser.parse_args()
    signal.alarm(2 * DEADLINE)  # ends it, whatever happens
    allow_open_files()
    seen = asyncio.run(serve(asked.delay, asked.size))
    print(json.dumps(vars(seen)))


if __name__ == "__main__":
    main()
