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
    await asyncio.sleep(1.2 if request.path == "/0" else 0.2)
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
    print("whole seconds:", int(seconds))


if __name__ == "__main__":
    asyncio.run(main())
