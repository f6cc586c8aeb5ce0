"""The claims of `concepts/async-with-and-async-for.md`."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "async_with_and_async_for"


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def edited(program: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """The names of a program in which each old text is another one."""
    source = (HERE / f"{program}.py").read_text("utf-8")
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    names: dict[str, Any] = {"__name__": "edited"}
    exec(compile(source, program, "exec", dont_inherit=True), names)
    return names


class Noted:
    """A context manager that notes what happens to it."""

    def __init__(self, slow: str = "") -> None:
        self.slow = slow
        self.steps: list[object] = []

    async def __aenter__(self) -> str:
        self.steps.append("enter")
        if self.slow == "enter":
            await asyncio.sleep(10)
        return "entered"

    async def __aexit__(self, *error: object) -> None:
        self.steps.append(error[0])
        if self.slow == "exit":
            await asyncio.sleep(10)


class Closing:
    """An asynchronous generator, and what is known of its clean-up."""

    def __init__(self) -> None:
        self.closed_by: asyncio.Task[Any] | None = None
        self.done = False

    async def items(self, count: int = 9) -> AsyncGenerator[int, None]:
        try:
            for number in range(count):
                yield number
        finally:
            self.closed_by = asyncio.current_task()
            await asyncio.sleep(1)
            self.done = True


def test_what_async_with_does() -> None:
    """`async with` makes the object, awaits its `__aenter__`, and gives what that returns to the name after `as`."""
    steps: list[str] = []

    async def main() -> None:
        asyncio.get_running_loop().call_later(5, steps.append, "meanwhile")
        async with Noted("enter") as name:
            steps.append(name)
        assert steps == ["meanwhile", "entered"]

    virtual_clock.run(main())


def test_whichever_way_it_ends() -> None:
    """It does so whichever way the block ends, and `__aexit__` is told of the error, if there is one."""
    plain, failing, returning, cancelled = Noted(), Noted(), Noted(), Noted()

    async def leave() -> None:
        async with returning:
            return

    async def wait() -> None:
        async with cancelled:
            await asyncio.sleep(3600)

    async def main() -> None:
        async with plain:
            pass
        with pytest.raises(LookupError):
            async with failing:
                raise LookupError
        await leave()
        task = asyncio.create_task(wait())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])

    virtual_clock.run(main())
    assert plain.steps == ["enter", None]
    assert failing.steps == ["enter", LookupError]
    assert returning.steps == ["enter", None]
    assert cancelled.steps == ["enter", asyncio.CancelledError]


def test_the_end_of_the_block() -> None:
    """Others may run there, and a cancellation may arrive there, after the last line of the block."""
    steps: list[str] = []

    async def work() -> None:
        async with Noted("exit"):
            steps.append("the last line")
        steps.append("never")

    async def main() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(1)
        steps.append("somebody else")
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    virtual_clock.run(main())
    assert steps == ["the last line", "somebody else"]


@pytest.mark.parametrize("cancel", [False, True])
def test_an_entry_that_fails(cancel: bool) -> None:
    """If `__aenter__` fails or is cancelled, `__aexit__` is not called."""

    class Fails(Noted):
        async def __aenter__(self) -> str:
            await super().__aenter__()
            raise LookupError

    async def enter(resource: Noted) -> None:
        async with resource:
            await asyncio.sleep(3600)

    async def main() -> None:
        resource = Noted("enter") if cancel else Fails()
        task = asyncio.create_task(enter(resource))
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() is cancel
        assert resource.steps == ["enter"]
        if not cancel:
            assert isinstance(task.exception(), LookupError)

    virtual_clock.run(main())


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_a_constructor_cannot_wait() -> None:
    """The call raises `TypeError`: `__init__()` should return None, not 'coroutine'."""
    source = "class Account:\n    async def __init__(self): pass\n"
    names: dict[str, Any] = {}
    exec(source, names)
    with pytest.raises(TypeError) as caught:
        names["Account"]()
    assert str(caught.value) == "__init__() should return None, not 'coroutine'"
    gc.collect()


def test_nobody_holds_half_an_account(load: Load) -> None:
    """`__init__` stays plain and takes what is ready, so nobody ever holds an account without a balance."""
    program = load("async_with_and_async_for/a_factory_may_wait")
    made: list[object] = []

    class Counted(program.Account):  # type: ignore[misc, name-defined]
        def __init__(self, name: str, balance: int) -> None:
            super().__init__(name, balance)
            made.append(balance)

    async def main() -> None:
        account = await Counted.open("Ada")
        assert type(account) is Counted
        with pytest.raises(KeyError):
            await Counted.open("Bob")
        late = asyncio.create_task(Counted.open("Ada"))
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.wait([late])

    virtual_clock.run(main())
    assert made == [100]


def test_asynccontextmanager() -> None:
    """`asynccontextmanager` makes both ends from one generator: what stands before the `yield` is done first, the block runs at the `yield`, and an error of the block is raised there."""
    steps: list[str] = []

    @asynccontextmanager
    async def manage() -> AsyncIterator[str]:
        steps.append("before")
        try:
            yield "value"
        except LookupError:
            steps.append("the error")
            raise
        finally:
            steps.append("after")

    async def main() -> None:
        async with manage() as value:
            steps.append(value)
        with pytest.raises(LookupError):
            async with manage():
                raise LookupError

    asyncio.run(main())
    assert steps == ["before", "value", "after", "before", "the error", "after"]


def test_the_exit_stack(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """It closes them in the opposite order, one after another, and also those that were open when a later one failed: Bern is closed although the list was never complete."""
    program = load("async_with_and_async_for/an_exit_stack_closes_what_was_opened")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await program.call("Rome", "Oslo", "Bern")
        assert loop.time() - start == pytest.approx(0.3, abs=0.01)
        closed = [line for line in told(capsys) if line.endswith("closed")]
        assert closed == ["Bern: closed", "Oslo: closed", "Rome: closed"]
        with pytest.raises(LookupError):
            await program.call("Bern", "Atlantis", "Rome")
        assert told(capsys) == ["Bern: open", "hello, Bern", "Bern: closed"]
        async with AsyncExitStack():
            pass

    virtual_clock.run(main())


def test_what_async_for_does() -> None:
    """An `async for` is a loop in which fetching the next item is an `await`: it calls `__anext__` and awaits it, until that raises `StopAsyncIteration`."""
    steps: list[object] = []

    class Three:
        number = 0

        def __aiter__(self) -> Three:
            return self

        async def __anext__(self) -> int:
            await asyncio.sleep(1)
            self.number += 1
            if self.number > 3:
                raise StopAsyncIteration
            return self.number

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(1.5, steps.append, "another callback")
        async for number in Three():
            steps.append(number)
        assert loop.time() == pytest.approx(4, abs=0.01)
        assert steps == [1, "another callback", 2, 3]

    virtual_clock.run(main())


def test_the_post_does_not_set_out(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """While `main` answers the first letter, the post does not even set out with the second."""
    program = load("async_with_and_async_for/async_for_takes_one_after_another")
    asked: list[float] = []
    take = program.Letters.__anext__

    async def noted(self: Any) -> str:
        asked.append(asyncio.get_running_loop().time())
        letter: str = await take(self)
        return letter

    program.Letters.__anext__ = noted

    async def main() -> None:
        start = asyncio.get_running_loop().time()
        await program.main()
        assert asked[1] - start == pytest.approx(0.3, abs=0.01)

    virtual_clock.run(main())
    lines = told(capsys)
    assert lines.index("main: has answered letter 1") < lines.index(
        "post: brings letter 2"
    )


def test_a_comprehension() -> None:
    """An asynchronous comprehension is the same loop, and as sequential."""

    async def double(number: int) -> int:
        await asyncio.sleep(1)
        return 2 * number

    async def numbers() -> AsyncIterator[int]:
        for number in (1, 2, 3):
            yield number

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert [await double(number) async for number in numbers()] == [2, 4, 6]
        assert loop.time() == pytest.approx(3, abs=0.01)

    virtual_clock.run(main())


def test_one_reader() -> None:
    """It serves one reader: while one task waits for its next item, another that asks gets a `RuntimeError`."""

    async def slow() -> AsyncGenerator[int, None]:
        for number in (1, 2):
            await asyncio.sleep(1)
            yield number

    async def main() -> None:
        items = slow()
        first = asyncio.create_task(anext(items))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="already running"):
            await anext(items)
        assert await first == 1
        assert await anext(items) == 2
        await items.aclose()

    virtual_clock.run(main())


def test_break_leaves_the_loop() -> None:
    """`break` leaves the loop and nothing else: the generator stays paused at its `yield`."""

    async def main() -> None:
        closing = Closing()
        items: Any = closing.items()
        async for _ in items:
            break
        assert items.ag_frame.f_locals["number"] == 0
        assert await anext(items) == 1
        assert closing.closed_by is None
        await items.aclose()
        assert closing.done

    virtual_clock.run(main())


def test_asyncio_makes_a_task() -> None:
    """When the generator object is thrown away, asyncio makes a task to close it, and that task has its turn when the others pause."""

    async def main() -> None:
        closing = Closing()
        async for _ in closing.items():
            break
        gc.collect()
        assert closing.closed_by is None
        await asyncio.sleep(0.5)
        closer = closing.closed_by
        assert closer is not None
        assert closer is not asyncio.current_task()
        assert asyncio.all_tasks() == {closer, asyncio.current_task()}
        assert not closing.done
        await asyncio.sleep(1)
        assert closing.done

    virtual_clock.run(main())


def test_its_error_reaches_nobody() -> None:
    """So the clean-up runs late and in another task, and its error reaches nobody: it is reported as never retrieved."""
    reported: list[dict[str, Any]] = []

    async def items() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            raise OSError("the disk is full")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(context))
        async for _ in items():
            break
        gc.collect()
        await asyncio.sleep(1)
        gc.collect()

    virtual_clock.run(main())
    (context,) = reported
    assert context["message"] == "Task exception was never retrieved"
    assert isinstance(context["exception"], OSError)


def test_a_generator_that_is_held() -> None:
    """While a variable still holds the generator, the clean-up does not run at all; what is left at the end, `asyncio.run` closes."""
    closing = Closing()
    items = closing.items()

    async def main() -> None:
        async for _ in items:
            break
        await asyncio.sleep(3600)
        assert closing.closed_by is None

    virtual_clock.run(main())
    assert closing.done


@pytest.mark.parametrize("way", ["return", "error", "cancel"])
def test_other_ways_out(way: str) -> None:
    """A `return`, an error in the body, and a cancellation that arrives in the body leave the generator open in the same way."""

    async def read(items: AsyncGenerator[int, None]) -> None:
        async for _ in items:
            match way:
                case "return":
                    return
                case "error":
                    raise LookupError
            await asyncio.sleep(3600)

    async def main() -> None:
        closing = Closing()
        items = closing.items()
        reader = asyncio.create_task(read(items))
        await asyncio.sleep(1)
        reader.cancel()
        await asyncio.wait([reader])
        assert reader.cancelled() is (way == "cancel")
        if way == "error":
            assert isinstance(reader.exception(), LookupError)
        await asyncio.sleep(3600)
        assert closing.closed_by is None
        assert await anext(items) == 1
        await items.aclose()

    virtual_clock.run(main())


def test_aclosing() -> None:
    """That raises `GeneratorExit` at the `yield`, `finally` runs in your own task, and the next statement comes after it."""
    raised: list[type[BaseException]] = []
    closing = Closing()

    async def items() -> AsyncGenerator[int, None]:
        async with aclosing(closing.items()) as inner:
            async for number in inner:
                try:
                    yield number
                except BaseException as error:
                    raised.append(type(error))
                    raise

    async def main() -> None:
        async with aclosing(items()) as numbers:
            async for _ in numbers:
                break
        assert closing.done
        assert closing.closed_by is asyncio.current_task()

    virtual_clock.run(main())
    assert raised == [GeneratorExit]


async def limited(seconds: float, wait: float) -> AsyncGenerator[int, None]:
    """Numbers from inside a timeout, each after a wait."""
    async with asyncio.timeout(seconds):
        for number in range(100):
            await asyncio.sleep(wait)
            yield number


def test_it_cancels_the_task_that_entered() -> None:
    """The timeout cancels the task that entered it, wherever that task is by then: the triangle falls into the reader's own wait."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        items = limited(3, 0)
        async for _ in items:
            break
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(3600)  # long after the loop
        assert loop.time() == pytest.approx(3, abs=0.01)
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 1
        with pytest.raises(TimeoutError):
            await items.athrow(asyncio.CancelledError())
        assert task.cancelling() == 0

    virtual_clock.run(main())


def test_no_timeout_error(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """No `TimeoutError` comes of it, since the error does not pass the edge of the block on its way up."""
    program = load("async_with_and_async_for/timeout_around_a_yield_broken")

    async def main() -> None:
        watching = asyncio.create_task(program.watch())
        await asyncio.wait([watching])
        assert watching.cancelled()
        assert watching.cancelling() == 0

    virtual_clock.run(main())
    assert told(capsys) == ["watch: sees train 1"]


def test_a_quick_reader() -> None:
    """And had the time run out while the generator was waiting for a train, there would have been a `TimeoutError`; so a test with a quick reader finds nothing."""
    seen: list[int] = []

    async def read() -> None:
        async with aclosing(limited(3, 1.2)) as items:
            async for number in items:
                seen.append(number)

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await read()

    virtual_clock.run(main())
    assert seen == [0, 1]


def test_a_group_around_a_yield() -> None:
    """A task group around a `yield` does the same when one of its tasks fails."""
    steps: list[str] = []

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError

    async def items() -> AsyncGenerator[int, None]:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
            yield 1

    async def read() -> None:
        async with aclosing(items()) as numbers:
            async for _ in numbers:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    steps.append("my own wait was cancelled")
                    raise

    async def main() -> None:
        with pytest.raises(BaseExceptionGroup) as caught:
            await read()
        kinds = {type(error) for error in caught.value.exceptions}
        assert kinds == {LookupError, GeneratorExit}

    virtual_clock.run(main())
    assert steps == ["my own wait was cancelled"]


@pytest.mark.parametrize("whole", [False, True])
def test_a_limit_for_each_train(
    whole: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """It begins anew with each train; to limit the whole journey, the reader puts a timeout around the loop."""
    changes = [("await asyncio.sleep(0.1)", "await asyncio.sleep(0.29)")]
    if whole:
        loop = "            async for train in coming:\n"
        around = "          async with asyncio.timeout(1):\n" + loop
        changes.append((loop, around))
    names = edited("timeout_around_a_yield_fixed", *changes)
    virtual_clock.run(names["main"]())
    lines = told(capsys)
    assert ("watch: sees train 2" in lines) is not whole
    assert ("watch: no train in time" in lines) is whole
    assert "main: was it cancelled? False" in lines


def test_ruff_finds_it() -> None:
    """`ruff` finds a `yield` inside any `with` or `async with` of such a generator, harmless ones included, with its rule ASYNC119, which is still in preview."""
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"]
    found = []
    for kind in ("broken", "fixed"):
        path = HERE / f"timeout_around_a_yield_{kind}.py"
        for preview in ([], ["--preview"]):
            done = subprocess.run(
                [*ruff, *preview, "--select", "ASYNC119", str(path)],
                capture_output=True,
                text=True,
                check=False,
            )
            found.append(done.returncode)
    assert found == [0, 1, 0, 0]
    harmless = """from contextlib import aclosing

async def read(source):
    {way} as items:
        {each} item in items:
            yield item
"""
    ways = {
        "async with aclosing(source)": "async for",
        "with open(source)": "for",
    }
    for way, each in ways.items():
        done = subprocess.run(
            [*ruff, "--preview", "--select", "ASYNC119", "-"],
            input=harmless.format(way=way, each=each),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (1, "")
        assert "Found 1 error" in done.stdout


def test_under_asynccontextmanager() -> None:
    """A generator under `asynccontextmanager` may yield inside such a block, since `async with` enters and leaves it in one place."""

    @asynccontextmanager
    async def limit() -> AsyncIterator[None]:
        async with asyncio.timeout(1):
            yield

    async def main() -> None:
        task = asyncio.current_task()
        assert task is not None
        with pytest.raises(TimeoutError):
            async with limit():
                await asyncio.sleep(3600)
        assert task.cancelling() == 0

    virtual_clock.run(main())


def test_a_group_that_feeds_an_iterator() -> None:
    """So to feed an iterator from a task group, let a context manager hold the group, and hand out the iterator from its `yield`."""

    @asynccontextmanager
    async def merged() -> AsyncIterator[AsyncIterator[int]]:
        queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)

        async def feed() -> None:
            for number in (1, 2, 3):
                await queue.put(number)
            await asyncio.sleep(1)
            raise LookupError

        async def items() -> AsyncGenerator[int, None]:
            while True:
                yield await queue.get()

        async with asyncio.TaskGroup() as group, aclosing(items()) as numbers:
            group.create_task(feed())
            yield numbers

    seen: list[int] = []

    async def read() -> None:
        async with merged() as numbers:
            async for number in numbers:
                seen.append(number)

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as caught:
            await read()
        assert [type(error) for error in caught.value.exceptions] == [LookupError]
        assert seen == [1, 2, 3]

    virtual_clock.run(main())


def test_a_task_for_each_letter(capsys: pytest.CaptureFixture[str]) -> None:
    """The second letter comes while the first is being answered, and the first is answered before the second."""
    old = """    async for letter in Letters(2):  # pauses until the next has come
        print("main: begins to answer", letter)
        await asyncio.sleep(0.2)
        print("main: has answered", letter)
"""
    new = """    async with asyncio.TaskGroup() as tasks:
        async for letter in Letters(2):
            tasks.create_task(answer(letter))
"""
    answer = """async def answer(letter):
    print("main: begins to answer", letter)
    await asyncio.sleep(0.2)
    print("main: has answered", letter)


async def main() -> None:
"""
    names = edited(
        "async_for_takes_one_after_another",
        (old, new),
        ("async def main() -> None:\n", answer),
    )
    virtual_clock.run(names["main"]())
    assert told(capsys)[:6] == [
        "post: brings letter 1",
        "main: begins to answer letter 1",
        "post: brings letter 2",
        "main: begins to answer letter 2",
        "main: has answered letter 1",
        "main: has answered letter 2",
    ]


def test_a_tap_with_two_buckets(capsys: pytest.CaptureFixture[str]) -> None:
    """The tap is closed before `main` goes to bed, by the task that opened it."""
    names = edited(
        "left_open_broken",
        ('        if bucket == "bucket 2":\n            break\n', ""),
        ("in count(1)", "in (1, 2)"),
    )
    virtual_clock.run(names["main"]())
    lines = told(capsys)
    assert lines.index("tap: closed") < lines.index("main: goes to bed")
    assert "tap: closing; am I the task that opened it? True" in lines


def test_a_late_train(capsys: pytest.CaptureFixture[str]) -> None:
    """`TimeoutError` comes out of the `async for`, and `watch` says that no train came in time."""
    names = edited(
        "timeout_around_a_yield_fixed",
        ("await asyncio.sleep(0.1)", "await asyncio.sleep(0.4)"),
    )
    virtual_clock.run(names["main"]())
    lines = told(capsys)
    assert lines[0] == "watch: no train in time"
    assert lines[1] == "main: was it cancelled? False"
