"""The claims of `reference/error-messages.md`."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import virtual_clock
from messages import MESSAGES, Message, last_line, run_text
from programs import DOCS, EXAMPLES, Program
from running import expected, run

Load = Callable[[str], ModuleType]
DOOR = DOCS / "reference" / "error-messages.md"
ERRORS = DOCS / "reference" / "errors"
NO_EXCEPTION = [
    "was_never_awaited/put_without_await_broken",
    "task_was_destroyed/loop_closed_over_a_task_broken",
    "task_exception_was_never_retrieved/nobody_asks_the_task_broken",
    "unclosed_client_session/session_never_closed_broken",
]


def program_of(message: Message) -> Program:
    """The program that prints a message."""
    folder = message.page.replace("-", "_")
    return Program(EXAMPLES / folder / f"{message.program}.py")


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.page)
def test_the_program_prints_it(message: Message, load: Load) -> None:
    """Each page has the shortest program that prints the message, says why, has the fixed program beside it, and tells how to find the place in a large program."""
    program = program_of(message)
    lines = (expected(program).stdout + expected(program).stderr).splitlines()
    if message.page == "cannot-be-awaited":  # its words differ from 3.14 on
        with pytest.raises(TypeError) as caught:
            virtual_clock.run(load(program.id).main())
        lines = [last_line(caught.value)]
    assert [line for line in lines if re.fullmatch(message.shape, line)]
    fixed = Program(
        program.path.with_name(program.path.name.replace("_broken", "_fixed"))
    )
    lines = (expected(fixed).stdout + expected(fixed).stderr).splitlines()
    assert not [line for line in lines if re.fullmatch(message.shape, line)]
    assert len(program.text.splitlines()) <= 45
    text = (ERRORS / f"{message.page}.md").read_text("utf-8")
    headings = re.findall(r"(?m)^## (.+)$", text)
    headings = [words for words in headings if not words.startswith("`")]
    assert headings == ["Why", "The cure", "Find the place"]


def test_every_page_is_listed() -> None:
    """Or find it below by its words."""
    text = DOOR.read_text("utf-8")
    linked = re.findall(r"\]\(errors/([\w-]+)\.md\)", text)
    assert sorted(linked) == sorted(path.stem for path in ERRORS.glob("*.md"))
    assert sorted(linked) == sorted(message.page for message in MESSAGES)


def test_no_exception() -> None:
    """Python or the library writes them to standard error, the program goes on, and its exit status is 0."""
    for name in NO_EXCEPTION:
        done = run(EXAMPLES / f"{name}.py")
        assert done.status == 0
        assert done.stdout
        assert "awaited" in done.stderr or done.stderr[:4] in {"Task", "Uncl"}


def test_dev_mode(tmp_path: Path) -> None:
    """`python -X dev` turns on debug mode, which often adds where a task, a future or a session was made."""
    text = """
    import asyncio

    async def main():
        print(asyncio.get_running_loop().get_debug())

    asyncio.run(main())
    """
    assert run_text(tmp_path, text, "-X", "dev").stdout == "True\n"
    assert run_text(tmp_path, text).stdout == "False\n"
    for name in NO_EXCEPTION[1:3]:
        said = run(EXAMPLES / f"{name}.py", "-X", "dev").stderr
        assert "created at" in said
        assert "created at" not in run(EXAMPLES / f"{name}.py").stderr


def test_an_exception_group(tmp_path: Path) -> None:
    """The traceback of an exception group, which a task group raises, ends with a line of dashes: each numbered part within is a traceback of its own, with a message as its last line."""
    text = """
    import asyncio

    async def fail(words):
        raise OSError(words)

    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(fail("the first"))
            group.create_task(fail("the second"))

    asyncio.run(main())
    """
    said = run_text(tmp_path, text).stderr.strip()
    whole, first, second, last = re.split(r"\n\s*\+[-+]+(?: \d -+)?(?:\n|$)", said)
    assert "ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exc" in whole
    for part, message in ((first, "the first"), (second, "the second")):
        lines = [line.lstrip(" |") for line in part.splitlines()]
        assert lines[0] == "Traceback (most recent call last):"
        assert lines[-1] == f"OSError: {message}"
    assert last == ""
