"""The claims of `reference/errors/async-for-requires-aiter.md`."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Callable, Iterator
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


class Count:
    """Count to two, asynchronously."""

    def __init__(self) -> None:
        """Begin at one."""
        self.number = 0

    def __aiter__(self) -> AsyncIterator[int]:
        """Be gone through."""
        return self

    async def __anext__(self) -> int:
        """Give the next number."""
        self.number += 1
        if self.number > 2:
            raise StopAsyncIteration
        return self.number


def test_no_asynchronous_iterable() -> None:
    """`async for` was given something that is no asynchronous iterable: no asynchronous generator, and nothing else that has an `__aiter__`."""

    class Pages:
        def __aiter__(self) -> AsyncIterator[str]:
            return rows()

    async def main() -> None:
        assert [row async for row in rows()] == ["row"]
        assert [number async for number in Count()] == [1, 2]
        assert [row async for row in Pages()] == ["row"]  # no iterator itself

    virtual_clock.run(main())
    assert refused(["row"]).endswith(
        "requires an object with __aiter__ method, got list"
    )


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


def test_a_plain_def() -> None:
    """A `generator` may also come from a `def` that was meant to be an `async def`."""

    def plain() -> Iterator[str]:
        yield "row"

    assert refused(plain()).endswith("got generator")

    async def main() -> None:
        assert [row async for row in rows()] == ["row"]

    virtual_clock.run(main())


def test_awaited_first() -> None:
    """Then write `for row in await fetch()`, or `async for row in await fetch()` if what it returns is asynchronous in its turn."""

    async def connect() -> AsyncIterator[str]:
        return rows()

    async def main() -> None:
        assert [row for row in await fetch()] == ["row"]  # noqa: C416
        assert [row async for row in await connect()] == ["row"]

    virtual_clock.run(main())


def test_a_coroutine() -> None:
    """Or it is an `async def` that was meant to have a `yield`: with one, calling it gives an asynchronous generator."""
    without = fetch()
    assert inspect.iscoroutine(without)
    without.close()
    assert inspect.isasyncgen(rows())


def test_a_class() -> None:
    """a class of your own: it lacks `__aiter__`. An `__anext__` alone is not enough."""

    class Feed:
        async def __anext__(self) -> str:
            return "news"

    assert refused(Feed()).endswith(
        "requires an object with __aiter__ method, got Feed"
    )


@pytest.mark.filterwarnings("ignore:coroutine 'test_an_async_def")
def test_an_async_def() -> None:
    """If `__aiter__` is there and was made an `async def`, the message is `'async for' received an object from __aiter__ that does not implement __anext__: coroutine`."""

    class Feed:
        async def __aiter__(self) -> AsyncIterator[int]:
            return Count()

    said = (
        "received an object from __aiter__ that does not implement __anext__: coroutine"
    )
    assert refused(Feed()) == f"TypeError: 'async for' {said}"


def test_the_other_way_round() -> None:
    """The other way round, a plain `for` over an asynchronous generator raises `'async_generator' object is not iterable`."""
    stream: Any = rows()
    with pytest.raises(TypeError) as caught:
        list(stream)
    assert (
        last_line(caught.value) == "TypeError: 'async_generator' object is not iterable"
    )


def test_one_after_the_other(load: Load) -> None:
    """Neither `for` nor `async for` runs its bodies at the same time: one letter goes after the other."""
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


def test_a_plain_iterable_that_waits() -> None:
    """If a plain iterable has to wait for its next item, such as the rows of a blocking database driver, a plain `for` over it stops the loop for as long."""

    def slow_rows() -> Iterator[str]:
        time.sleep(3)
        yield "row"

    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        other = asyncio.create_task(asyncio.sleep(1))
        await asyncio.sleep(0)
        assert list(slow_rows()) == ["row"]
        await other
        return loop.time() - start

    assert virtual_clock.run(main()) == pytest.approx(3, abs=0.01)


def test_mypy_finds_it(tmp_path: Path) -> None:
    """`mypy` says that the object `has no attribute "__aiter__"`."""
    said = 'has no attribute "__aiter__"'
    assert said in mypy(HERE / "async_for_over_a_list_broken.py", tmp_path)
    assert said not in mypy(HERE / "async_for_over_a_list_fixed.py", tmp_path)
