# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""A page that fails or hangs does not lose the others."""

import asyncio

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

LIMIT = 4  # requests in flight
SECONDS = 1.0  # for one page, from its turn to its last byte
Page = bytes | aiohttp.ClientError | TimeoutError | UnicodeError


async def fetch(
    session: aiohttp.ClientSession, turn: asyncio.Semaphore, url: str
) -> Page:
    try:
        # Others run while it waits: for its turn, for the reply...
        async with turn, session.get(url) as response:
            response.raise_for_status()
            # ... and for the rest of the page.
            return await response.read()
    except (aiohttp.ClientError, TimeoutError, UnicodeError) as error:
        return error  # the last: of a host name that cannot be


async def fetch_all(urls: list[str]) -> list[Page]:
    turn = asyncio.Semaphore(LIMIT)
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=LIMIT),
        timeout=aiohttp.ClientTimeout(total=SECONDS),
    ) as session:
        fetches = [fetch(session, turn, url) for url in urls]
        return await asyncio.gather(*fetches)


in_flight: set[str] = set()
counts: list[int] = []


async def answer(request: web.BaseRequest) -> web.Response:
    in_flight.add(request.path)
    counts.append(len(in_flight))
    try:
        await asyncio.sleep(3600 if request.path == "/5" else 0.1)
    finally:
        in_flight.remove(request.path)
    status = 500 if request.path == "/3" else 200
    return web.Response(text=f"page {request.path}", status=status)


async def main() -> None:
    async with RawTestServer(answer) as site:
        urls = [str(site.make_url(f"/{n}")) for n in range(10)]
        pages = await fetch_all(urls)
    for page in pages:
        print(page if isinstance(page, bytes) else type(page).__name__)
    print("most in flight:", max(counts))


if __name__ == "__main__":
    asyncio.run(main())
