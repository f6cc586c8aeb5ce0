"""The claims of `reference/errors/no-running-event-loop.md`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType

import aiohttp
import pytest

import virtual_clock
from messages import last_line

Load = Callable[[str], ModuleType]
MESSAGE = "RuntimeError: no running event loop"


def test_none_is_running() -> None:
    """Something asked for the running event loop, and in this thread none is running."""
    sleep = asyncio.sleep(0)
    with pytest.raises(RuntimeError) as caught:
        _ = [asyncio.create_task(sleep)]
    sleep.close()
    assert last_line(caught.value) == MESSAGE


def test_who_asks() -> None:
    """`asyncio.get_running_loop()`, `asyncio.timeout(1)` and `aiohttp.ClientSession()` ask in the same way."""
    calls: list[Callable[[], object]] = [
        asyncio.get_running_loop,
        lambda: asyncio.timeout(1),
        aiohttp.ClientSession,
    ]
    for ask in calls:
        with pytest.raises(RuntimeError) as caught:
            ask()
        assert last_line(caught.value) == MESSAGE


def test_beside_the_loop() -> None:
    """A function that `asyncio.to_thread` runs has no running loop either, although the loop that called it runs in the thread beside it."""

    async def main() -> None:
        with pytest.raises(RuntimeError) as caught:
            await asyncio.to_thread(asyncio.get_running_loop)
        assert last_line(caught.value) == MESSAGE

    asyncio.run(main())


def test_from_another_thread(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """From another thread, hand the coroutine to the loop: `asyncio.run_coroutine_threadsafe(bake("rye"), loop)`."""
    bake = load("no_running_event_loop/task_before_run_fixed").bake

    def work(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.run_coroutine_threadsafe(bake("rye"), loop).result(30)

    async def main() -> None:
        await asyncio.to_thread(work, asyncio.get_running_loop())

    asyncio.run(main())
    assert capsys.readouterr().out == "rye is baked\n"


def test_result_waits(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """You get a future, and its `result()` waits for the answer: in the thread, for in the loop's own it would wait for ever."""
    bake = load("no_running_event_loop/task_before_run_fixed").bake

    async def main() -> None:
        loop = asyncio.get_running_loop()
        answer = asyncio.run_coroutine_threadsafe(bake("rye"), loop)
        with pytest.raises(TimeoutError):
            answer.result(0.1)
        assert capsys.readouterr().out == ""
        await asyncio.wrap_future(answer)
        assert capsys.readouterr().out == "rye is baked\n"

    asyncio.run(main())


@pytest.mark.parametrize(
    "text",
    [
        "loop = asyncio.get_running_loop()",
        "class Shop:\n    loop = asyncio.get_running_loop()",
        "def work(loop=asyncio.get_running_loop()): ...",
    ],
)
def test_when_the_file_is_imported(text: str) -> None:
    """If it stands in the body of a module or a class, or in the default of a parameter, it runs when the file is imported: move it into a coroutine."""
    with pytest.raises(RuntimeError) as caught:
        exec(text, {"asyncio": asyncio})
    assert last_line(caught.value) == MESSAGE

    async def main() -> None:
        exec(text, {"asyncio": asyncio})

    virtual_clock.run(main())
