"""The cost of one: a task, a thread, a process, a connection that waits.

So many are made, wait until all are there, are told to go on, and end. What
that takes, divided by their number, is the cost of one. None of them does
anything but wait, so this is the least that one can cost.
"""

import asyncio
import os
import re
import subprocess
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from .harness import Benchmark, Metric
from .measure import Found, Work
from .server import served


def tasks(amount: int) -> int:
    """Tasks that wait for an event."""

    async def wait(gate: asyncio.Event) -> bool:
        return await gate.wait()

    async def main() -> int:
        gate = asyncio.Event()
        waiting = [asyncio.create_task(wait(gate)) for _ in range(amount)]
        await asyncio.sleep(0)  # each runs as far as its wait
        gate.set()
        return sum(await asyncio.gather(*waiting))

    return asyncio.run(main())


def threads(amount: int) -> int:
    """Threads that wait for an event."""
    gate, went_on = threading.Event(), []

    def wait() -> None:
        went_on.append(gate.wait())

    waiting = [threading.Thread(target=wait) for _ in range(amount)]
    for thread in waiting:
        thread.start()
    gate.set()
    for thread in waiting:
        thread.join()
    return sum(went_on)


async def connect(amount: int, host: str, port: int) -> int:
    """Connections that wait for what the server may say, each in a task."""
    opened = asyncio.Semaphore(0)
    connections = []

    async def wait() -> bool:
        reader, writer = await asyncio.open_connection(host, port)
        connections.append(writer)
        opened.release()
        said = await reader.read(1)
        return said == b""

    waiting = [asyncio.create_task(wait()) for _ in range(amount)]
    for _ in waiting:
        await opened.acquire()
    for writer in connections:
        writer.close()
    return sum(await asyncio.gather(*waiting))


def connections(amount: int, url: str) -> int:
    """Connections of asyncio's streams; the server's side is not counted."""
    host, port = url.removeprefix("http://").rstrip("/").split(":")
    return asyncio.run(connect(amount, host, int(port)))


def forks(amount: int) -> Found:
    """Processes that are copies of this one, and wait for a pipe to close."""
    before = used()
    theirs, ours = os.pipe()
    waiting = []
    for _ in range(amount):
        child = os.fork()
        if not child:
            os.close(ours)
            os._exit(len(os.read(theirs, 1)))
        waiting.append(child)
    memory = used() + amount * used(waiting[0]) - before
    os.close(theirs)
    os.close(ours)
    ends = [os.waitpid(child, 0)[1] for child in waiting]
    return {"done": ends.count(0), "memory": memory}


def pythons(amount: int) -> Found:
    """Processes that start a Python each, and wait for a pipe to close."""
    before = used()
    code = "import sys; print(flush=True); sys.stdin.read()"
    waiting = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(amount)
    ]
    for process in waiting:
        assert process.stdout
        process.stdout.readline()  # it is up
    memory = used() + amount * used(waiting[0].pid) - before
    for process in waiting:
        process.communicate()
    ends = [process.returncode for process in waiting]
    return {"done": ends.count(0), "memory": memory}


def used(process: int | str = "self") -> int:
    """Bytes of memory that a process uses; of what it shares, its share."""
    rollup = Path(f"/proc/{process}/smaps_rollup")
    if not rollup.exists():
        raise RuntimeError("only Linux tells the memory of processes")
    share = re.search(r"Pss: +(\d+) kB", rollup.read_text())
    assert share
    return int(share[1]) * 1024


def around(way: str) -> AbstractContextManager[tuple[Found, Found]]:
    """Have the server for connections."""
    if way == "connection":
        return served(0, 0, witness="connections")
    return nullcontext(({}, {}))


WAYS: dict[str, Work] = {
    "task": tasks,
    "connection": connections,
    "thread": threads,
    "process, forked": forks,
    "process, a new Python": pythons,
}
AMOUNTS = {
    "task": [1_000, 10_000, 100_000],
    "connection": [100, 1_000, 10_000],
    "thread": [10, 100, 1_000],
    "process, forked": [10, 100],
    "process, a new Python": [10, 50],
}

BENCHMARK = Benchmark(
    name="cost_of_one",
    about="What a task, a thread, a process and a connection cost that wait.",
    things="at once",
    ways=WAYS,
    cases=[(way, amount) for way in WAYS for amount in AMOUNTS[way]],
    quick=[(way, 5) for way in WAYS],
    metrics=[
        Metric("Memory", "KB each", lambda m: m["memory"] / m["amount"] / 1e3, "log"),
        Metric(
            "Processor time", "µs each", lambda m: 1e6 * m["cpu"] / m["amount"], "log"
        ),
        Metric("Time", "µs each", lambda m: 1e6 * m["seconds"] / m["amount"], ""),
        Metric("All memory", "MB", lambda m: m["memory"] / 1e6, ""),
    ],
    packages=[],
    around=around,
)
