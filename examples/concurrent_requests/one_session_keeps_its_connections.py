# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""One session keeps its connections; ten sessions make ten."""

import asyncio

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

used: list[object] = []  # the connection of each request


async def fetch(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as response:
        return await response.text()


async def answer(request: web.BaseRequest) -> web.Response:
    used.append(request.transport)
    return web.Response(text=request.path)


async def main() -> None:
    async with RawTestServer(answer) as site:
        url = str(site.make_url("/"))
        async with aiohttp.ClientSession() as session:
            for _ in range(10):
                await fetch(session, url)
        print(len(used), "requests,", len(set(used)), "connection")

        used.clear()
        for _ in range(10):
            async with aiohttp.ClientSession() as session:
                await fetch(session, url)
        print(len(used), "requests,", len(set(used)), "connections")


if __name__ == "__main__":
    asyncio.run(main())
