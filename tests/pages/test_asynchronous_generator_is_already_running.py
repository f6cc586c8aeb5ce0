"""The claims of `reference/errors/asynchronous-generator-is-already-running.md`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from types import ModuleType

import pytest

import virtual_clock
from messages import last_line

Load = Callable[[str], ModuleType]
ALREADY = "asynchronous generator is already running"


async def letters() -> AsyncGenerator[str, None]:
    """Give three letters, one a second."""
    for name in ["Ada", "Grace", "Edsger"]:
        await asyncio.sleep(1)
        yield name


def test_at_work_for_another() -> None:
    """A task asked an asynchronous generator for an item while it was at work for another task."""

    async def main() -> None:
        post = letters()
        first = asyncio.create_task(anext(post))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            await anext(post)
        assert last_line(caught.value) == f"RuntimeError: anext(): {ALREADY}"
        assert await first == "Ada"
        assert await anext(post) == "Grace"  # at work for nobody

    virtual_clock.run(main())


def test_any_await_in_the_generator() -> None:
    """Any `await` in the generator that has to wait lets a second caller come in between."""

    async def no_wait() -> None:
        """Give way to nobody."""

    async def at_once() -> AsyncGenerator[int, None]:
        for number in range(4):
            await no_wait()
            yield number

    async def main() -> None:
        numbers = at_once()
        got = await asyncio.gather(*(anext(numbers) for _ in range(4)))
        assert got == [0, 1, 2, 3]

    virtual_clock.run(main())


def test_a_close() -> None:
    """`aclose(): asynchronous generator is already running` is the same with a close: somebody closes it while a task waits for its next item."""

    async def main() -> None:
        post = letters()
        first = asyncio.create_task(anext(post))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            await post.aclose()
        assert last_line(caught.value) == f"RuntimeError: aclose(): {ALREADY}"
        assert await first == "Ada"

    virtual_clock.run(main())


def test_a_queue(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """One task goes through the generator, and a queue hands out what it finds."""
    folder = "asynchronous_generator_is_already_running"
    program = load(f"{folder}/two_readers_one_generator_fixed")
    virtual_clock.run(program.main())
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3
    assert {line.split()[0] for line in said} == {"Tim", "Tom"}


def test_a_lock() -> None:
    """A lock around `anext` helps too, but then nobody asks while another waits."""

    async def main() -> None:
        post, turn = letters(), asyncio.Lock()
        got: list[str] = []

        async def carry() -> None:
            async with turn:
                got.append(await anext(post))

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(carry())
        assert got == ["Ada", "Grace", "Edsger"]

    virtual_clock.run(main())
