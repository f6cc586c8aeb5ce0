# /// script
# dependencies = ["aiohttp"]
# ///

"""A session looks for the current task in the loop that made it."""

import asyncio

import aiohttp


async def open_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


async def fetch(session: aiohttp.ClientSession) -> int:
    async with session.get("http://127.0.0.1/") as response:
        return response.status


if __name__ == "__main__":
    with asyncio.Runner() as first, asyncio.Runner() as second:
        session = first.run(open_session())
        try:
            second.run(fetch(session))
        except RuntimeError as error:
            print("RuntimeError:", error)
        first.run(session.close())
