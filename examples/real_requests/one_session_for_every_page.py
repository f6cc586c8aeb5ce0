# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback", "small_site"]
# ///

"""One session asks for every page, and gather keeps their order."""

import asyncio

import aiohttp

from small_site import SmallSite

PAGES = [
    "/map",
    "/about",
    "/tart",
    "/bread",
    "/shop",
]


async def check(session: aiohttp.ClientSession, url: str) -> str:
    # Others run while it waits for the reply.
    async with session.get(url) as reply:
        return f"{reply.status} {url}"


async def report(home: str) -> None:
    async with aiohttp.ClientSession() as session:
        checks = [check(session, home + page) for page in PAGES]
        results = await asyncio.gather(*checks)
    for result in results:
        print(result.replace(home, ""))


async def main() -> None:
    async with SmallSite() as site:  # stands in for a web site
        await report(site.home)
        print(f"at most {site.busiest} requests at once")


if __name__ == "__main__":
    asyncio.run(main())
