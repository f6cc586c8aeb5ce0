# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback", "small_site"]
# ///

"""Two requests at a time, and each result as it comes."""

import asyncio

import aiohttp

from small_site import SmallSite

LIMIT = 2  # requests at once
PAGES = [
    "/map",
    "/about",
    "/tart",
    "/bread",
    "/shop",
]


async def check(
    session: aiohttp.ClientSession, turn: asyncio.Semaphore, url: str
) -> str:
    # Others run while it waits: for its turn, then for the reply.
    async with turn, session.get(url) as reply:
        return f"{reply.status} {url}"


async def report(home: str) -> None:
    turn = asyncio.Semaphore(LIMIT)
    async with aiohttp.ClientSession() as session:
        checks = [check(session, turn, home + p) for p in PAGES]
        # As tasks, they begin in the order of the list.
        tasks = [asyncio.create_task(one) for one in checks]
        for done, result in enumerate(asyncio.as_completed(tasks), 1):
            line = (await result).replace(home, "")
            print(f"[{'#' * done:{len(PAGES)}}] {line}")


async def main() -> None:
    async with SmallSite() as site:  # stands in for a web site
        await report(site.home)
        print(f"at most {site.busiest} requests at once")


if __name__ == "__main__":
    asyncio.run(main())
