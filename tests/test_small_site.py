"""The site that the tutorial asks: `examples/tools/small_site.py`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

import virtual_clock
from running import run
from small_site import SmallSite

# Three requests are under way when the session closes; aiohttp asks anew.
CUT_OFF = """\
import asyncio
import aiohttp
from small_site import SmallSite

async def ask(session, url):
    async with session.get(url) as reply:
        reply.raise_for_status()

async def main():
    async with SmallSite() as site, aiohttp.ClientSession() as session:
        pages = ("/tart", "/map", "/bread", "/phone")
        await asyncio.gather(*[ask(session, site.home + p) for p in pages])

asyncio.run(main())
"""


def test_it_hangs_up_on_all_that_still_wait() -> None:
    """It closes at once, though a page is asked for that never comes, and one runs."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        async with aiohttp.ClientSession() as session:

            async def ask(page: str) -> bytes:
                async with session.get(site.home + page) as reply:
                    return await reply.read()

            async with asyncio.timeout(10), SmallSite() as site:
                pages = [asyncio.create_task(ask(p)) for p in ("/phone", "/radio")]
                await asyncio.sleep(5)
                start = loop.time()
            closed = loop.time() - start
            results = await asyncio.gather(*pages, return_exceptions=True)
        assert all(isinstance(r, aiohttp.ClientError) for r in results), results
        return closed

    assert virtual_clock.run(main()) < 0.1


def test_left_with_an_error_it_loses_no_socket(tmp_path: Path) -> None:
    """Clients that ask anew while it closes are answered or refused."""
    path = tmp_path / "cut_off.py"
    path.write_text(CUT_OFF, "utf-8")
    for options in ((), ("-X", "dev")):
        done = run(path, *options)
        *_, last = done.stderr.splitlines()
        assert last.startswith("aiohttp.client_exceptions.ClientResponseError: 404")
        assert done.stderr.count("Traceback") == 1, done.stderr
        assert "Warning" not in done.stderr
