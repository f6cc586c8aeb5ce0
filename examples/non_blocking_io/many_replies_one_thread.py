# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""One thread waits for many replies at once."""

import asyncio
import threading

import aiohttp
from aiohttp import web


def kitchen() -> web.Application:
    all_asked = asyncio.Barrier(3)

    async def serve(request: web.Request) -> web.Response:
        # Nobody is served before the third guest has asked.
        if await all_asked.wait() == 0:
            print("server: three requests are waiting")
        return web.Response(text=request.match_info["dish"])

    app = web.Application()
    app.router.add_get("/{dish}", serve)
    return app


async def order(session: aiohttp.ClientSession, dish: str) -> str:
    async with session.get(f"/{dish}") as reply:  # the others go on
        return await reply.text()


async def main() -> None:
    runner = web.AppRunner(kitchen(), shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        async with aiohttp.ClientSession(
            f"http://{host}:{port}",
            timeout=aiohttp.ClientTimeout(total=10),
        ) as session:
            replies = await asyncio.gather(
                order(session, "soup"),
                order(session, "bread"),
                order(session, "tea"),
            )
        print("client: got", *replies)
        print("threads:", threading.active_count())
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
