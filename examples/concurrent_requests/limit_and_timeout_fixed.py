# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""The clock of each request starts when it is its turn."""

import asyncio

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

LIMIT = 5  # connections
SECONDS = 2.8  # for one page
in_flight: set[str] = set()
counts: list[int] = []


async def fetch(
    session: aiohttp.ClientSession, turn: asyncio.Semaphore, url: str
) -> str:
    # Waits for its turn, then starts the clock.
    async with turn, session.get(url) as response:
        return await response.text()


async def answer(request: web.BaseRequest) -> web.Response:
    in_flight.add(request.path)
    counts.append(len(in_flight))
    try:
        await asyncio.sleep(1.5)
    finally:
        in_flight.remove(request.path)
    return web.Response(text=request.path)


async def main() -> None:
    turn = asyncio.Semaphore(LIMIT)
    async with (
        RawTestServer(answer) as site,
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=LIMIT),
            timeout=aiohttp.ClientTimeout(total=SECONDS),
        ) as session,
    ):
        urls = [str(site.make_url(f"/{n}")) for n in range(10)]
        fetches = [fetch(session, turn, url) for url in urls]
        pages = await asyncio.gather(*fetches, return_exceptions=True)
    print("arrived:", *[p for p in pages if isinstance(p, str)])
    lost = [repr(p) for p in pages if not isinstance(p, str)]
    print("lost:", len(lost), *set(lost))
    print("most in flight:", max(counts))


if __name__ == "__main__":
    asyncio.run(main())
