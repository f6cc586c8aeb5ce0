"""The claims of `reference/errors/coroutine-ignored-generatorexit.md`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType

import pytest

import virtual_clock
from messages import last_line, run_text
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "coroutine_ignored_generatorexit"
MESSAGE = "RuntimeError: coroutine ignored GeneratorExit"


class Pause:
    """Something to wait for, without a loop."""

    def __await__(self):  # type: ignore[no-untyped-def]
        """Wait."""
        yield


def test_where_it_is_paused() -> None:
    """Python then closes the coroutine: it raises `GeneratorExit` at the `await` where it is paused, so that `finally` can run."""
    story: list[str] = []

    async def visit() -> None:
        try:
            await Pause()
        except GeneratorExit:
            story.append("asked to leave")
            raise
        finally:
            story.append("says goodbye")

    visitor = visit()
    visitor.send(None)
    visitor.close()
    assert story == ["asked to leave", "says goodbye"]


def test_the_rest_does_not_run() -> None:
    """The first `await` in that clean-up that has to wait finds nobody who would ever wake it, so Python gives up, and the rest of the clean-up does not run."""
    story: list[str] = []

    async def no_wait() -> None:
        story.append("an await that does not wait")

    async def visit() -> None:
        try:
            await Pause()
        finally:
            await no_wait()
            await Pause()
            story.append("has left")

    visitor = visit()
    visitor.send(None)
    with pytest.raises(RuntimeError) as caught:
        visitor.close()
    assert last_line(caught.value) == MESSAGE
    assert story == ["an await that does not wait"]


def test_a_clause_that_catches_everything() -> None:
    """A clause that catches everything does the same: `except BaseException` in a loop that goes on takes `GeneratorExit` for one more failure."""

    async def ask(kind: type[BaseException], more: list[int]) -> None:
        while more:
            try:
                await Pause()
            except kind:
                continue

    more = [1]
    asking = ask(BaseException, more)
    asking.send(None)
    with pytest.raises(RuntimeError) as caught:
        asking.close()
    assert last_line(caught.value) == MESSAGE
    more.clear()
    asking.close()  # now it comes to an end
    asking = ask(Exception, [1])
    asking.send(None)
    asking.close()


def test_cancellation_lets_it(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Keep it, and let it end by cancellation, which leaves the loop running until the clean-up is done."""
    program = load("coroutine_ignored_generatorexit/await_while_thrown_away_fixed")
    virtual_clock.run(program.main())
    said = capsys.readouterr().out.splitlines()
    assert said == ["visitor: says goodbye", "visitor: has left"]


def test_an_asynchronous_generator() -> None:
    """An asynchronous generator says `async generator ignored GeneratorExit` if it yields once more while it is closed."""

    async def pages() -> AsyncIterator[str]:
        try:
            yield "page one"
        finally:
            yield "the end"

    async def main() -> str:
        book = pages()
        await anext(book)
        with pytest.raises(RuntimeError) as caught:
            await book.aclose()  # type: ignore[attr-defined]
        return last_line(caught.value)

    said = virtual_clock.run(main())
    assert said == "RuntimeError: async generator ignored GeneratorExit"


def without_hook() -> tuple[str, str]:
    """The broken program as Python reports it, and one whose task calls `visit`."""
    program = (HERE / "await_while_thrown_away_broken.py").read_text("utf-8")
    direct = program.replace("    sys.unraisablehook = report\n", "")
    outer = "async def outer() -> None:\n    await visit()\n\n\nasync def main()"
    nested = direct.replace("async def main()", outer)
    return direct, nested.replace("create_task(visit(),", "create_task(outer(),")


def line_of(text: str, words: str) -> int:
    """The number of a line of a program."""
    return text.splitlines().index(words) + 1


def test_what_python_prints(tmp_path: Path) -> None:
    """Above the message, Python prints `Exception ignored` and the task's outermost coroutine with its name."""
    direct, _ = without_hook()
    said = run_text(tmp_path, direct).stderr
    assert said.startswith("Exception ignored")
    assert "<coroutine object visit at 0x" in said.splitlines()[0]
    assert MESSAGE in said.splitlines()


def test_in_another_coroutine(tmp_path: Path) -> None:
    """If the clean-up is in another one that this has called, the traceback in between shows the call."""
    _, nested = without_hook()
    said = run_text(tmp_path, nested).stderr.splitlines()
    assert said[0].startswith("Exception ignored")
    assert "<coroutine object outer at 0x" in said[0]
    between = said[1 : said.index(MESSAGE)]
    number = line_of(nested, "    await visit()")
    assert f'File "script.py", line {number}, in outer' in between[-2]
    assert between[-1].strip() == "await visit()"


def test_the_task(tmp_path: Path) -> None:
    """Below the message, `Task was destroyed but it is pending` has the name of the task, and the line of the `await` in the clean-up if that is the outermost coroutine's own; if not, it has the line where this one is defined."""
    direct, nested = without_hook()
    awaiting = line_of(direct, "        await asyncio.sleep(0.1)")
    defined = line_of(nested, "async def outer() -> None:")
    for text, place in (
        (direct, f"visit() running at script.py:{awaiting}"),
        (nested, f"outer() done, defined at script.py:{defined}"),
    ):
        said = run_text(tmp_path, text).stderr.splitlines()
        at = said.index(MESSAGE)
        assert said[at + 1] == "Task was destroyed but it is pending!"
        assert f"name='visitor' coro=<{place}>" in said[at + 2]
