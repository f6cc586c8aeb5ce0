# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""One session for the whole program, closed at its end."""

import asyncio

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer


async def answer(request: web.BaseRequest) -> web.Response:
    return web.Response(text="the page")


async def fetch(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as response:
        return await response.text()


async def main() -> None:
    async with (
        RawTestServer(answer) as site,
        aiohttp.ClientSession() as session,
    ):
        print(await fetch(session, str(site.make_url("/"))))


if __name__ == "__main__":
    asyncio.run(main())
