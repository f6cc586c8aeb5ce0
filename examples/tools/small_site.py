# /// script
# dependencies = ["aiohttp"]
#
# [tool.example]
# needs = ["loopback"]
# ///

"""A small web site with all that a link checker may meet.

It is the site of a bakery, on 127.0.0.1: some of its pages are good, and
others are slow, missing, broken off, without an end, or never come. What
each does is the same every time, so that a program can be tried on it.

    python small_site.py                  serve it at http://127.0.0.1:8080/
    async with SmallSite() as site:       serve it within a program

site.home is its address, without the slash at the end. site.asked has the
paths of the requests, in the order in which they came, and site.busiest
is the largest number of them that it worked at, at one time.
"""

import asyncio
import sys
from types import TracebackType
from typing import Self

from aiohttp import web

SECONDS = {"/bread": 0.1, "/cakes": 0.1, "/about": 0.1, "/map": 0.8}
SECONDS |= {"/door": 0, "/gate": 0}
OTHERS = 0.05  # seconds that any other page takes
LINKS = {
    "/": [
        *("/bread", "/cakes", "/map", "/about#hours", "/menu.pdf"),  # good
        *("/tart", "/oven", "/about#team"),  # 404, 500, no such place in it
        *("/shop", "/door"),  # lead on: to /about, and round in a circle
        *("/phone", "/photos", "/radio"),  # no answer, a half, no end
        "/calendar/1",  # leads to the next page, and that to the next
    ],
    "/bread": ["/", "/cakes"],
    "/cakes": ["/", "/bread", "/tart"],
    "/map": ["/about#way"],
    "/about": ["/"],
}
LEADS_TO = {"/shop": "/about", "/door": "/gate", "/gate": "/door"}


def html(path: str, links: list[str]) -> str:
    """Return a page about path, with links."""
    items = "".join(f'<li><a href="{link}">{link}</a></li>\n' for link in links)
    return (
        f'<!doctype html>\n<html lang="en">\n<title>{path}</title>\n'
        f'<h1 id="way">{path}</h1>\n<p id="hours">Open from 6 to 12.</p>\n'
        f"<ul>\n{items}</ul>\n</html>\n"
    )


class SmallSite:
    """The site, which is served inside its async with block."""

    def __init__(self, port: int = 0) -> None:
        """Make a site for a port of 127.0.0.1; 0 is any that is free."""
        self.home = ""
        self.asked: list[str] = []
        self.busiest = 0
        self._busy = 0
        self._port = port
        # A request whose client hangs up is cancelled, and so it ends.
        server = web.Server(self._answer, handler_cancellation=True)
        # With 0 it would wait for them without an end.
        self._runner = web.ServerRunner(server, shutdown_timeout=0.01)

    async def __aenter__(self) -> Self:
        """Begin to serve."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.home = "http://{}:{}".format(*self._runner.addresses[0])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up on all that still wait, and serve no more."""
        if error:
            # Clients that were cut off may be asking anew, and a server that
            # closes just then loses them: github.com/python/cpython/issues/109564
            await asyncio.sleep(0.05)
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request.path)
        self._busy += 1
        self.busiest = max(self.busiest, self._busy)
        try:
            await asyncio.sleep(SECONDS.get(request.path, OTHERS))
            return await self._page(request)
        finally:
            self._busy -= 1

    async def _page(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        if path in LEADS_TO:
            return web.Response(status=302, headers={"Location": LEADS_TO[path]})
        month = path.removeprefix("/calendar/")
        if month.isdecimal():
            return page(path, [f"/calendar/{int(month) + 1}"])
        match path:
            case "/phone":
                await asyncio.Event().wait()  # for ever
            case "/photos":
                return await a_part(request)
            case "/radio":
                return await no_end(request)
            case "/oven":
                return web.Response(status=500, text="The oven is on fire.")
            case "/menu.pdf":
                return web.Response(body=b"%PDF", content_type="application/pdf")
        if path in LINKS:
            return page(path, LINKS[path])
        return web.Response(status=404, text="There is no such page.")


async def a_part(request: web.BaseRequest) -> web.StreamResponse:
    """Send less than what was promised, and hang up."""
    response = web.StreamResponse(headers={"Content-Length": "100000"})
    response.content_type = "text/html"
    await response.prepare(request)
    if request.method != "HEAD" and request.transport:
        await response.write(html(request.path, ["/"]).encode())
        request.transport.close()
    return response


async def no_end(request: web.BaseRequest) -> web.StreamResponse:
    """Send a page that goes on until the client hangs up."""
    response = web.StreamResponse()
    response.content_type = "text/html"
    await response.prepare(request)
    while request.method != "HEAD":
        await response.write(b"<p>la la la</p>\n" * 64)
        await asyncio.sleep(0.01)
    return response


def page(path: str, links: list[str]) -> web.Response:
    """Return the response with a page about path."""
    return web.Response(text=html(path, links), content_type="text/html")


async def main(port: int) -> None:
    """Serve the site until Ctrl-C."""
    async with SmallSite(port) as site:
        print(f"The bakery is open at {site.home}/ until you press Ctrl-C.")
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8080))
    except KeyboardInterrupt:
        print("Closed.")
