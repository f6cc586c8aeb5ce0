"""The claims of `reference/errors/async-for-requires-aiter.md`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from messages import last_line, mypy
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "async_for_requires_aiter"


def refused(thing: Any) -> str:
    """What Python says when `async for` gets something."""

    async def main() -> None:
        async for _ in thing:
            pass

    with pytest.raises(TypeError) as caught:
        virtual_clock.run(main())
    return last_line(caught.value)


async def fetch() -> list[str]:
    """Give rows, after a while."""
    return ["row"]


async def rows() -> AsyncIterator[str]:
    """Give rows, one by one."""
    yield "row"


def test_the_type_of_what_was_given() -> None:
    """The last word is the type of what was given:"""
    coroutine = fetch()
    for thing, kind in (
        (["row"], "list"),
        ({"row": 1}, "dict"),
        ((row for row in "rows"), "generator"),
        (coroutine, "coroutine"),
    ):
        said = f"TypeError: 'async for' requires an object with __aiter__ method, got {kind}"
        assert refused(thing) == said
    coroutine.close()


def test_a_coroutine() -> None:
    """Or an `async def` that was meant to have a `yield`: with one, calling it gives an asynchronous generator."""

    async def main() -> None:
        assert [row for row in await fetch()] == ["row"]  # noqa: C416
        assert [row async for row in rows()] == ["row"]

    virtual_clock.run(main())


def test_a_class() -> None:
    """a class of your own: it lacks `__aiter__`. An `__anext__` alone is not enough."""

    class Feed:
        async def __anext__(self) -> str:
            return "news"

    assert refused(Feed()).endswith(
        "requires an object with __aiter__ method, got Feed"
    )


def test_the_other_way_round() -> None:
    """The other way round, a plain `for` over an asynchronous generator raises `'async_generator' object is not iterable`."""
    stream: Any = rows()
    with pytest.raises(TypeError) as caught:
        list(stream)
    assert (
        last_line(caught.value) == "TypeError: 'async_generator' object is not iterable"
    )


def test_one_after_the_other(load: Load) -> None:
    """It is not `async for` that makes it wait, and neither of them runs the bodies at the same time: one letter goes after the other."""
    names = load("async_for_requires_aiter/async_for_over_a_list_fixed").LETTERS

    async def letters() -> AsyncIterator[str]:
        for letter in names:
            yield letter

    async def through_both() -> list[float]:
        loop = asyncio.get_running_loop()
        start = loop.time()
        async for letter in letters():
            await asyncio.sleep(0.1, letter)
        middle = loop.time()
        for letter in names:
            await asyncio.sleep(0.1, letter)
        return [middle - start, loop.time() - middle]

    took = virtual_clock.run(through_both())
    assert took == pytest.approx([0.2, 0.2], abs=0.01)


def test_mypy_finds_it(tmp_path: Path) -> None:
    """`mypy` says that the object `has no attribute "__aiter__"`."""
    said = 'has no attribute "__aiter__"'
    assert said in mypy(HERE / "async_for_over_a_list_broken.py", tmp_path)
    assert said not in mypy(HERE / "async_for_over_a_list_fixed.py", tmp_path)
