"""The suite rejects mistakes: they are made in a copy of the project, and noticed.

Those of a group are made together, and each must fail a test of its own, for
the reason that it gives. One group has its turn each day.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from running import copy_parts
from turns import today

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
OTHER_PAGE = "docs/concepts/event-loop.md"

Edit = Callable[[Path], None]


class Mistake(NamedTuple):
    """What is done to a copy; the id of the test that fails, and what it says."""

    make: Edit
    test: str
    says: str


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
    test = "test_a_program_is_clean_and_its_order_is_no_chance"
    return examples(test, f"{version}-coroutines/{name}")


def shape(test: str) -> str:
    """The id of a test of pages."""
    return f"tests/test_pages.py::{test}"


CALLING = "calling_is_not_running"
LOOP = "examples/event_loop/one_run_one_loop.py"
MISTAKES: dict[str, dict[str, Mistake]] = {
    "programs": {
        "output changed": Mistake(
            replace(f"examples/coroutines/{CALLING}.out", "tea", "tee"),
            prints(CALLING),
            "tee",
        ),
        "program changed": Mistake(
            replace(
                "examples/coroutines/values_and_errors_travel_up.py",
                "await total(",
                "total(",
            ),
            prints("values_and_errors_travel_up"),
            "coroutine object total",
        ),
        "warning changed": Mistake(
            replace("examples/coroutines/forgotten_await_broken.err", "never", "not"),
            prints("forgotten_await_broken"),
            "not awaited",
        ),
        "never awaited": Mistake(
            publish("never_awaited"), is_clean("never_awaited"), "was never awaited"
        ),
        "lost exception": Mistake(
            publish("lost_exception"), is_clean("lost_exception"), "never retrieved"
        ),
        "leaked socket": Mistake(
            publish("leaked_socket"), is_clean("leaked_socket"), "unclosed <socket"
        ),
        "left file": Mistake(publish("left_file"), prints("left_file"), "left.txt"),
        "order by chance": Mistake(
            publish("order_by_chance"), prints("order_by_chance"), "recorded: "
        ),
        "wrong exit code": Mistake(
            publish("wrong_exit_code"), prints("wrong_exit_code"), "status=3"
        ),
        "unknown need": Mistake(
            publish("unknown_need"), prints("unknown_need"), "luck"
        ),
        "wide line": Mistake(
            publish("wide_line"),
            examples("test_a_program_fits_a_page", "coroutines/wide_line"),
            "this comment goes on",
        ),
        "machine's path in an output": Mistake(
            replace(
                "examples/coroutines/two_awaits_in_a_row_take_the_sum.out",
                "tea",
                "/home/somebody/tea",
            ),
            examples(
                "test_what_a_program_prints_names_no_machine",
                "coroutines/two_awaits_in_a_row_take_the_sum",
            ),
            "/home/somebody",
        ),
        "output without a program": Mistake(
            append("examples/coroutines/gone.out", "done\n"),
            "tests/test_examples.py::test_nothing_was_recorded_of_a_program_that_is_gone",
            "gone.out",
        ),
        "stage of the tutorial changed": Mistake(
            replace(
                "examples/stop_cleanly/stop_with_a_report.diff", "+import", "-import"
            ),
            "tests/test_examples.py::test_the_difference_of_two_stages_is_shown"
            "[stop_cleanly/stop_with_a_report]",
            "-import",
        ),
        "address in a lock": Mistake(
            append("requirements.txt", "--index-url https://example.org/simple\n"),
            "tests/test_examples.py::test_no_lock_holds_an_address",
            "example.org",
        ),
        "folder without a page": Mistake(
            append("examples/nowhere/program.py", '"""A claim."""\n'),
            shape("test_each_folder_of_programs_has_a_page"),
            "nowhere/program: no page names it",
        ),
    },
    "pages": {
        "task that nobody keeps": Mistake(
            replace(
                f"examples/coroutines/{CALLING}.py",
                "result = await tea",
                "asyncio.create_task(tea)",
            ),
            "tests/test_examples.py::test_the_programs_are_linted_and_typed[ruff]",
            "RUF006",
        ),
        "untyped function": Mistake(
            replace(f"examples/coroutines/{CALLING}.py", "drink: str", "drink"),
            "tests/test_examples.py::test_the_programs_are_linted_and_typed[mypy]",
            "no-untyped-def",
        ),
        "spelling mistake": Mistake(
            append(PAGE, "\nIt is rec" + "ieved.\n"),
            "tests/test_examples.py::test_the_programs_are_linted_and_typed[codespell]",
            "rec" + "ieved ==> received",
        ),
        "orphan program": Mistake(
            publish("never_awaited"),
            shape("test_each_program_stands_on_its_page[coroutines]"),
            "never_awaited.py",
        ),
        "output that is not embedded": Mistake(
            replace(PAGE, f'--8<-- "examples/coroutines/{CALLING}.out"', "tea: ready"),
            shape("test_each_program_stands_on_its_page[coroutines]"),
            f"{CALLING}.py",
        ),
        "page without tests": Mistake(
            append("docs/concepts/untested.md", "# New\n"),
            shape("test_each_page_has_a_test_module_and_each_module_a_page"),
            "untested",
        ),
        "tests without a page": Mistake(
            append("tests/pages/test_unwritten.py", '"""A page."""\n'),
            shape("test_each_page_has_a_test_module_and_each_module_a_page"),
            "unwritten",
        ),
        "package that no page has": Mistake(
            replace("docs/tutorial/test-without-network.md", "linkcheck.zip", "that"),
            shape("test_each_package_can_be_downloaded"),
            "linkcheck.zip",
        ),
        "output typed by hand": Mistake(
            append(OTHER_PAGE, "\n```text\nmilk: ready\n```\n"),
            shape("test_a_page_shows_no_output_typed_by_hand[event_loop]"),
            "milk: ready",
        ),
        "include of nothing": Mistake(
            append(PAGE, '\n```python\n--8<-- "examples/coroutines/nowhere.py"\n```\n'),
            shape("test_each_include_leads_to_a_file_of_the_page[coroutines]"),
            "examples/coroutines/nowhere.py",
        ),
        "include by line numbers": Mistake(
            append(
                OTHER_PAGE,
                f'\n```python\n--8<-- "{LOOP}:3:9"\n```\n',
            ),
            shape("test_each_include_leads_to_a_file_of_the_page[event_loop]"),
            f"{LOOP}:3:9: name a section",
        ),
        "claim that the page does not make": Mistake(
            replace(PAGE, "runs nothing of its body", "does something to its body"),
            shape("test_each_claim_is_a_sentence_of_its_page[coroutines]"),
            "test_calling",
        ),
        "highlighted lines": Mistake(
            append(PAGE, '\n```python hl_lines="2"\nprint(1)\n```\n'),
            shape("test_a_page_points_at_code_by_its_words[coroutines]"),
            "hl_lines",
        ),
        "line number in the text": Mistake(
            append(OTHER_PAGE, "\nSee line 12 of the program.\n"),
            shape("test_a_page_points_at_code_by_its_words[event_loop]"),
            "line 1",
        ),
        "belittling word": Mistake(
            append(PAGE, "\nSimply await it.\n"),
            shape("test_a_page_keeps_the_style[coroutines]"),
            "match='Simply'",
        ),
        "page without a description": Mistake(
            replace(PAGE, "description:", "about:"),
            shape("test_a_page_has_a_title_and_a_description[coroutines]"),
            "assert None",
        ),
        "stale index": Mistake(
            replace(f"examples/coroutines/{CALLING}.py", "nothing of", "no line of"),
            shape("test_the_index_of_programs_is_complete"),
            "no line of",
        ),
        "code in the text that fails": Mistake(
            append(PAGE, "\n```python\nraise ValueError('wrong')\n```\n"),
            "tests/test_inline.py::test_the_code_in_the_text_runs",
            "ValueError: wrong",
        ),
        "code in the text that prints something else": Mistake(
            append(PAGE, "\n```python\nprint(1 + 1)\n#> 3\n```\n"),
            "tests/test_inline.py::test_the_code_in_the_text_runs",
            "#> 3",
        ),
        "code in CONTRIBUTING that escapes": Mistake(
            append("CONTRIBUTING.md", "\n~~~python\nprint(1)\n~~~\n"),
            "tests/test_inline.py::test_no_code_for_github_escapes[CONTRIBUTING.md]",
            "sum(",
        ),
    },
    "site": {
        "image without an alternative": Mistake(
            append(PAGE, '\n<img src="../../assets/img/logo.svg">\n'),
            "tests/test_site.py::test_each_image_has_an_alternative",
            "logo.svg",
        ),
        "script of another host": Mistake(
            append(OTHER_PAGE, '\n<script src="https://example.org/a.js"></script>\n'),
            "tests/test_site.py::test_a_page_asks_no_other_host",
            "example.org/a.js",
        ),
        "dead link in HTML": Mistake(
            append(PAGE, '\n<a href="../nowhere/">nowhere</a>\n'),
            "tests/test_site.py::test_each_link_leads_somewhere",
            "../nowhere/",
        ),
        "image that is not there": Mistake(
            append(OTHER_PAGE, '\n<img alt="" src="x.svg" srcset="../gone.svg 2x">\n'),
            "tests/test_linkcheck.py::test_our_own_site_has_no_broken_link",
            "gone.svg",
        ),
        "same id twice": Mistake(
            append(PAGE, '\n<p id="recap">again</p>\n'),
            "tests/test_site.py::test_each_id_is_unique_on_its_page",
            "recap",
        ),
        "empty code block": Mistake(
            append(PAGE, "\n```python\n \n```\n"),
            "tests/test_site.py::test_no_code_block_is_empty",
            "concepts/coroutines",
        ),
        "code in the text that escapes": Mistake(
            append(PAGE, "\n``` { .python }\nprint(1)\n```\n"),
            "tests/test_inline.py::test_no_code_in_a_page_escapes[coroutines]",
            "blocks(",
        ),
        "font of another host": Mistake(
            append(
                "docs/assets/css/site.css", "\n@import url(//example.org/font.css);\n"
            ),
            "tests/test_site.py::test_a_style_asks_no_other_host",
            "@import url(//",
        ),
        "heavy page": Mistake(
            append(PAGE, f"\n<!-- {os.urandom(120_000).hex()} -->\n"),
            "tests/test_site.py::test_a_first_visit_is_light",
            "coroutines weighs",
        ),
    },
}


@pytest.mark.parametrize("group", MISTAKES)
def test_each_mistake_is_noticed(
    group: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The test that should fail does, and says what the mistake is."""
    turn = [*MISTAKES][today() % len(MISTAKES)]
    if group != turn and not request.config.option.slow:
        pytest.skip("one group has its turn each day: --slow tries all")
    mistakes = MISTAKES[group]
    copy_parts(PARTS, tmp_path)
    for mistake in mistakes.values():
        mistake.make(tmp_path)
    failed = failures(tmp_path, {mistake.test for mistake in mistakes.values()})
    unnoticed = [
        f"{name}: {failed.get(mistake.test, 'it passes')}"
        for name, mistake in mistakes.items()
        if mistake.says not in failed.get(mistake.test, "")
    ]
    assert unnoticed == []


def failures(copy: Path, tests: set[str]) -> dict[str, str]:
    """Run some tests of a copy: what each that fails says, by its id.

    The failures of a test with parameters stand under its bare id, too.
    """
    report = copy / "report.xml"
    quiet = ["-n0", "-vv", "-p", "no:cacheprovider", f"--junitxml={report}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *sorted(tests)],
        cwd=copy,
        env=os.environ | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    said: dict[str, str] = {}
    for case in ET.parse(report).iter("testcase"):
        module = case.attrib["classname"].replace(".", "/")
        name = f"{module}.py::{case.attrib['name']}"
        for failure in case.iter("failure"):
            for key in {name, name.partition("[")[0]}:
                said[key] = f"{said.get(key, '')}{failure.text}\n"
    return said
