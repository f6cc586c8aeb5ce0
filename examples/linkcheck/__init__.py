"""Find the broken links of a web site.

    python -m linkcheck https://example.org/

It needs aiohttp. `crawl.py` says what is asked for, and when; `fetch.py`
asks for one address; `document.py` finds the links in a page; `report.py`
notes what came of it; and `__main__.py` is the command.
"""
