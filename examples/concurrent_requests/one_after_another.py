# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""One request after another takes the sum of their waits."""

import asyncio
import time

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

LONGEST = 1.5  # seconds that page /0 takes
OTHERS = 0.17  # seconds that each other page takes
in_flight: set[str] = set()
counts: list[int] = []
replies: list[str] = []


async def fetch(session: aiohttp.ClientSession, url: str) -> str:
    # Sends the request; others run until the reply begins.
    async with session.get(url) as response:
        # Others run until the rest of it is here.
        return await response.text()


async def answer(request: web.BaseRequest) -> web.Response:
    in_flight.add(request.path)
    counts.append(len(in_flight))
    await asyncio.sleep(LONGEST if request.path == "/0" else OTHERS)
    in_flight.remove(request.path)
    replies.append(request.path)
    return web.Response(text=request.path)


async def main() -> None:
    async with (
        RawTestServer(answer) as site,  # stands in for a web site
        aiohttp.ClientSession() as session,
    ):
        urls = [str(site.make_url(f"/{n}")) for n in range(10)]
        start = time.perf_counter()
        fetches = [fetch(session, url) for url in urls]  # none runs yet
        pages = [await page for page in fetches]
        seconds = time.perf_counter() - start
    print("pages:", *pages)
    print("last reply:", replies[-1])
    print("in flight as each request arrives:", *counts)
    print("times the longest wait:", int(seconds / LONGEST))


if __name__ == "__main__":
    asyncio.run(main())
