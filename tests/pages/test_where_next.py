"""The claims of `where-next.md`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import ModuleType

import pytest

import virtual_clock

Load = Callable[[str], ModuleType]
PROGRAM = "where_next/all_of_it_at_once"


def test_the_group(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The task group let `main` go on when both were done, and not before."""
    virtual_clock.run(load(PROGRAM).main())
    lines = capsys.readouterr().out.splitlines()
    assert sorted(lines[:2]) == ["knocked 2 times", "read the file"]
    assert lines[2].startswith("post there")


def test_read_first(load: Load) -> None:
    """The file was read first: its thread needed a fifth of a second, and the door two waits of half a second."""
    program = load(PROGRAM)

    async def main() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await asyncio.to_thread(program.read_slowly)
        read = loop.time()
        await program.knock(2)
        return read - start, loop.time() - read

    needed = virtual_clock.run(main())
    assert needed == pytest.approx((0.2, 2 * 0.5), abs=0.01)


def test_the_drinks(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """make the tea and the coffee draw at the same time. It should take one second."""
    program = load("coroutines/two_awaits_in_a_row_take_the_sum")

    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.TaskGroup() as group:
            for drink in ("tea", "coffee"):
                group.create_task(program.brew(drink))
        return loop.time() - start

    assert virtual_clock.run(main()) == pytest.approx(1, abs=0.01)
    assert capsys.readouterr().out.count("ready") == 2


def test_half_the_limit(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """In the robust client, halve the limit on connections. What does the server's count say?"""
    program = load("concurrent_requests/a_failed_page_loses_no_other")
    vars(program)["LIMIT"] //= 2
    virtual_clock.run(program.main())
    assert capsys.readouterr().out.endswith("most in flight: 2\n")


def test_the_future(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The future was still empty then; nobody works on a future, something has to fill it."""
    virtual_clock.run(load(PROGRAM).main())
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:] == ["post there: False", "the post came"]

    async def nobody() -> None:
        empty: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(empty, 3600)

    virtual_clock.run(nobody())


def test_side_by_side(load: Load) -> None:
    """While one task waits, the others go on."""
    program = load(PROGRAM)

    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(program.knock(2))
        return loop.time() - start

    assert virtual_clock.run(main()) == pytest.approx(1, abs=0.01)


def test_blocking() -> None:
    """One blocking call stops everyone."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        due = loop.time() + 0.1
        late: list[float] = []
        loop.call_at(due, lambda: late.append(loop.time() - due))
        time.sleep(1)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return late[0]

    assert virtual_clock.run(main()) == pytest.approx(0.9, abs=0.01)
