"""The claims of `concepts/eager-tasks.md`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "eager_tasks"
SINCE_3_12 = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="eager tasks are new in Python 3.12"
)
SINCE_3_14 = pytest.mark.skipif(
    sys.version_info < (3, 14), reason="eager_start is new in Python 3.14"
)


def eagerly() -> None:
    """Make all further tasks of the running loop eager."""
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program in which `old` reads `new`."""
    source = (HERE / f"{program}.py").read_text("utf-8")
    assert source.count(old) == 1
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(source.replace(old, new), program, "exec"), names)
    return names


def test_it_is_new_in_3_12() -> None:
    """Since Python 3.12 the loop can run a task at once, in the middle of `create_task`."""
    assert hasattr(asyncio, "eager_task_factory") is (sys.version_info >= (3, 12))


@SINCE_3_12
def test_up_to_its_first_wait() -> None:
    """`set_task_factory` tells the loop how to make tasks, and `eager_task_factory` makes them so: it runs the coroutine right there, up to its first `await` that waits, and then returns the task."""
    steps: list[str] = []

    async def no_wait() -> None:
        steps.append("inner")

    async def child() -> str:
        steps.append("begun")
        await no_wait()
        await asyncio.sleep(1)
        steps.append("after the wait")
        return "done"

    async def main() -> None:
        eagerly()
        task = asyncio.create_task(child())
        assert steps == ["begun", "inner"]
        assert not task.done()
        assert await task == "done"

    virtual_clock.run(main())


@SINCE_3_12
def test_never_in_the_queue() -> None:
    """Its task was done before `main` had it in its hands, and it never went through the queue."""

    async def main() -> int:
        rounds = 0
        loop = asyncio.get_running_loop()

        def count() -> None:
            nonlocal rounds
            rounds += 1
            loop.call_soon(count)

        loop.call_soon(count)
        eagerly()
        task = asyncio.create_task(asyncio.sleep(-1, "tea"))
        late = asyncio.create_task(asyncio.sleep(0, "chai"))
        assert rounds == 0
        assert not late.done()

        async def nothing() -> str:
            return "tea"

        task = asyncio.create_task(nothing())
        assert task.done()
        assert await task == "tea"
        assert rounds == 0
        await late
        return rounds

    assert virtual_clock.run(main()) > 0


@SINCE_3_12
@pytest.mark.parametrize("eager", [False, True])
def test_as_long_as_before(eager: bool) -> None:
    """A task that waits takes as long as before."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        if eager:
            eagerly()
        begun = loop.time()
        await asyncio.gather(*(asyncio.sleep(1) for _ in range(10)))
        return loop.time() - begun

    assert virtual_clock.run(main()) == pytest.approx(1, abs=0.01)


@SINCE_3_12
def test_every_task_of_the_loop() -> None:
    """It holds for every task that the loop makes from then on, also those that `gather` and a `TaskGroup` ask for, and those of the libraries that you use."""
    begun: list[str] = []

    async def child(name: str) -> None:
        begun.append(name)

    async def main() -> None:
        before = asyncio.create_task(child("before"))
        eagerly()
        assert begun == []
        await before
        assert begun == ["before"]
        begun.clear()
        future = asyncio.gather(child("gather"))
        assert begun == ["gather"]
        await future
        async with asyncio.TaskGroup() as group:
            group.create_task(child("group"))
            assert begun == ["gather", "group"]
        asyncio.ensure_future(child("library"))  # noqa: RUF006
        assert begun == ["gather", "group", "library"]

    virtual_clock.run(main())


@SINCE_3_12
def test_the_order_of_steps(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Eagerly, the first step of `a` lies between two lines of `main`."""
    virtual_clock.run(load("eager_tasks/who_comes_first").main())
    usual, eager = told(capsys)
    assert usual == "usual: make a, make b, a, b, A, B"
    assert eager == "eager: make a, a, make b, b, A, B"


@SINCE_3_12
@pytest.mark.parametrize("kind", ["broken", "fixed"])
def test_the_price(kind: str, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The price was set after the task was made, and the usual task had not begun by then."""
    virtual_clock.run(load(f"eager_tasks/too_early_{kind}").main())
    eager = "nothing" if kind == "broken" else "3"
    assert told(capsys) == ["usual: tea for 3", f"eager: tea for {eager}"]


@SINCE_3_12
def test_itself_in_a_set() -> None:
    """The same trap lies in a task that takes itself out of a set at its end: `tasks.add(create_task(...))` puts it in after its first step, and so perhaps after its last."""
    tasks: set[asyncio.Task[Any]] = set()

    async def leave() -> None:
        mine = asyncio.current_task()
        assert mine is not None
        tasks.discard(mine)

    async def main(left: int) -> None:
        tasks.clear()
        tasks.add(task := asyncio.create_task(leave()))
        await task
        assert len(tasks) == left

    async def both() -> None:
        await main(left=0)
        eagerly()
        await main(left=1)

    virtual_clock.run(both())


@SINCE_3_12
def test_the_error_is_in_the_task() -> None:
    """If the coroutine fails in its first step, `create_task` does not raise; the error is in the task, as always."""

    async def fail() -> None:
        raise LookupError

    async def main() -> None:
        eagerly()
        task = asyncio.create_task(fail())
        assert task.done()
        assert isinstance(task.exception(), LookupError)

    virtual_clock.run(main())


@SINCE_3_12
@pytest.mark.parametrize("eager", [False, True])
def test_one_upon_the_other(eager: bool) -> None:
    """Eager tasks that make and await eager tasks lie on the stack one upon the other, so a chain of some thousands raises `RecursionError`; usual tasks form such a chain without trouble."""

    async def chain(links: int) -> str:
        if links == 0:
            return "the end"
        rest = chain(links - 1)
        try:
            return await asyncio.create_task(rest)
        except RecursionError:
            rest.close()
            raise

    async def main() -> None:
        if not eager:
            assert await chain(3000) == "the end"
            return
        eagerly()
        assert await chain(10) == "the end"
        with pytest.raises(RecursionError):
            await chain(3000)

    asyncio.run(main())


@SINCE_3_14
@pytest.mark.parametrize("eager", [False, True])
def test_where_you_make_the_task(eager: bool) -> None:
    """`eager_start=False` asks for the usual start, also where the loop has an eager factory."""
    begun: list[str] = []

    async def child() -> None:
        begun.append("child")

    async def main() -> None:
        if not eager:
            eagerly()
        task = asyncio.create_task(child(), eager_start=eager)
        assert begun == ["child"] * eager
        await task
        assert begun == ["child"]

    virtual_clock.run(main())


@SINCE_3_12
def test_a_class_of_your_own() -> None:
    """If your tasks are of a class of your own, `create_eager_task_factory` makes a factory for it."""

    class Mine(asyncio.Task[Any]):
        pass

    async def nothing() -> None:
        pass

    async def main() -> None:
        loop = asyncio.get_running_loop()
        factory = asyncio.create_eager_task_factory(Mine)
        loop.set_task_factory(factory)
        assert loop.get_task_factory() is factory
        task = asyncio.create_task(nothing())
        assert type(task) is Mine
        assert task.done()
        waits = asyncio.create_task(asyncio.sleep(0.1))
        assert not waits.done()
        await waits

    virtual_clock.run(main())


@SINCE_3_12
def test_both_say_false(capsys: pytest.CaptureFixture[str]) -> None:
    """Both say `False`, and both "looking" lines come at the end, when `main` awaits `tea` and waits."""
    usual = changed(
        "it_runs_before_create_task_returns",
        "    loop.set_task_factory(asyncio.eager_task_factory)\n",
        "",
    )
    virtual_clock.run(usual["main"]())
    assert told(capsys)[1:-1] == [
        "tea: done already? False",
        "chai: done already? False",
        "tea: looking",
        "chai: looking",
    ]


@SINCE_3_14
def test_both_after(capsys: pytest.CaptureFixture[str]) -> None:
    """Grace, but after "both are made". Her task began at once and gave way before it printed; Ada's began when `main` waited, and gave way too."""
    gives_way = changed(
        "one_task_at_once",
        '    print(f"{guest}: hello")',
        '    await asyncio.sleep(0)\n    print(f"{guest}: hello")',
    )
    virtual_clock.run(gives_way["main"]())
    assert told(capsys)[:-1] == ["main: both are made", "Grace: hello", "Ada: hello"]
