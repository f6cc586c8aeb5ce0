"""The claims of `reference/errors/cancel-scope-in-a-different-task.md`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from types import ModuleType

import pytest

import virtual_clock
from programs import EXAMPLES
from running import run

Load = Callable[[str], ModuleType]
HERE = "cancel_scope_in_a_different_task"


async def limited(seconds: float) -> AsyncIterator[str]:
    """Yield within a timeout."""
    async with asyncio.timeout(seconds):
        yield "entered"
        await asyncio.sleep(3)
        yield "the limit did not hold"


def test_asyncio_goes_wrong_later(load: Load) -> None:
    """asyncio does not notice, and goes wrong later, when a task of the group fails or the time is up."""
    program = load(f"{HERE}/group_left_in_another_task_broken")

    async def line() -> AsyncIterator[str]:
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.sleep(1))
            yield "the line is open"

    async def main() -> list[str]:
        told: list[str] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, about: told.append(about["message"]))
        phone = line()
        await asyncio.create_task(program.connect(phone))
        assert await anext(phone, "left") == "left"
        assert told == []
        phone = program.line()
        await asyncio.create_task(program.connect(phone))
        await asyncio.sleep(1)
        with pytest.raises(ExceptionGroup):
            await anext(phone)
        return told

    (said,) = virtual_clock.run(main())
    assert "has errored out but its parent task <Task finished" in said
    assert said.endswith("> is already completed")


def test_what_goes_to_the_log() -> None:
    """A task of the group has failed, the group looks for the task that had entered it, and finds that it has ended."""
    said = run(EXAMPLES / HERE / "group_left_in_another_task_broken.py").stderr
    first = said.splitlines()[0]
    assert first.startswith("Task <Task finished name='listener' ")
    assert "has errored out but its parent task <Task finished name='caller'" in first
    assert first.endswith("is already completed")


def test_the_others_run_on(load: Load) -> None:
    """It writes this to the log and keeps the error for whoever leaves it. It does not cancel its other tasks, as a group otherwise does; they run on."""
    program = load(f"{HERE}/group_left_in_another_task_broken")

    async def line() -> AsyncIterator[asyncio.Task[None]]:
        async with asyncio.TaskGroup() as group:
            group.create_task(program.listen())
            yield group.create_task(asyncio.sleep(1))

    async def enter(phone: AsyncIterator[asyncio.Task[None]]) -> asyncio.Task[None]:
        return await anext(phone)

    async def main() -> None:
        told: list[str] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, about: told.append(about["message"]))
        phone = line()
        other = await asyncio.create_task(enter(phone))
        await asyncio.sleep(0.5)
        assert len(told) == 1  # listen() has failed
        await other
        with pytest.raises(ExceptionGroup) as caught:
            await anext(phone)
        assert isinstance(caught.value.exceptions[0], OSError)

        with suppress(ExceptionGroup):  # as a group otherwise does
            async with asyncio.TaskGroup() as group:
                group.create_task(program.listen())
                other = group.create_task(asyncio.sleep(1))
        assert other.cancelled()

    virtual_clock.run(main())


def test_it_was_not_told(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`main`, which leaves the group at last, was not told for 0.4 seconds, and for as long as it does not ask it would not be told at all."""
    times: dict[str, float] = {}

    def note(*words: object) -> None:
        text = " ".join(map(str, words))
        times[text] = asyncio.get_running_loop().time()

    async def main(name: str) -> None:
        times["start"] = asyncio.get_running_loop().time()
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        program = load(f"{HERE}/{name}")
        vars(program)["print"] = note
        await program.main()

    virtual_clock.run(main("group_left_in_another_task_broken"))
    late = times["main: hears of it at last: the line is dead"] - times["start"]
    assert late - 0.1 == pytest.approx(0.4, abs=0.01)
    virtual_clock.run(main("group_left_in_another_task_fixed"))
    soon = times["main: hears of it at once: the line is dead"] - times["start"]
    assert soon - 0.1 == pytest.approx(0, abs=0.01)


def test_a_timeout_says_nothing() -> None:
    """A timeout that is left in another task says nothing at all."""

    async def enter(stream: AsyncIterator[str]) -> None:
        assert await anext(stream) == "entered"

    async def main() -> None:
        told: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda *_: told.append(_))
        stream = limited(1)
        await asyncio.create_task(enter(stream))
        assert await anext(stream) == "the limit did not hold"
        assert await anext(stream, None) is None
        assert told == []

    virtual_clock.run(main())


def test_the_wrong_task_is_cancelled() -> None:
    """If the time is up while the block is still open, the task that entered it is cancelled, whatever it is doing by then; if that task has ended, nobody is."""
    story: list[str] = []

    async def owner(stream: AsyncIterator[str]) -> None:
        await anext(stream)
        try:
            await asyncio.sleep(3600)  # something else
        except asyncio.CancelledError:
            story.append("the owner was cancelled")
            raise

    async def main() -> None:
        stream = limited(1)
        task = asyncio.create_task(owner(stream))
        await asyncio.sleep(0)
        assert await anext(stream) == "the limit did not hold"
        assert task.cancelled()

        stream = limited(1)
        assert await asyncio.create_task(first(stream)) == "entered"  # it has ended
        assert await anext(stream) == "the limit did not hold"

    async def first(stream: AsyncIterator[str]) -> str:
        return await anext(stream)

    virtual_clock.run(main())
    assert story == ["the owner was cancelled"]


def test_a_task_of_its_own() -> None:
    """If an object has to keep such a block open between calls, give it a task of its own that enters the block, waits for an event, and leaves it."""

    class Line:
        def __init__(self) -> None:
            self.opened, self.closing = asyncio.Event(), asyncio.Event()
            self.task = asyncio.create_task(self.hold())

        async def hold(self) -> asyncio.Task[object] | None:
            async with asyncio.timeout(3600):
                mine = asyncio.current_task()
                self.opened.set()
                await self.closing.wait()
            assert asyncio.current_task() is mine
            return mine

    async def open_it(lines: list[Line]) -> None:
        lines.append(Line())
        await lines[0].opened.wait()

    async def main() -> None:
        lines: list[Line] = []
        await asyncio.create_task(open_it(lines))
        lines[0].closing.set()
        assert await lines[0].task is lines[0].task

    virtual_clock.run(main())


def test_await_that_task() -> None:
    """Await that task when you close the object: what has gone wrong in the block comes out there."""

    async def hold(closing: asyncio.Event) -> None:
        async with asyncio.timeout(1):
            await closing.wait()

    async def main() -> None:
        closing = asyncio.Event()
        task = asyncio.create_task(hold(closing))
        await asyncio.sleep(2)
        closing.set()
        with pytest.raises(TimeoutError):
            await task

    virtual_clock.run(main())


def test_aclosing_does_not_help() -> None:
    """Even if one task goes through it and closes it with `aclosing`, a timeout in it cancels the reader in place of raising `TimeoutError`."""

    async def pages() -> AsyncGenerator[str, None]:
        async with asyncio.timeout(1):
            yield "page one"
            yield "page two"

    async def read(reading: float) -> None:
        async with aclosing(pages()) as book:
            async for _ in book:
                await asyncio.sleep(reading)

    async def main() -> None:
        reader = asyncio.create_task(read(2))
        await asyncio.wait([reader])
        assert reader.cancelled()
        await asyncio.create_task(read(0.1))

    virtual_clock.run(main())
