"""The link checker that the tutorial ends with: `examples/linkcheck/`."""

from __future__ import annotations

import aiohttp
import pytest

import virtual_clock
from broken_sites import SECONDS, Site, broken_site
from linkcheck.crawl import Limits, crawl
from linkcheck.fetch import Fetcher
from linkcheck.report import Report


async def checked(site: Site, limits: Limits) -> Report:
    """What the checker reports of a site."""
    report = Report()
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0)
    ) as session:
        check = Fetcher(session, SECONDS).check
        await crawl(f"{site.home}/", report, check, limits)
    return report


@pytest.mark.parametrize("seed", range(3))
def test_it_finds_every_broken_link_and_no_other(seed: int) -> None:
    """Of a generated site it reports the planted links, all, and nothing else."""

    async def main() -> None:
        async with broken_site(seed) as site:
            report = await checked(site, Limits(per_host=16))
        assert len(site.planted) >= 200
        assert site.good >= 200
        found = {tuple(link) for link in report.broken()}
        planted = {tuple(link) for link in site.planted}
        assert sorted(found - planted) == []
        assert sorted(planted - found) == []

    virtual_clock.run(main())
