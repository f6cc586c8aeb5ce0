"""What a page may load and run: its own files, and nothing that was put into it.

MkDocs runs this file as a hook. The policy is a `<meta>` element, so that it
holds on any static host. It names each inline script of the site by its hash,
those of other pages too: Material swaps pages without a reload.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

_OTHER = r"[^>]*(?:\bsrc=|application/json)"
_INLINE = re.compile(rf"<script(?!{_OTHER})[^>]*>(.*?)</script>", re.DOTALL)
_HEAD = '<meta charset="utf-8">'
_serving = False


def policy(pages: Iterable[str]) -> str:
    """The Content-Security-Policy for these pages, given as HTML."""
    scripts = {script for page in pages for script in _INLINE.findall(page)}
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    hashes = sorted(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "frame-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def on_startup(command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
    """Note whether pages are served, with a script in each that reloads it."""
    global _serving
    _serving = command == "serve"


def on_post_build(config: MkDocsConfig) -> None:
    """Give each page the policy; not to a copy on a disk, which has no origin.

    What runs programs, under `assets/run/`, has one of its own.
    """
    if _serving or config.plugins["material/offline"].config.enabled:
        return
    files = Path(config.site_dir).rglob("*.html")
    pages = {path: path.read_text("utf-8") for path in files}
    has_one = "Content-Security-Policy"
    pages = {p: t for p, t in pages.items() if _HEAD in t and has_one not in t}
    allowed = policy(pages.values())
    meta = f'{_HEAD}<meta http-equiv="Content-Security-Policy" content="{allowed}">'
    for path, text in pages.items():
        path.write_text(text.replace(_HEAD, meta, 1), "utf-8", newline="\n")
