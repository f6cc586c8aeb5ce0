"""The claims of `reference/errors/attached-to-a-different-loop.md`."""

from __future__ import annotations

import asyncio
import inspect
import re
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import virtual_clock
from messages import last_line, run_text

Load = Callable[[str], ModuleType]
HERE = "attached_to_a_different_loop"


def refused(future: asyncio.Future[str]) -> str:
    """What a task of a new loop says when it awaits a future of another."""

    async def main() -> None:
        await future

    with pytest.raises(RuntimeError) as caught:
        asyncio.run(main())
    return last_line(caught.value)


def test_the_message(load: Load) -> None:
    """A task awaits a future, or a task, that belongs to another event loop."""
    program = load(f"{HERE}/future_from_another_run_broken")
    said = refused(asyncio.run(program.order()))
    wanted = r"RuntimeError: Task <Task pending .*> got Future <Future pending> attached to a different loop"
    assert re.fullmatch(wanted, said)
    with asyncio.Runner() as other:

        async def begin() -> asyncio.Task[str]:
            return asyncio.create_task(asyncio.sleep(3600, "late"), name="sleeper")

        task = other.run(begin())
        said = refused(task)
        task.cancel()
    assert "got Future <Task pending name='sleeper' coro=<sleep()" in said


def test_it_does_not_wait(load: Load) -> None:
    """Nothing could wake the guest, so the `await` raises, instead of waiting for ever."""
    program = load(f"{HERE}/future_from_another_run_broken")
    soup = virtual_clock.run(program.order())

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        with pytest.raises(RuntimeError):
            await program.eat(soup)
        assert loop.time() - start == pytest.approx(0, abs=0.01)

    virtual_clock.run(main())
    assert not soup.done()


def test_a_result_that_is_here(load: Load) -> None:
    """An `await` of a future that has its result already works in any loop."""
    program = load(f"{HERE}/future_from_another_run_broken")
    soup = asyncio.run(program.order())
    soup.set_result("the soup")

    async def main() -> str:
        result: str = await soup
        return result

    assert asyncio.run(main()) == "the soup"


def test_gather(load: Load) -> None:
    """`gather`, given futures of two loops, raises `The future belongs to a different loop than the one specified as the loop argument`, a `ValueError`."""
    program = load(f"{HERE}/future_from_another_run_broken")
    soup = asyncio.run(program.order())

    async def main() -> str:
        mine = asyncio.get_running_loop().create_future()
        with pytest.raises(ValueError, match="belongs") as caught:
            await asyncio.gather(mine, soup)
        return last_line(caught.value)

    said = "The future belongs to a different loop than the one specified as the loop argument"
    assert virtual_clock.run(main()) == f"ValueError: {said}"


def test_wait_says_nothing(load: Load) -> None:
    """`asyncio.wait` says nothing of a future that is still pending, and waits, perhaps for ever."""
    program = load(f"{HERE}/future_from_another_run_broken")
    soup = virtual_clock.run(program.order())

    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        done, pending = await asyncio.wait([soup], timeout=3600)
        assert (done, pending) == (set(), {soup})
        return loop.time() - start

    assert virtual_clock.run(main()) == pytest.approx(3600, abs=0.01)


def test_the_outermost_coroutine(load: Load) -> None:
    """The task is the one that waits, with its outermost coroutine and the line where that is; give tasks a `name=` to know them again."""
    program = load(f"{HERE}/future_from_another_run_broken")
    soup = asyncio.run(program.order())

    async def dine() -> None:
        await program.eat(soup)

    async def main() -> tuple[str, list[str]]:
        with pytest.raises(RuntimeError) as caught:
            await asyncio.create_task(dine(), name="guest")
        frames = traceback.extract_tb(caught.tb)
        return str(caught.value), [frame.name for frame in frames]

    said, frames = virtual_clock.run(main())
    line = inspect.getsourcelines(dine)[1] + 1
    assert f"name='guest' coro=<{dine.__qualname__}() running at " in said
    assert f"{Path(__file__).name}:{line}>" in said
    assert frames[-2:] == ["dine", "eat"]


def test_between_two_loops() -> None:
    """In the other loop, `asyncio.wrap_future` makes what comes back awaitable."""
    kitchen = asyncio.new_event_loop()
    thread = threading.Thread(target=kitchen.run_forever)
    thread.start()

    async def cook() -> str:
        assert asyncio.get_running_loop() is kitchen
        return "the soup"

    async def main() -> str:
        assert asyncio.get_running_loop() is not kitchen
        dish = asyncio.run_coroutine_threadsafe(cook(), kitchen)
        return await asyncio.wrap_future(dish)

    try:
        assert asyncio.run(main()) == "the soup"
    finally:
        kitchen.call_soon_threadsafe(kitchen.stop)
        thread.join()
        kitchen.close()


def test_debug_mode(tmp_path: Path) -> None:
    """With debug mode, it also says `created at`, with a file and a line."""
    text = """
    import asyncio

    async def order():
        return asyncio.get_running_loop().create_future()

    async def eat(dish):
        await dish

    asyncio.run(eat(asyncio.run(order())))
    """
    last = r"got Future <Future pending created at .*:\d+> attached to a different loop"
    for options, found in ([], False), (["-X", "dev"], True):
        said = run_text(tmp_path, text, *options).stderr.splitlines()
        assert any(re.search(last, line) for line in said) is found
