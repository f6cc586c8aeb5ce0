# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""After the first error in a TaskGroup, the others are cancelled."""

import asyncio

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer

sent: list[str] = []
given_up: list[str] = []


async def fetch(session: aiohttp.ClientSession, url: str) -> str:
    async with session.get(url) as response:
        response.raise_for_status()
        return await response.text()


async def answer(request: web.BaseRequest) -> web.Response:
    if request.path == "/3":
        await asyncio.sleep(0.5)
        return web.Response(status=500)
    try:
        await asyncio.sleep(1.5)
    except asyncio.CancelledError:  # the client hung up
        given_up.append(request.path)
        raise
    sent.append(request.path)
    return web.Response(text=request.path)


async def main() -> None:
    async with (
        RawTestServer(answer) as site,
        aiohttp.ClientSession() as session,
    ):
        urls = [str(site.make_url(f"/{n}")) for n in range(10)]
        try:
            async with asyncio.TaskGroup() as group:
                fetches = [fetch(session, url) for url in urls]
                tasks = [group.create_task(page) for page in fetches]
            # Reached when every page is here.
            print("pages:", *[task.result() for task in tasks])
        except* aiohttp.ClientResponseError as errors:
            for error in errors.exceptions:
                print("failed:", type(error).__name__)
        print("still running:", sum(not task.done() for task in tasks))
    print("pages sent:", len(sent), "given up:", len(given_up))


if __name__ == "__main__":
    asyncio.run(main())
