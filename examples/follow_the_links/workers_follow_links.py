# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback", "small_site"]
# ///

"""Workers follow the links of a site, to a limit, and then end."""

import asyncio
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

import aiohttp

from small_site import SmallSite

WORKERS = 4  # so many requests at once
PAGES = 20  # no more than these, of a site that may have no end
SECONDS = 1.5  # for one page
Attributes = list[tuple[str, str | None]]


@dataclass
class Page:
    url: str
    result: str
    links: list[str] = field(default_factory=list)


@dataclass
class Report:
    found_on: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)

    def show(self, home: str) -> None:
        for url, result in sorted(self.results.items()):
            if result != "200":
                line = f"{result} {url}, on {self.found_on[url]}"
                print(line.replace(home, ""))
        print(f"checked {len(self.results)} of {len(self.found_on)}")


class Links(HTMLParser):
    def __init__(self, base: str, text: str) -> None:
        super().__init__()
        self.base, self.urls = base, list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if tag == "a" and (href := dict(attrs).get("href")):
            self.urls.append(urldefrag(urljoin(self.base, href)).url)


async def check(session: aiohttp.ClientSession, url: str) -> Page:
    try:
        async with asyncio.timeout(SECONDS):
            async with session.get(url) as reply:
                text = await reply.text(errors="replace")
        links = Links(str(reply.url), text).urls
        return Page(url, str(reply.status), links)
    except (aiohttp.ClientError, TimeoutError) as error:
        return Page(url, type(error).__name__)


async def crawl(home: str, report: Report) -> None:
    todo = asyncio.Queue[str]()  # at most PAGES are put into it
    found = asyncio.Queue[Page](maxsize=WORKERS)

    async def work() -> None:
        while True:
            page = await check(session, await todo.get())
            await found.put(page)  # waits while the queue is full

    async with (
        aiohttp.ClientSession() as session,
        asyncio.TaskGroup() as group,
    ):
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


async def main() -> None:
    report = Report()
    async with SmallSite() as site:  # stands in for a web site
        await crawl(f"{site.home}/", report)
        report.show(site.home)


if __name__ == "__main__":
    asyncio.run(main())
