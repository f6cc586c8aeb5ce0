"""The suite rejects mistakes: each is made in a copy of the project, and is noticed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from running import copy_parts

BROKEN = Path(__file__).parent / "broken"
PARTS = [
    "docs",
    "examples",
    "tests",
    "mkdocs.yml",
    "pyproject.toml",
    "README.md",
    "CONTRIBUTING.md",
    "requirements.txt",
]
PAGE = "docs/concepts/coroutines.md"

Edit = Callable[[Path], None]


def append(path: str, text: str) -> Edit:
    """Write `text` at the end of a file, which need not exist."""

    def edit(copy: Path) -> None:
        target = copy / path
        target.parent.mkdir(exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


def replace(path: str, old: str, new: str) -> Edit:
    """Change the first `old` in a file to `new`."""

    def edit(copy: Path) -> None:
        text = (copy / path).read_text("utf-8")
        assert old in text, f"{path} has no {old!r} any more"
        (copy / path).write_text(text.replace(old, new, 1), "utf-8")

    return edit


def publish(name: str) -> Edit:
    """Take a program of `tests/broken/` onto a page, with an output of "done"."""

    def edit(copy: Path) -> None:
        folder = copy / "examples" / "coroutines"
        shutil.copy(BROKEN / f"{name}.py", folder)
        (folder / f"{name}.out").write_text("done\n", "utf-8")

    return edit


def remove(path: str) -> Edit:
    """Delete a file."""
    return lambda copy: (copy / path).unlink()


def examples(test: str, program: str) -> str:
    """The id of a test of a program."""
    return f"tests/test_examples.py::{test}[{program}]"


def prints(name: str) -> str:
    """The id of the test of what a program of the page on coroutines prints."""
    version = f"3.{sys.version_info.minor}"
    test = "test_a_program_prints_what_its_page_shows"
    return examples(test, f"{version}-coroutines/{name}")


def is_clean(name: str) -> str:
    """The id of the test of a program's standard error."""
    version = f"3.{sys.version_info.minor}"
    test = "test_a_program_is_clean_in_development_mode"
    return examples(test, f"{version}-coroutines/{name}")


def shape(test: str) -> str:
    """The id of a test of pages."""
    return f"tests/test_pages.py::{test}"


CALLING = "calling_is_not_running"
MISTAKES: dict[str, tuple[Edit, str]] = {
    # programs
    "output changed": (
        replace(f"examples/coroutines/{CALLING}.out", "tea", "tee"),
        prints(CALLING),
    ),
    "program changed": (
        replace(f"examples/coroutines/{CALLING}.py", "await tea", "tea"),
        prints(CALLING),
    ),
    "warning changed": (
        replace("examples/coroutines/forgotten_await_broken.err", "never", "not"),
        prints("forgotten_await_broken"),
    ),
    "never awaited": (publish("never_awaited"), is_clean("never_awaited")),
    "lost exception": (publish("lost_exception"), is_clean("lost_exception")),
    "leaked socket": (publish("leaked_socket"), is_clean("leaked_socket")),
    "left file": (publish("left_file"), prints("left_file")),
    "order by chance": (publish("order_by_chance"), prints("order_by_chance")),
    "wrong exit code": (publish("wrong_exit_code"), prints("wrong_exit_code")),
    "unknown need": (publish("unknown_need"), prints("unknown_need")),
    "wide line": (
        publish("wide_line"),
        examples("test_a_program_fits_a_page", "coroutines/wide_line"),
    ),
    "machine's path in an output": (
        replace(f"examples/coroutines/{CALLING}.out", "tea", "/home/somebody/tea"),
        examples(
            "test_what_a_program_prints_names_no_machine", f"coroutines/{CALLING}"
        ),
    ),
    "output without a program": (
        append("examples/coroutines/gone.out", "done\n"),
        "tests/test_examples.py::test_nothing_was_recorded_of_a_program_that_is_gone",
    ),
    "address in a lock": (
        append("requirements.txt", "--index-url https://example.org/simple\n"),
        "tests/test_examples.py::test_no_lock_holds_an_address",
    ),
    "task that nobody keeps": (
        replace(
            f"examples/coroutines/{CALLING}.py",
            "result = await tea",
            "asyncio.create_task(tea)",
        ),
        "tests/test_examples.py::test_the_programs_are_linted_and_typed[ruff]",
    ),
    "untyped function": (
        replace(f"examples/coroutines/{CALLING}.py", "drink: str", "drink"),
        "tests/test_examples.py::test_the_programs_are_linted_and_typed[mypy]",
    ),
    "spelling mistake": (
        append(PAGE, "\nIt is rec" + "ieved.\n"),
        "tests/test_examples.py::test_the_programs_are_linted_and_typed[codespell]",
    ),
    # pages
    "orphan program": (
        publish("never_awaited"),
        shape("test_each_program_stands_on_its_page[coroutines]"),
    ),
    "folder without a page": (
        append("examples/nowhere/program.py", '"""A claim."""\n'),
        shape("test_each_folder_of_programs_has_a_page"),
    ),
    "page without tests": (
        append("docs/concepts/new.md", "# New\n"),
        shape("test_each_page_has_a_test_module_and_each_module_a_page"),
    ),
    "tests without a page": (
        append("tests/pages/test_new.py", '"""A page."""\n'),
        shape("test_each_page_has_a_test_module_and_each_module_a_page"),
    ),
    "output that is not embedded": (
        replace(PAGE, f'--8<-- "examples/coroutines/{CALLING}.out"', "tea: ready"),
        shape("test_each_program_stands_on_its_page[coroutines]"),
    ),
    "output typed by hand": (
        append(PAGE, "\n```text\ntea: ready\n```\n"),
        shape("test_a_page_shows_no_output_typed_by_hand[coroutines]"),
    ),
    "include of nothing": (
        append(PAGE, '\n```python\n--8<-- "examples/coroutines/nowhere.py"\n```\n'),
        shape("test_each_include_leads_to_a_file_of_the_page[coroutines]"),
    ),
    "include by line numbers": (
        append(
            PAGE, f'\n```python\n--8<-- "examples/coroutines/{CALLING}.py:3:9"\n```\n'
        ),
        shape("test_each_include_leads_to_a_file_of_the_page[coroutines]"),
    ),
    "claim that the page does not make": (
        replace(PAGE, "runs nothing of its body", "does something to its body"),
        shape("test_each_claim_is_a_sentence_of_its_page[coroutines]"),
    ),
    "highlighted lines": (
        append(PAGE, '\n```python hl_lines="2"\nprint(1)\n```\n'),
        shape("test_a_page_points_at_code_by_its_words[coroutines]"),
    ),
    "line number in the text": (
        append(PAGE, "\nSee line 12 of the program.\n"),
        shape("test_a_page_points_at_code_by_its_words[coroutines]"),
    ),
    "belittling word": (
        append(PAGE, "\nSimply await it.\n"),
        shape("test_a_page_keeps_the_style[coroutines]"),
    ),
    "page without a description": (
        replace(PAGE, "description:", "about:"),
        shape("test_a_page_has_a_title_and_a_description[coroutines]"),
    ),
    "stale index": (
        replace(f"examples/coroutines/{CALLING}.py", "nothing of", "no line of"),
        shape("test_the_index_of_programs_is_complete"),
    ),
    # code in the text
    "code in the text that fails": (
        append(PAGE, "\n```python\nraise ValueError\n```\n"),
        "tests/test_inline.py::test_the_code_in_the_text_runs",
    ),
    "code in the text that prints something else": (
        append(PAGE, "\n```python\nprint(1 + 1)\n#> 3\n```\n"),
        "tests/test_inline.py::test_the_code_in_the_text_runs",
    ),
    "code in CONTRIBUTING that escapes": (
        append("CONTRIBUTING.md", "\n~~~python\nprint(1)\n~~~\n"),
        "tests/test_inline.py::test_no_code_for_github_escapes[CONTRIBUTING.md]",
    ),
}

# One build shows them all, as each has a test of its own.
MISTAKES_IN_THE_SITE: dict[str, tuple[Edit, str]] = {
    "image without an alternative": (
        append(PAGE, '\n<img src="../assets/img/logo.svg">\n'),
        "tests/test_site.py::test_each_image_has_an_alternative",
    ),
    "script of another host": (
        append(PAGE, '\n<script src="https://example.org/a.js"></script>\n'),
        "tests/test_site.py::test_a_page_asks_no_other_host",
    ),
    "dead link in HTML": (
        append(PAGE, '\n<a href="../nowhere/">nowhere</a>\n'),
        "tests/test_site.py::test_each_link_leads_somewhere",
    ),
    "same id twice": (
        append(PAGE, '\n<p id="recap">again</p>\n'),
        "tests/test_site.py::test_each_id_is_unique_on_its_page",
    ),
    "empty code block": (
        append(PAGE, "\n```python\n \n```\n"),
        "tests/test_site.py::test_no_code_block_is_empty",
    ),
    "code in the text that escapes": (
        append(PAGE, "\n``` { .python }\nprint(1)\n```\n"),
        "tests/test_inline.py::test_no_code_in_a_page_escapes[coroutines]",
    ),
    "font of another host": (
        append("docs/assets/css/site.css", "\n@import url(//example.org/font.css);\n"),
        "tests/test_site.py::test_a_style_asks_no_other_host",
    ),
    "heavy page": (
        append(PAGE, f"\n<!-- {os.urandom(120_000).hex()} -->\n"),
        "tests/test_site.py::test_a_first_visit_is_light",
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project in which anything may be broken."""
    copy_parts(PARTS, tmp_path)
    return tmp_path


def run_tests(copy: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run some tests of the copy."""
    quiet = ["-n0", "-q", "-p", "no:cacheprovider", "--tb=line"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *tests],
        cwd=copy,
        env=os.environ | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_noticed(mistake: str, copy: Path) -> None:
    """The test that should fail does, and it is the mistake that it names."""
    make, test = MISTAKES[mistake]
    make(copy)
    done = run_tests(copy, test)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"FAILED {test}" in done.stdout


def test_each_mistake_in_the_site_is_noticed(copy: Path) -> None:
    """Made together, each fails its own test."""
    for make, _ in MISTAKES_IN_THE_SITE.values():
        make(copy)
    tests = [test for _, test in MISTAKES_IN_THE_SITE.values()]
    assert len(set(tests)) == len(tests)
    done = run_tests(copy, *tests)
    unnoticed = [test for test in tests if f"FAILED {test}" not in done.stdout]
    assert unnoticed == [], done.stdout + done.stderr


def test_without_a_mistake_the_same_tests_pass(copy: Path) -> None:
    """The copy is sound, so that a failure above comes from the mistake."""
    tests = {
        test
        for _, test in (MISTAKES | MISTAKES_IN_THE_SITE).values()
        if not any(f"/{path.stem}]" in test for path in BROKEN.glob("*.py"))
    }
    done = run_tests(copy, *sorted(tests))
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout
