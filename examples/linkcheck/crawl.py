"""Follow the links of a site: queues, workers, and an end."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from yarl import URL

from .report import COMMAND, Page, Place, Report

Check = Callable[[str], Awaitable[Page]]


@dataclass(frozen=True)
class Limits:
    """How much is asked for at once, and in all, and whether elsewhere."""

    per_host: int = 4
    at_once: int = 16
    addresses: int = 10_000
    elsewhere: bool = True


@dataclass
class Host:
    """What is to be asked for at one host, and by whom."""

    todo: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    workers: list[asyncio.Task[None]] = field(default_factory=list)


async def crawl(
    start: str, report: Report, check: Check, limits: Limits = Limits()
) -> None:
    """Check `start` and all that it leads to, and note in `report` what comes.

    Links are followed from the pages below the folder of `start`. What they lead
    to elsewhere is checked, and not followed.
    """
    hosts: defaultdict[URL, Host] = defaultdict(Host)
    turn = asyncio.Semaphore(limits.at_once)
    found = asyncio.Queue[Page](maxsize=limits.at_once)

    async def work(todo: asyncio.Queue[str]) -> None:
        while True:
            url = await todo.get()
            async with turn:
                page = await check(url)
            await found.put(page)  # waits while the queue is full

    async with asyncio.TaskGroup() as group:

        def note(url: URL, place: Place) -> None:
            address = str(url.with_fragment(None))
            if not (limits.elsewhere or address.startswith(home)):
                return
            report.places[address][url.raw_fragment].append(place)
            if address in report.asked or len(report.asked) == limits.addresses:
                return
            report.asked.add(address)
            # A slow host holds up its own workers, and no others.
            host = hosts[url.origin()]
            host.todo.put_nowait(address)
            if len(host.workers) < limits.per_host:
                host.workers.append(group.create_task(work(host.todo)))

        home = ""
        note(URL(start), Place(COMMAND, 0, start))
        while len(report.results) < len(report.asked):
            page = await found.get()  # the workers run
            report.results[page.url] = page
            if not home:  # known when the first page is here: it may redirect
                home = str(URL(page.address or start).join(URL(".")))
            if not page.address.startswith(home):
                continue
            for link in page.links:
                place = Place(page.address, link.line, link.text)
                if link.url:
                    note(link.url, place)
                else:
                    report.malformed.append(place)
        for host in hosts.values():
            for worker in host.workers:
                worker.cancel()  # they wait for more, and none will come
