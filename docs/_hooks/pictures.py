"""Keep the pictures from the search plugin, which would read every stroke of them.

MkDocs runs this file as a hook, after the others. A picture has no text that a
search should find, and to look through all of them takes as long as the rest
of a build.
"""

from __future__ import annotations

import re
from typing import Any

_PICTURE = re.compile(r'<figure class="timeline".*?</figure>', re.DOTALL)
_MARK = "<!-- a timeline stands here -->"

_taken_out: dict[str, list[str]] = {}  # by the address of the page


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Take the pictures out of a page."""
    _taken_out[page.url] = _PICTURE.findall(html)
    return _PICTURE.sub(_MARK, html)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Put them back into the whole page."""
    pictures = iter(_taken_out.pop(page.url))
    return re.sub(_MARK, lambda _: next(pictures), output)
