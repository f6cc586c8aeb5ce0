"""The claims of `concepts/how-await-works.md`."""

from __future__ import annotations

import asyncio
import gc
import inspect
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Coroutine, Generator
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "how_await_works"


class Ask:
    """Hands a question to the driver; the answer is the value of the await."""

    def __init__(self, question: object) -> None:
        self.question = question

    def __await__(self) -> Generator[object, Any, Any]:
        return (yield self.question)


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def finish(coroutine: Coroutine[Any, Any, Any], value: object = None) -> Any:
    """Send `value`, which must be the last one; what the coroutine returns."""
    with pytest.raises(StopIteration) as end:
        coroutine.send(value)
    return end.value.value


def edited(program: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """The names of a program in which each old text is another one."""
    source = (HERE / f"{program}.py").read_text("utf-8")
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    names: dict[str, Any] = {"__name__": "edited"}
    exec(compile(source, program, "exec", dont_inherit=True), names)
    return names


class Recorded(Coroutine[Any, Any, Any]):
    """A coroutine that notes how it is driven."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.coroutine = coroutine
        self.driven: list[object] = []

    def send(self, value: object) -> Any:
        self.driven.append(value)
        return self.coroutine.send(value)

    def throw(self, *error: Any) -> Any:
        self.driven.append(type(error[0]))
        return self.coroutine.throw(*error)

    def close(self) -> None:
        self.coroutine.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self.coroutine.__await__()


def test_nothing_runs_before_send(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """`bake()` makes a coroutine and runs nothing of it."""
    baking = load("how_await_works/a_coroutine_is_driven_by_send").bake()
    assert inspect.getcoroutinestate(baking) == inspect.CORO_CREATED
    assert told(capsys) == []
    assert baking.send(None) == "Which fruit?"
    assert told(capsys) == ["bake: begins"]
    assert finish(baking, "plum") == "plum cake"


def test_send_is_a_call() -> None:
    """It runs the body of `bake`, in this thread and on this stack, until something beneath it says `yield`."""
    seen: list[tuple[object, ...]] = []

    async def bake() -> None:
        frame = sys._getframe()
        caller = frame.f_back
        assert caller is not None
        seen.append((caller.f_code.co_name, caller.f_locals["here"]))
        await Ask("first")
        seen.append(("behind the yield",))

    here = object()
    baking = bake()
    baking.send(None)
    assert seen == [("test_send_is_a_call", here)]
    finish(baking)
    assert seen[1:] == [("behind the yield",)]


def test_send_returns_what_was_yielded() -> None:
    """Then the call returns, with what was yielded, and `bake` stays paused in the middle of its line."""
    question = object()

    async def bake() -> tuple[object, object, object]:
        return "before", await Ask(question), "after"

    baking = bake()
    assert baking.send(None) is question
    assert inspect.getcoroutinestate(baking) == inspect.CORO_SUSPENDED
    assert finish(baking, "answer") == ("before", "answer", "after")


def test_the_second_send() -> None:
    """ "apple" becomes the value of the `yield`, what `__await__` returns becomes the value of the `await`, and when `bake` itself returns, `send` raises `StopIteration` with the result in it."""
    values: list[object] = []

    class Twice:
        def __await__(self) -> Generator[None, str, str]:
            answer = yield
            values.append(answer)
            return answer * 2

    async def bake() -> str:
        value = await Twice()
        values.append(value)
        return "cake"

    baking = bake()
    baking.send(None)
    with pytest.raises(StopIteration) as end:
        baking.send("apple")
    assert values == ["apple", "appleapple"]
    assert end.value.value == "cake"


def test_await_runs_an_iterator() -> None:
    """`await x` asks `x.__await__()` for an iterator, and runs it in the place of the expression; a coroutine is run as it is."""

    class TwoSteps:
        def __await__(self) -> Any:
            return iter(["one", "two"])

    async def inner() -> str:
        await TwoSteps()
        return "done"

    async def outer() -> str:
        return await inner()

    walk: Any = outer()
    assert walk.send(None) == "one"
    assert inspect.iscoroutine(walk.cr_await)
    assert type(walk.cr_await.cr_await) is type(iter([]))
    assert walk.send(None) == "two"
    assert finish(walk) == "done"


def test_a_yield_in_an_async_def() -> None:
    """A `yield` right in an `async def` does not do this: it makes an asynchronous generator."""

    async def bake() -> Any:
        yield "Which fruit?"

    baking = bake()
    assert inspect.isasyncgen(baking)
    assert not hasattr(baking, "send")
    assert not inspect.isawaitable(baking)


def test_a_marked_generator() -> None:
    """The way to the driver is an `__await__`, or a generator marked with `types.coroutine`."""

    def ask(question: str) -> Generator[str, str, str]:
        return (yield question)

    @types.coroutine
    def marked(question: str) -> Generator[str, str, str]:
        return (yield question)

    async def bake(awaitable: Any) -> Any:
        return await awaitable

    baking = bake(marked("Which fruit?"))
    assert baking.send(None) == "Which fruit?"
    assert finish(baking, "apple") == "apple"
    with pytest.raises(TypeError, match="await"):
        bake(ask("Which fruit?")).send(None)


def test_throw_returns_the_next_question() -> None:
    """Here `bake` catches it and asks again, and `throw` returns the next question."""

    async def bake() -> object:
        try:
            return await Ask("one")
        except LookupError:
            return await Ask("two")

    baking = bake()
    assert baking.send(None) == "one"
    assert baking.throw(LookupError()) == "two"
    assert finish(baking, "answer") == "answer"

    uncaught = bake()
    uncaught.send(None)
    with pytest.raises(OSError, match="no fire"):
        uncaught.throw(OSError("no fire"))


def test_cancellation_is_a_throw() -> None:
    """Cancellation is this call, with `CancelledError`."""

    async def main() -> None:
        brewing = Recorded(asyncio.sleep(3600))
        task = asyncio.Task(brewing)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert brewing.driven == [None, asyncio.CancelledError]

    virtual_clock.run(main())


def test_close_and_thrown_away() -> None:
    """A coroutine that is thrown away while it is paused is closed as well."""
    ends: list[type[BaseException]] = []

    async def bake() -> None:
        try:
            await Ask("one")
        except BaseException as error:
            ends.append(type(error))
            raise

    baking = bake()
    baking.send(None)
    baking.close()
    assert ends == [GeneratorExit]
    baking = bake()
    baking.send(None)
    del baking
    gc.collect()
    assert ends == [GeneratorExit, GeneratorExit]


def test_a_clean_up_that_yields() -> None:
    """Its `finally` runs, but nobody is left to answer: if the clean-up yields, `close` raises "coroutine ignored GeneratorExit"."""
    steps: list[str] = []

    async def bake() -> None:
        try:
            await Ask("one")
        finally:
            steps.append("finally")
            await Ask("two")
            steps.append("answered")

    baking = bake()
    baking.send(None)
    with pytest.raises(RuntimeError, match=r"^coroutine ignored GeneratorExit$"):
        baking.close()
    assert steps == ["finally"]


def test_an_await_that_pauses_nothing() -> None:
    """Beneath it is no `yield`, so it ran through like a plain call."""

    async def heat() -> int:
        return 180

    async def bake() -> int:
        return sum([await heat() for _ in range(1000)])

    assert finish(bake()) == 180_000


def test_one_yield_pauses_them_all(load: Load) -> None:
    """The other `await` led down to one, and that paused `Ask.__await__`, `choose` and `bake` together, up to the `send` in `main`."""
    program = load("how_await_works/one_yield_pauses_the_whole_chain")
    baking = program.bake()
    assert baking.send(None) == "Which fruit?"
    choosing = baking.cr_await
    asking = choosing.cr_await
    assert choosing.cr_code is program.choose.__code__
    assert asking.gi_code is program.Ask.__await__.__code__
    assert inspect.getcoroutinestate(baking) == inspect.CORO_SUSPENDED
    assert inspect.getcoroutinestate(choosing) == inspect.CORO_SUSPENDED
    assert inspect.getgeneratorstate(asking) == inspect.GEN_SUSPENDED
    baking.close()


def test_on_no_stack() -> None:
    """While they are paused, the three are on no stack: each holds the next one, in `cr_await`."""

    async def choose() -> Any:
        return await Ask("Which fruit?")

    async def bake() -> Any:
        return await choose()

    baking: Any = bake()
    baking.send(None)
    paused: list[Any] = [baking, baking.cr_await, baking.cr_await.cr_await]
    frames = [paused[0].cr_frame, paused[1].cr_frame, paused[2].gi_frame]
    assert [frame.f_back for frame in frames] == [None, None, None]
    names = [frame.f_code.co_name for frame in frames]
    assert names == ["bake", "choose", "__await__"]
    assert finish(baking, "apple") == "apple"


def test_the_driver_cannot_tell() -> None:
    """It starts nothing in the background, and the driver could not tell if the body of `choose` stood in `bake`."""
    steps: list[str] = []

    async def choose() -> Any:
        steps.append("choose")
        return await Ask("Which fruit?")

    async def in_two() -> str:
        chosen = choose()
        steps.append("made")
        return f"{await chosen} cake"

    async def in_one() -> str:
        return f"{await Ask('Which fruit?')} cake"

    seen = []
    for baking in (in_two(), in_one()):
        seen.append([baking.send(None), finish(baking, "apple")])
    assert seen == [["Which fruit?", "apple cake"]] * 2
    assert steps == ["made", "choose"]


def test_a_task_holds_the_outermost() -> None:
    """It holds the outermost coroutine and sees what comes out at its top; everything in between is calls."""

    async def choose() -> None:
        await asyncio.sleep(1)

    async def bake() -> None:
        await choose()

    async def main() -> None:
        baking = bake()
        task = asyncio.create_task(baking)
        await asyncio.sleep(0)
        assert task.get_coro() is baking
        assert asyncio.all_tasks() == {task, asyncio.current_task()}
        await task

    virtual_clock.run(main())


def test_no_asyncio() -> None:
    """No program so far has imported asyncio."""
    text = (EXAMPLES.parent / "docs/concepts/how-await-works.md").read_text("utf-8")
    so_far = text[: text.index("No program so far has imported asyncio.")]
    names = [path.name for path in HERE.glob("*.py") if path.name in so_far]
    assert len(names) == 4
    check = "import runpy, sys; runpy.run_path(sys.argv[1], run_name='__main__')\n"
    check += "assert 'asyncio' not in sys.modules"
    for name in names:
        done = subprocess.run(
            [sys.executable, "-c", check, str(HERE / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_the_rounds_of_the_loop(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The waits of all four overlap, in one thread."""
    program = load("how_await_works/a_loop_in_thirty_lines")
    threads = threading.active_count()
    with virtual_clock.VirtualClock() as clock:
        program.main()
        assert clock.now == pytest.approx(0.3, abs=0.05)
    lines = told(capsys)
    assert [line.split(":")[0] for line in lines] == ["heart", "heart", "buy"]
    assert threading.active_count() == threads
    steps: list[str] = []

    async def task(name: str) -> None:
        steps.append(f"{name} in")
        await program.Until(0.0)  # a moment that is past
        steps.append(f"{name} on")

    program.run([task("a"), task("b")])
    assert sorted(steps[:2]) == ["a in", "b in"]
    assert sorted(steps[2:]) == ["a on", "b on"]


def test_an_error_ends_them_all(load: Load) -> None:
    """An error in one task comes out of `run` and ends them all; no task can wait for another; nothing is cancelled."""
    program = load("how_await_works/a_loop_in_thirty_lines")
    steps: list[str] = []

    async def fail() -> None:
        await program.Until(0.0)
        raise LookupError

    async def wait() -> None:
        await program.Until(time.monotonic() + 3600)
        steps.append("never")

    with virtual_clock.VirtualClock() as clock:
        waiting = wait()
        with pytest.raises(LookupError):
            program.run([fail(), waiting])
        assert clock.now < 1
    assert inspect.getcoroutinestate(waiting) == inspect.CORO_SUSPENDED
    waiting.close()
    assert steps == []


def test_a_bare_yield() -> None:
    """It sent `None`, was handed `None`, and asked for another turn: `asyncio.sleep(0)` is a bare `yield`."""
    sleeping = asyncio.sleep(0)
    assert sleeping.send(None) is None
    finish(sleeping)
    turns: list[str] = []

    async def main() -> None:
        asyncio.get_running_loop().call_soon(turns.append, "another")
        await Ask(None)
        turns.append("mine")

    asyncio.run(main())
    assert turns == ["another", "mine"]


def test_a_future_yields_itself() -> None:
    """`Future.__await__` yields the future itself, and the task adds a callback to it."""

    async def wait(future: asyncio.Future[str]) -> str:
        return await future

    async def main() -> None:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        waiting = wait(future)
        assert waiting.send(None) is future
        future.set_result("here")
        assert finish(waiting) == "here"

        other: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(wait(other))
        await asyncio.sleep(0)
        assert "cb=[" in repr(other)
        other.set_result("there")
        assert await task == "there"

    asyncio.run(main())


def test_the_value_does_not_come_through_send() -> None:
    """When the future has a result, the task sends `None` again, and `Future.__await__` takes the result from its own future: the value does not come through `send`."""

    async def brew() -> str:
        return await asyncio.sleep(0.1, "tea") + await asyncio.sleep(0.1, "pot")

    async def wait(future: asyncio.Future[str]) -> str:
        return await future

    async def main() -> None:
        brewing = Recorded(brew())
        assert await asyncio.Task(brewing) == "teapot"
        assert brewing.driven == [None, None, None]

        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        waiting = wait(future)
        waiting.send(None)
        future.set_result("tea")
        assert finish(waiting, "coffee") == "tea"

    virtual_clock.run(main())


def test_a_throw_in_its_place() -> None:
    """If the future failed, or the task was cancelled, there is a `throw` in the place of the `send`."""

    async def wait(future: asyncio.Future[str]) -> str:
        return await future

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for error in (OSError, asyncio.CancelledError):
            future: asyncio.Future[str] = loop.create_future()
            waiting = Recorded(wait(future))
            task = asyncio.Task(waiting)
            await asyncio.sleep(0)
            if error is OSError:
                future.set_exception(OSError("no fire"))
            else:
                task.cancel()
            with pytest.raises(error):
                await task
            assert waiting.driven == [None, error]

    virtual_clock.run(main())


def test_the_mark() -> None:
    """Before it yields, a future sets a mark on itself, `_asyncio_future_blocking`, and the task takes it off again."""

    async def wait(future: asyncio.Future[None]) -> None:
        await future

    async def main() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        assert future._asyncio_future_blocking is False
        waiting = wait(future)
        waiting.send(None)
        assert future._asyncio_future_blocking is True
        waiting.close()

        other: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        marks: list[bool] = []

        class Spy:
            def __await__(self) -> Generator[Any, None, None]:
                for handed in other.__await__():
                    marks.append(other._asyncio_future_blocking)
                    yield handed

        async def spy() -> None:
            await Spy()

        task = asyncio.create_task(spy())
        await asyncio.sleep(0)
        assert marks == [True]
        assert other._asyncio_future_blocking is False
        other.set_result(None)
        await task

    asyncio.run(main())


def test_yielded_by_hand() -> None:
    """One that is yielded by hand has no mark, and is refused: "yield was used instead of yield from"."""

    async def main() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with pytest.raises(
            RuntimeError, match=r"^yield was used instead of yield from"
        ):
            await Ask(future)

    asyncio.run(main())


def test_under_any_driver() -> None:
    """The coroutines between a driver and a `yield` work under any driver."""

    async def choose(reply: Any) -> str:
        return f"{await reply} cake"

    async def bake(reply: Any) -> str:
        return f"one {await choose(reply)}"

    by_hand = bake(Ask("Which fruit?"))
    assert by_hand.send(None) == "Which fruit?"
    assert finish(by_hand, "apple") == "one apple cake"
    by_asyncio = virtual_clock.run(bake(asyncio.sleep(1, "apple")))
    assert by_asyncio == "one apple cake"


def test_a_bad_yield(load: Load) -> None:
    """A string means nothing to a task of asyncio, and it throws `RuntimeError` in at the `await`."""
    question = load("how_await_works/own_awaitable_broken").Question("Which fruit?")
    caught: list[str] = []

    async def bake() -> str:
        try:
            await question
        except RuntimeError as error:
            caught.append(str(error))
        return "no cake"

    assert asyncio.run(bake()) == "no cake"
    assert caught == ["Task got bad yield: 'Which fruit?'"]


def test_asyncio_in_our_loop(load: Load) -> None:
    """Nor would `asyncio.sleep(1)` work in our loop of thirty lines: it asks for asyncio's running loop, and there is none."""
    program = load("how_await_works/a_loop_in_thirty_lines")
    with pytest.raises(RuntimeError, match=r"^no running event loop$"):
        program.run([asyncio.sleep(1)])


def test_a_done_future_does_not_yield(load: Load) -> None:
    """A done future does not yield, so the second `await question` pauses nothing."""
    program = load("how_await_works/own_awaitable_fixed")

    async def main() -> None:
        question = program.Question("Which fruit?")
        baking = program.bake(question)
        assert baking.send(None) is question.reply
        question.answer("apple")
        question.answer("pear")
        assert finish(baking) == "apple cake"
        assert finish(program.bake(question)) == "apple cake"
        question.reply = asyncio.get_running_loop().create_future()
        question.reply.cancel()
        question.answer("too late")

    asyncio.run(main())


@pytest.mark.parametrize("shielded", [True, False])
def test_one_of_several_is_cancelled(load: Load, shielded: bool) -> None:
    """If several tasks wait and one is cancelled, it cancels the future, and so all of them; `yield from asyncio.shield(self.reply)` spares the others."""
    if shielded:
        source = "yield from asyncio.shield(self.reply)"
        program = edited("own_awaitable_fixed", ("yield from self.reply", source))
    else:
        program = vars(load("how_await_works/own_awaitable_fixed"))

    async def main() -> None:
        question = program["Question"]("Which fruit?")
        bake = program["bake"]
        ada, *others = [asyncio.create_task(bake(question)) for _ in range(3)]
        await asyncio.sleep(0)
        ada.cancel()
        await asyncio.wait([ada])
        assert ada.cancelled()
        assert question.reply.cancelled() is not shielded
        question.answer("apple")
        await asyncio.wait(others)
        assert [task.cancelled() for task in others] == [not shielded] * 2

    virtual_clock.run(main())


def test_a_first_send_with_a_value(load: Load) -> None:
    """A coroutine that has not started takes only `None`, for no `yield` is there to have the value."""
    main = edited(
        "a_coroutine_is_driven_by_send",
        ("baking.send(None)", 'baking.send("apple")'),
    )["main"]
    expected = "^can't send non-None value to a just-started coroutine$"

    def run() -> None:
        with pytest.raises(TypeError, match=expected):
            main()
        gc.collect()  # the coroutine that never started

    with pytest.warns(RuntimeWarning, match="'bake' was never awaited"):
        run()


def test_a_blocking_step(capsys: pytest.CaptureFixture[str]) -> None:
    """The tea comes first, and after it both beats."""
    main = edited(
        "a_loop_in_thirty_lines",
        ("await Until(time.monotonic() + 0.3)", "time.sleep(0.3)"),
    )["main"]
    with virtual_clock.VirtualClock():
        main()
    lines = told(capsys)
    assert lines[0] == "buy: got hot tea"
    assert lines[1:] == [f"heart: a beat after {after} s" for after in (0.1, 0.2)]


def test_a_real_task_in_its_place(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of `main` and `brew` are the same, in the same order."""
    virtual_clock.run(load("how_await_works/a_task_is_a_driver").main())
    by_hand = told(capsys)
    main = edited(
        "a_task_is_a_driver",
        ("HandMadeTask(brew())", "asyncio.create_task(brew())"),
        ("await task.end", "await task"),
    )["main"]
    virtual_clock.run(main())
    assert told(capsys) == [line for line in by_hand if line[:5] != "step:"]
    assert len(by_hand) == 6
