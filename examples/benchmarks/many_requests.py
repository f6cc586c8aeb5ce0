"""Many requests: N pages, each of which takes a server 100 ms.

All are asked for at once, so all of them could be there after 100 ms.
How near does each way come to that, and what does it cost?

Each way imports its client by itself: the other ways do without.
"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from .harness import Benchmark, Metric
from .server import served

LATENCY = 0.1  # seconds; the server waits so long before it answers
PAGE = 1000  # bytes
PATIENCE = 100  # seconds; longer than any of this takes


def one_after_another(amount: int, url: str) -> int:
    """Ask, wait, and ask for the next; over one connection."""
    import requests

    with requests.Session() as session:
        return sum(
            len(session.get(url, timeout=PATIENCE).content) == PAGE
            for _ in range(amount)
        )


def threads(amount: int, url: str) -> int:
    """Give each request a thread, and each thread a session."""
    import requests

    here = threading.local()

    def fetch(_: int) -> bool:
        if not hasattr(here, "session"):
            here.session = requests.Session()
        return len(here.session.get(url, timeout=PATIENCE).content) == PAGE

    with ThreadPoolExecutor(max_workers=amount) as pool:
        return sum(pool.map(fetch, range(amount)))


async def fetch_by_aiohttp(amount: int, url: str) -> int:
    """Give each request a task, and let all share a session."""
    import aiohttp

    async def fetch() -> bool:
        async with session.get(url) as response:
            return len(await response.read()) == PAGE

    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),  # as many as there are
        timeout=aiohttp.ClientTimeout(total=PATIENCE),
    ) as session:
        return sum(await asyncio.gather(*(fetch() for _ in range(amount))))


def with_aiohttp(amount: int, url: str) -> int:
    """Do it on asyncio's own event loop."""
    return asyncio.run(fetch_by_aiohttp(amount, url))


def with_uvloop(amount: int, url: str) -> int:
    """Do it on another event loop."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(fetch_by_aiohttp(amount, url))


async def fetch_by_httpx2(amount: int, url: str) -> int:
    """Give each request a task, and let all share a client."""
    import httpx2

    async def fetch() -> bool:
        return len((await client.get(url)).content) == PAGE

    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(limits=limits, timeout=PATIENCE) as client:
        return sum(await asyncio.gather(*(fetch() for _ in range(amount))))


def with_httpx2(amount: int, url: str) -> int:
    """Do it with the other client."""
    return asyncio.run(fetch_by_httpx2(amount, url))


async def fetch_by_streams(amount: int, url: str) -> int:
    """Give each request a task and a connection, and parse what it must."""
    host, port = url.removeprefix("http://").rstrip("/").split(":")
    request = f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()

    async def fetch() -> bool:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            fields = head.decode().lower().split("\r\n")
            length = next(f for f in fields if f.startswith("content-length:"))
            body = await reader.readexactly(int(length.split(":")[1]))
            return head.startswith(b"HTTP/1.1 200 ") and len(body) == PAGE
        finally:
            writer.close()
            await writer.wait_closed()

    return sum(await asyncio.gather(*(fetch() for _ in range(amount))))


def raw_streams(amount: int, url: str) -> int:
    """Do it without a client, as a measure for the others."""
    return asyncio.run(fetch_by_streams(amount, url))


WAYS = {
    "one after another": one_after_another,
    "threads, requests": threads,
    "asyncio, aiohttp": with_aiohttp,
    "uvloop, aiohttp": with_uvloop,
    "asyncio, httpx2": with_httpx2,
    "asyncio, streams": raw_streams,
}
AMOUNTS = [1, 10, 100, 1_000, 10_000]
MOST = {  # beyond this it takes minutes
    "one after another": 10,
    "asyncio, httpx2": 1_000,
}

BENCHMARK = Benchmark(
    name="many_requests",
    about="N requests at once, each of which takes the server 100 ms.",
    things="requests",
    ways=WAYS,
    cases=[(way, n) for way in WAYS for n in AMOUNTS if n <= MOST.get(way, n)],
    quick=[(way, 5) for way in WAYS],
    metrics=[
        Metric("Time", "s", lambda m: m["seconds"], ""),
        Metric("Efficiency", "%", lambda m: 100 * LATENCY / m["seconds"]),
        Metric("Use of a core", "%", lambda m: 100 * m["cpu"] / m["seconds"]),
        Metric(
            "Processor time",
            "ms a request",
            lambda m: 1000 * m["cpu"] / m["amount"],
            "log",
        ),
        Metric("Peak memory", "MB", lambda m: m["memory"] / 1e6),
        Metric("In flight", "most", lambda m: m["most_in_flight"], ""),
    ],
    packages=["aiohttp", "httpx2", "requests", "uvloop"],
    around=lambda way: served(LATENCY, PAGE),
)
