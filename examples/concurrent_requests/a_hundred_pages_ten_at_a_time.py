# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""A hundred requests, ten of them at a time, take ten rounds."""

import asyncio

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

LIMIT = 10  # requests at a time
in_flight: set[str] = set()
counts: list[int] = []


async def fetch(
    session: aiohttp.ClientSession, turn: asyncio.Semaphore, url: str
) -> str:
    async with turn, session.get(url) as response:
        return await response.text()


async def answer(request: web.BaseRequest) -> web.Response:
    in_flight.add(request.path)
    counts.append(len(in_flight))
    await asyncio.sleep(0.2)
    in_flight.remove(request.path)
    return web.Response(text=request.path)


async def main() -> None:
    turn = asyncio.Semaphore(LIMIT)
    connector = aiohttp.TCPConnector(limit=LIMIT)
    async with (
        RawTestServer(answer) as site,
        aiohttp.ClientSession(connector=connector) as session,
    ):
        urls = [str(site.make_url(f"/{n}")) for n in range(100)]
        fetches = [fetch(session, turn, url) for url in urls]
        pages = await asyncio.gather(*fetches)
    print("pages:", len(set(pages)))
    print("most in flight:", max(counts))


if __name__ == "__main__":
    asyncio.run(main())
