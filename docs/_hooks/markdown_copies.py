"""Publish each page as Markdown too, and `llms.txt`, the list of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from markdown import Markdown

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_pages: list[tuple[Page, str]] = []


def on_pre_build(config: MkDocsConfig) -> None:
    """Forget the pages of the last build."""
    _pages.clear()


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Keep the page's text with its programs and their output in place."""
    name = "pymdownx.snippets"
    reader = Markdown(extensions=[name], extension_configs=config.mdx_configs)
    lines = reader.preprocessors["snippet"].run(markdown.splitlines())
    _pages.append((page, "\n".join(lines) + "\n"))
    return markdown


def on_post_build(config: MkDocsConfig) -> None:
    """Write the copies beside the pages."""
    site = Path(config.site_dir)
    base = (config.site_url or "/").rstrip("/")
    lines = [f"# {config.site_name}", "", f"> {config.site_description}", ""]
    for page, text in _pages:
        name = page.file.src_uri
        target = site / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        about = page.meta.get("description", "")
        lines.append(f"- [{page.title}]({base}/{name}): {about}")
    (site / "llms.txt").write_text("\n".join(lines) + "\n", "utf-8")
