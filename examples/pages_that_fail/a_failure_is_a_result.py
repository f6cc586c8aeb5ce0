# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback", "small_site"]
# ///

"""A page that fails or hangs is a result, and loses no other page."""

import asyncio

import aiohttp

from small_site import SmallSite

LIMIT = 2  # requests at once
SECONDS = 1.2  # for one page
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
    try:
        async with (
            turn,  # when it is its turn, the clock starts
            asyncio.timeout(SECONDS),
            session.get(url) as reply,
        ):
            await reply.read()
        return f"{reply.status} {url}"
    except aiohttp.ClientConnectorError:
        raise  # nobody is there: no page will come
    except (aiohttp.ClientError, TimeoutError) as error:
        return f"{type(error).__name__} {url}"


async def report(home: str) -> None:
    turn = asyncio.Semaphore(LIMIT)
    try:
        async with (
            aiohttp.ClientSession() as session,
            asyncio.TaskGroup() as group,
        ):
            checks = [check(session, turn, home + p) for p in PAGES]
            tasks = [group.create_task(one) for one in checks]
            results = asyncio.as_completed(tasks)
            for done, result in enumerate(results, 1):
                line = (await result).replace(home, "")
                print(f"[{'#' * done:{len(PAGES)}}] {line}")
    except* aiohttp.ClientConnectorError:
        print("nobody answers there")


async def main() -> None:
    async with SmallSite() as site:  # stands in for a web site
        await report(site.home)
    print("the bakery has closed")
    await report(site.home)


if __name__ == "__main__":
    asyncio.run(main())
