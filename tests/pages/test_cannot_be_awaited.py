"""The claims of `reference/errors/cannot-be-awaited.md`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Generator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock

import pytest

import virtual_clock
from messages import last_line, mypy
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "cannot_be_awaited"
NEW = sys.version_info >= (3, 14)


def refused(thing: Any) -> str:
    """What Python says when something is awaited."""

    async def main() -> None:
        await thing

    with pytest.raises(TypeError) as caught:
        virtual_clock.run(main())
    return last_line(caught.value)


def said_of(kind: str) -> str:
    """The message about a type, in the words of this Python."""
    if NEW:
        return f"TypeError: '{kind}' object can't be awaited"
    return f"TypeError: object {kind} can't be used in 'await' expression"


def test_an_awaitable() -> None:
    """What stands behind `await` is no awaitable: no coroutine, task or future, and nothing else that has an `__await__`."""

    class Letter:
        def __await__(self) -> Generator[Any, None, str]:
            return asyncio.sleep(1, "read").__await__()

    async def main() -> None:
        future = asyncio.get_running_loop().create_future()
        future.set_result("read")
        task = asyncio.create_task(asyncio.sleep(1, "read"))
        for awaitable in (asyncio.sleep(1, "read"), task, future, Letter()):
            assert await awaitable == "read"

    virtual_clock.run(main())
    assert refused(object()) == said_of("object")


def test_the_old_words(load: Load) -> None:
    """`TypeError: object NoneType can't be used in 'await' expression`"""
    program = load("cannot_be_awaited/plain_function_broken")
    with pytest.raises(TypeError) as caught:
        virtual_clock.run(program.main())
    old = "TypeError: object NoneType can't be used in 'await' expression"
    assert (last_line(caught.value) == old) is not NEW


def test_the_new_words(load: Load) -> None:
    """`TypeError: 'NoneType' object can't be awaited`"""
    program = load("cannot_be_awaited/plain_function_broken")
    with pytest.raises(TypeError) as caught:
        virtual_clock.run(program.main())
    new = "TypeError: 'NoneType' object can't be awaited"
    assert (last_line(caught.value) == new) is NEW


def test_the_work_is_done(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """It is called first, does its work, and returns `None`; then `None` is awaited, and only that fails."""
    program = load("cannot_be_awaited/plain_function_broken")
    with pytest.raises(TypeError):
        virtual_clock.run(program.main())
    assert capsys.readouterr().out == "saved: to Ada\n"


def test_the_type() -> None:
    """The word before `object`, or after it, is the type of what you awaited, and tells what has happened:"""

    async def letters() -> AsyncIterator[str]:
        yield "to Ada"

    for thing, kind in (
        (None, "NoneType"),
        ({}, "dict"),
        ("text", "str"),
        ([], "list"),
        (letters(), "async_generator"),
    ):
        assert refused(thing) == said_of(kind)


def test_no_parentheses(load: Load) -> None:
    """`function`, `method`: the parentheses of the call are missing."""
    program = load("cannot_be_awaited/plain_function_broken")

    async def letter() -> str:
        return "to Ada"

    class Post:
        async def send(self) -> str:
            return "sent"

    assert refused(program.save) == said_of("function")
    assert refused(letter) == said_of("function")
    assert refused(Post().send) == said_of("method")

    async def main() -> list[str]:
        return [await letter(), await Post().send()]

    assert virtual_clock.run(main()) == ["to Ada", "sent"]


def test_a_mock() -> None:
    """A test that puts a `Mock` or a `MagicMock` in the place of a coroutine function gets this error with that word; `unittest.mock.AsyncMock` is made for it."""
    assert refused(Mock()("to Ada")) == said_of("Mock")
    assert refused(MagicMock()("to Ada")) == said_of("MagicMock")

    async def main() -> None:
        save = AsyncMock(return_value="saved")
        assert await save("to Ada") == "saved"

    virtual_clock.run(main())


def test_mypy_finds_it(tmp_path: Path) -> None:
    """`mypy` finds it without running it, and says `Incompatible types in "await"`."""
    said = 'Incompatible types in "await"'
    assert said in mypy(HERE / "plain_function_broken.py", tmp_path)
    assert said not in mypy(HERE / "plain_function_fixed.py", tmp_path)
