"""The claims of `reference/errors/created-in-a-different-context.md`."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing, suppress
from contextvars import ContextVar, copy_context
from types import ModuleType

import pytest

import virtual_clock
from messages import last_line

Load = Callable[[str], ModuleType]
HERE = "created_in_a_different_context"
reader = ContextVar("reader", default="nobody")
MESSAGE = (
    r"ValueError: <Token var=<ContextVar name='reader' (default='nobody' )?at 0x\w+>"
    r" at 0x\w+> was created in a different Context"
)


async def pages() -> AsyncGenerator[str, None]:
    """Give pages, and say who gave the last one."""
    token = reader.set("Ada")
    try:
        yield "page one"
        yield "page two"
    finally:
        reader.reset(token)


def test_set_in_one_reset_in_another(load: Load) -> None:
    """A context variable was set in one context, and `reset` was called in another."""
    program = load(f"{HERE}/closed_in_another_task_broken")
    with pytest.raises(ValueError, match="different Context") as caught:
        virtual_clock.run(program.main())
    assert re.fullmatch(MESSAGE, last_line(caught.value))


def test_a_context_of_its_own() -> None:
    """Each task runs in a context of its own, a copy of that of the code which made it, unless it is given another."""

    async def child() -> str:
        before = reader.get()
        reader.set("the child")
        return before

    async def main() -> None:
        reader.set("the parent")
        assert await asyncio.create_task(child()) == "the parent"
        assert reader.get() == "the parent"
        given = copy_context()
        await asyncio.create_task(child(), context=given)
        assert given[reader] == "the child"
        book = pages()
        for step in (anext(book), book.aclose()):  # two tasks, one context
            await asyncio.create_task(step, context=given)
        assert given[reader] == "the child"

    virtual_clock.run(main())


def test_whoever_asks() -> None:
    """The body of an asynchronous generator runs in the context of whoever asks for the next item."""

    async def who() -> AsyncGenerator[str, None]:
        while True:
            yield reader.get()

    async def ask(name: str, stream: AsyncGenerator[str, None]) -> str:
        reader.set(name)
        return await anext(stream)

    async def main() -> None:
        stream = who()
        for name in ("Ada", "Grace"):
            assert await asyncio.create_task(ask(name, stream)) == name

    virtual_clock.run(main())


def test_the_garbage_collector() -> None:
    """Then the error goes to the log, under `Task exception was never retrieved`, and the variable of `main` stays as it was set."""
    told: list[tuple[str, str]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(
            lambda _, about: told.append(
                (about["message"], last_line(about["exception"]))
            )
        )
        async for _ in pages():
            break
        gc.collect()
        await asyncio.sleep(1)
        gc.collect()
        assert reader.get() == "Ada"

    virtual_clock.run(main())
    ((message, error),) = told
    assert message == "Task exception was never retrieved"
    assert re.fullmatch(MESSAGE, error)


def test_threads_do_it_too() -> None:
    """Each call of `asyncio.to_thread` runs in a new copy of the context, so a plain generator that is begun in one call and ended in another has the same trouble."""

    def plain() -> Generator[str, None, None]:
        token = reader.set("Ada")
        try:
            yield "page one"
        finally:
            reader.reset(token)

    async def main() -> None:
        book = plain()
        assert await asyncio.to_thread(next, book) == "page one"
        assert reader.get() == "nobody"
        with pytest.raises(ValueError, match="different Context") as caught:
            await asyncio.to_thread(book.close)
        assert re.fullmatch(MESSAGE, last_line(caught.value))

    asyncio.run(main())


def test_aclosing() -> None:
    """`aclosing` does, even after a `break` or an error."""

    async def main() -> None:
        async with aclosing(pages()) as book:
            async for _ in book:
                assert reader.get() == "Ada"
                break
        assert reader.get() == "nobody"
        with suppress(LookupError):
            async with aclosing(pages()) as book:
                async for _ in book:
                    raise LookupError
        assert reader.get() == "nobody"

    virtual_clock.run(main())


def test_catch_it() -> None:
    """Or catch `ValueError` at the `reset`, and know that the variable of the first context keeps its value."""

    async def careful() -> AsyncGenerator[str, None]:
        token = reader.set("Ada")
        try:
            yield "page one"
        finally:
            try:
                reader.reset(token)
            except ValueError:
                reader.set("nobody")

    async def main() -> None:
        book = careful()
        await anext(book)
        await asyncio.create_task(book.aclose())
        assert reader.get() == "Ada"

    virtual_clock.run(main())
