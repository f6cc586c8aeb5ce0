# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback", "small_site"]
# ///

"""In a task group, the first failure ends every other check."""

import asyncio

import aiohttp

from small_site import SmallSite

LIMIT = 2  # requests at once
PAGES = [
    "/map",
    "/photos",
    "/about",
    "/oven",
    "/tart",
    "/bread",
    "/shop",
    "/phone",
]


async def check(
    session: aiohttp.ClientSession, turn: asyncio.Semaphore, url: str
) -> str:
    # Others run while it waits: for its turn, then for the reply.
    async with turn, session.get(url) as reply:
        await reply.read()
        return f"{reply.status} {url}"


async def report(home: str) -> None:
    turn = asyncio.Semaphore(LIMIT)
    async with (
        aiohttp.ClientSession() as session,
        asyncio.TaskGroup() as group,
    ):
        checks = [check(session, turn, home + p) for p in PAGES]
        tasks = [group.create_task(one) for one in checks]
        for done, result in enumerate(asyncio.as_completed(tasks), 1):
            line = (await result).replace(home, "")
            print(f"[{'#' * done:{len(PAGES)}}] {line}")


async def main() -> None:
    async with SmallSite() as site:  # stands in for a web site
        try:
            await report(site.home)
        except* aiohttp.ClientError as errors:
            for error in errors.exceptions:
                print("failed:", type(error).__name__)
    print(f"asked for {len(site.asked)} of {len(PAGES)} pages")


if __name__ == "__main__":
    asyncio.run(main())
