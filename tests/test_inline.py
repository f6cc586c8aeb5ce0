"""Code that is written into pages and README files: it runs, and none escapes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import pytest_examples.run_code
from markdown_it import MarkdownIt
from pytest_examples import CodeExample, EvalExample, find_examples

from programs import ROOT, pages
from test_site import blocks, html_of

pytestmark = pytest.mark.xdist_group("site")  # one build for all
FOR_GITHUB = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def fences(path: Path) -> list[CodeExample]:
    """The Python code blocks that pytest-examples finds in a Markdown file."""
    return list(find_examples(str(path)))


INLINE = [
    fence
    for path in [*FOR_GITHUB, *pages().values()]
    for fence in fences(path)
    if not fence.source.strip().startswith("--8<--")
]


@pytest.mark.parametrize("fence", INLINE, ids=str)
def test_the_code_in_the_text_runs(
    fence: CodeExample, eval_example: EvalExample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does what its `#>` comments say, and is linted."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    if sys.version_info < (3, 12):
        # There it breaks off the whole session where code in the text fails.
        monkeypatch.setattr(
            pytest_examples.run_code, "create_example_traceback", lambda *_: None
        )
    eval_example.run_print_check(fence)
    eval_example.lint_ruff(fence)


@pytest.mark.parametrize("slug", pages())
def test_no_code_in_a_page_escapes(slug: str, site: Path) -> None:
    """MkDocs renders as many Python blocks as were found to be checked."""
    page = pages()[slug]
    assert len(blocks(html_of(site, page), "python")) == len(fences(page))


@pytest.mark.parametrize("path", FOR_GITHUB, ids=lambda path: path.name)
def test_no_code_for_github_escapes(path: Path) -> None:
    """CommonMark sees as many Python blocks as were found to be checked."""
    tokens = MarkdownIt().parse(path.read_text("utf-8"))
    languages = [t.info.split(" ")[0] for t in tokens if t.type == "fence"]
    assert sum(name in {"py", "python"} for name in languages) == len(fences(path))
