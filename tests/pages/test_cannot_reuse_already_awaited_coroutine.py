"""The claims of `reference/errors/cannot-reuse-already-awaited-coroutine.md`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import virtual_clock
from messages import last_line, mypy
from programs import EXAMPLES

HERE = EXAMPLES / "cannot_reuse_already_awaited_coroutine"
MESSAGE = "RuntimeError: cannot reuse already awaited coroutine"


async def answer() -> str:
    """Wait a little, and answer."""
    await asyncio.sleep(1)
    return "here"


async def fail() -> str:
    """Wait a little, and fail."""
    await asyncio.sleep(1)
    raise ConnectionError("engaged")


def test_run_to_its_end() -> None:
    """A coroutine was awaited that has run to its end before, or was closed."""

    async def main() -> None:
        good, bad = answer(), fail()
        assert await good == "here"
        with pytest.raises(ConnectionError):
            await bad
        closed = answer()
        closed.close()
        for spent in (good, bad, closed):
            with pytest.raises(RuntimeError) as caught:
                await spent
            assert last_line(caught.value) == MESSAGE

    virtual_clock.run(main())


def test_a_task_may_be_awaited_again() -> None:
    """If several callers want one and the same result, make a task: it may be awaited as often as you like, and gives each the same result or error."""

    async def main() -> None:
        good, bad = asyncio.create_task(answer()), asyncio.create_task(fail())
        assert [await good, await good] == ["here", "here"]
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await bad

    virtual_clock.run(main())


def test_a_shield_spares_the_others() -> None:
    """Let each of them await `asyncio.shield(task)`, if they can be cancelled one by one: whoever is cancelled at a plain `await task` cancels the task, and with it all who wait for it."""

    async def plain(task: asyncio.Task[str]) -> str:
        return await task

    async def shielded(task: asyncio.Task[str]) -> str:
        return await asyncio.shield(task)

    async def main() -> None:
        for caller in (plain, shielded):
            task = asyncio.create_task(answer())
            first, second = (asyncio.create_task(caller(task)) for _ in range(2))
            await asyncio.sleep(0.5)
            first.cancel()
            await asyncio.wait([first, second])
            assert first.cancelled()
            if caller is plain:
                assert task.cancelled()
                assert second.cancelled()
            else:
                assert second.result() == task.result() == "here"

    virtual_clock.run(main())


def test_in_the_middle_of_it() -> None:
    """A coroutine that is awaited while another task is in the middle of it says `coroutine is being awaited already`."""

    async def main() -> None:
        coroutine = answer()

        async def caller() -> str:
            return await coroutine

        first = asyncio.create_task(caller())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            await caller()
        said = "RuntimeError: coroutine is being awaited already"
        assert last_line(caught.value) == said
        assert await first == "here"

    virtual_clock.run(main())


def test_the_type(tmp_path: Path) -> None:
    """Type the parameter as `Callable[[], Awaitable[None]]` and `mypy` finds whoever passes a coroutine."""
    text = (HERE / "one_coroutine_two_tries_fixed.py").read_text("utf-8")
    path = tmp_path / "script.py"
    path.write_text(text)
    assert "Success" in mypy(path, tmp_path)
    path.write_text(text.replace('partial(call, "Ada")', 'call("Ada")'))
    assert 'expected "Callable[[], Awaitable[None]]"' in mypy(path, tmp_path)
