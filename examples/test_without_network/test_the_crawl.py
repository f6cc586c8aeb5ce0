# /// script
# [tool.example]
# needs = ["virtual_clock"]
# ///

"""With what waits handed in, the crawl is tested in no time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import virtual_clock

WORKERS = 4  # so many requests at once
PAGES = 20  # no more than these, of a site that may have no end


@dataclass
class Page:
    url: str
    result: str
    links: list[str] = field(default_factory=list)


@dataclass
class Report:
    found_on: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)


Check = Callable[[str], Awaitable[Page]]


async def crawl(home: str, report: Report, check: Check) -> None:
    todo = asyncio.Queue[str]()  # at most PAGES are put into it
    found = asyncio.Queue[Page](maxsize=WORKERS)

    async def work() -> None:
        while True:
            page = await check(await todo.get())
            await found.put(page)  # waits while the queue is full

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(work()) for _ in range(WORKERS)]
        todo.put_nowait(home)
        report.found_on[home] = "the command line"
        while len(report.results) < len(report.found_on):
            page = await found.get()  # the workers run
            report.results[page.url] = page.result
            for url in page.links:
                new = url not in report.found_on
                room = len(report.found_on) < PAGES
                if new and room and url.startswith(home):
                    todo.put_nowait(url)
                    report.found_on[url] = page.url
        for worker in workers:
            worker.cancel()  # they wait for more, and none will come


async def on_paper(url: str) -> Page:
    await asyncio.sleep(60)  # a very slow site, on a clock that jumps
    if url == "/":
        return Page(url, "200", ["/", "/a", "/b", "/gone", "elsewhere"])
    if url == "/gone":
        return Page(url, "404")
    return Page(url, "200", ["/", f"{url}a"])  # and so on, without end


async def minutes(check: Check) -> tuple[Report, float]:
    report, loop = Report(), asyncio.get_running_loop()
    start = loop.time()
    await crawl("/", report, check)
    return report, round((loop.time() - start) / 60, 1)


def test_it_reports_a_dead_link_and_where_it_is() -> None:
    report, _ = virtual_clock.run(minutes(on_paper))
    bad = [url for url, r in report.results.items() if r != "200"]
    assert bad == ["/gone"]
    assert report.found_on["/gone"] == "/"


def test_it_asks_once_for_each_page_and_ends_at_the_limit() -> None:
    asked: list[str] = []

    async def check(url: str) -> Page:
        asked.append(url)
        return await on_paper(url)

    virtual_clock.run(minutes(check))
    assert len(asked) == len(set(asked)) == PAGES
    assert "elsewhere" not in asked


def test_four_workers_wait_side_by_side() -> None:
    async def check(url: str) -> Page:
        await asyncio.sleep(60)
        return Page(url, "200", [f"/{n}" for n in range(PAGES)])

    _, taken = virtual_clock.run(minutes(check))
    assert taken == 1 + 5  # the first page, then 19 pages by four


def test_stopped_half_way_it_keeps_what_it_has() -> None:
    report = Report()

    async def stop_after_90_seconds() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(90):
                await crawl("/", report, on_paper)

    virtual_clock.run(stop_after_90_seconds())
    assert report.results == {"/": "200"}
    assert len(report.found_on) == 4


if __name__ == "__main__":
    for test in (
        test_it_reports_a_dead_link_and_where_it_is,
        test_it_asks_once_for_each_page_and_ends_at_the_limit,
        test_four_workers_wait_side_by_side,
        test_stopped_half_way_it_keeps_what_it_has,
    ):
        test()
        print("passed:", test.__name__)
