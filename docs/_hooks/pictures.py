"""Keep the pictures from the search plugin, and blank lines from the reader.

MkDocs runs this file as a hook, after the others. A picture has no text that a
search should find, and to look through all of them takes as long as the rest
of a build. The templates indent their lines, and so do our style sheets, which
have comments besides; a page is lighter without.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_PICTURE = re.compile(r'<figure class="(?:timeline|plot)".*?</figure>', re.DOTALL)
_AS_IT_IS = re.compile(r"(<pre\b.*?</pre>|<script\b.*?</script>)", re.DOTALL)
_INDENT = re.compile(r"\s*\n\s*")
_MARK = "<!-- a picture stands here -->"

_taken_out: dict[str, list[str]] = {}  # by the address of the page


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Take the pictures out of a page."""
    _taken_out[page.url] = _PICTURE.findall(html)
    return _PICTURE.sub(_MARK, html)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Put them back into the whole page, and take the indentation out."""
    pictures = iter(_taken_out.pop(page.url))
    lighter = "".join(
        part if part.startswith(("<pre", "<script")) else _INDENT.sub("\n", part)
        for part in _AS_IT_IS.split(output)
    )
    return re.sub(_MARK, lambda _: next(pictures), lighter)


def on_post_build(config: Any, **_: Any) -> None:
    """Take comments and indentation out of the published style sheets."""
    for sheet in Path(config.site_dir, "assets", "css").glob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
        sheet.write_text(_INDENT.sub("\n", text), "utf-8", newline="\n")
