# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""A session that nobody closes says so when it is thrown away."""

import asyncio
import sys
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer


async def answer(request: web.BaseRequest) -> web.Response:
    return web.Response(text="the page")


async def fetch(url: str) -> str:
    session = aiohttp.ClientSession()
    async with session.get(url) as response:
        return await response.text()


def report(loop: object, about: dict[str, Any]) -> None:
    print(about["message"], file=sys.stderr)  # without the addresses


async def main() -> None:
    asyncio.get_running_loop().set_exception_handler(report)
    async with RawTestServer(answer) as site:
        print(await fetch(str(site.make_url("/"))))


if __name__ == "__main__":
    asyncio.run(main())
