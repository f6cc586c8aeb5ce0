"""The claims of `concepts/errors-in-concurrent-code.md`."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NoReturn

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "errors_in_concurrent_code"
Context = dict[str, Any]
Handler = Callable[[asyncio.AbstractEventLoop, Context], object]


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(name: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program of this page, after a change that readers make."""
    source = (HERE / f"{name}.py").read_text("utf-8")
    assert source.count(old) == 1
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(source.replace(old, new), "changed", "exec"), names)
    return names


def heard() -> list[Context]:
    """What the running loop's exception handler is told from now on."""
    reports: list[Context] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reports.append(context))
    return reports


def frames(error: BaseException | None) -> list[str]:
    """The names of the functions in the traceback of `error`."""
    assert error is not None
    return [frame.name for frame in traceback.extract_tb(error.__traceback__)]


async def fail(seconds: float, error: BaseException) -> NoReturn:
    await asyncio.sleep(seconds)
    raise error


@contextmanager
def after(seconds: float) -> Iterator[None]:
    """The block ends so many seconds after it began, on the loop's clock."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    yield
    assert loop.time() - start == pytest.approx(seconds, abs=0.01)


def test_an_error_is_kept() -> None:
    """So the error ends the task and is kept in it, where the result would have been, until somebody asks for it."""

    async def main() -> None:
        reports = heard()
        error = OSError("no music")
        task = asyncio.create_task(fail(1, error))
        await asyncio.sleep(10)
        assert task.done()
        assert reports == []
        with pytest.raises(OSError, match="no music"):
            task.result()
        assert task.exception() is error

    virtual_clock.run(main())


def test_the_second_await_does_not_wait(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second `await` does not wait: the error was there, and comes out at once."""
    program = load("errors_in_concurrent_code/an_error_waits_to_be_asked_for")

    async def main() -> None:
        with after(0.5):
            await program.main()
        band = asyncio.create_task(program.fetch_band())
        await asyncio.sleep(3)
        turns: list[str] = []
        asyncio.get_running_loop().call_soon(turns.append, "somebody else")
        with pytest.raises(OSError, match="no music"):
            await band
        assert turns == []

    virtual_clock.run(main())
    assert told(capsys)[3] == "main: only now I hear of it: no music"


def test_the_band_is_not_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """Had the cake failed as well, the first `await` would have raised, and nobody would have asked the band."""
    names = changed(
        "an_error_waits_to_be_asked_for",
        'return "a cake"',
        'raise LookupError("burnt")',
    )
    reports: list[Context] = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: reports.append(context)
        )
        await names["main"]()

    with pytest.raises(LookupError, match="burnt") as burnt:
        virtual_clock.run(main())
    assert told(capsys)[-1] == "cake: out of the oven"
    assert burnt.value.__context__ is None
    traceback.clear_frames(burnt.tb)  # main keeps the band no longer
    assert [str(report["exception"]) for report in reports] == ["no music"]


HOW: dict[str, tuple[float, list[str]]] = {
    "await": (2, ["slow"]),
    "gather": (1, ["fast"]),
    "gather, errors as results": (2, ["slow", "fast"]),
    "wait": (2, []),
    "a group": (1, ["fast"]),
    "a group, slow to clean up": (2, ["fast", "clean-up"]),
}


@pytest.mark.parametrize("how", HOW)
def test_how_you_wait(how: str) -> None:
    """So whether you hear of an error, and when, depends on how you wait:"""

    async def main() -> None:
        seconds, names = HOW[how]
        slow, fast = fail(2, OSError("slow")), fail(1, OSError("fast"))
        out: list[object] = []
        with after(seconds):
            try:
                match how:
                    case "await":
                        tasks = [asyncio.create_task(slow), asyncio.create_task(fast)]
                        for task in tasks:
                            await task
                    case "gather":
                        await asyncio.gather(slow, fast)
                    case "gather, errors as results":
                        out += await asyncio.gather(slow, fast, return_exceptions=True)
                    case "wait":
                        tasks = [asyncio.create_task(slow), asyncio.create_task(fast)]
                        done, _ = await asyncio.wait(tasks)
                        assert {str(task.exception()) for task in done} == {
                            "slow",
                            "fast",
                        }
                    case "a group":
                        async with asyncio.TaskGroup() as group:
                            group.create_task(slow)
                            group.create_task(fast)
                    case _:
                        slow.close()
                        async with asyncio.TaskGroup() as group:
                            group.create_task(fast)
                            group.create_task(slow_to_clean_up())
            except OSError as error:
                out.append(error)
            except ExceptionGroup as errors:
                out += errors.exceptions
        if how == "await":
            assert str(tasks[1].exception()) == "fast"
        assert [str(error) for error in out] == names

    async def slow_to_clean_up() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await fail(1, OSError("clean-up"))

    virtual_clock.run(main())


def test_what_the_handler_hears(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The bell was reported at once, since a callback has nowhere to keep its error."""
    program = load("errors_in_concurrent_code/the_handler_hears_what_nobody_caught")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(program.main())
        await asyncio.sleep(0.05)
        assert told(capsys) == []
        await asyncio.sleep(0.1)
        assert told(capsys) == ["handler: a callback: the bell is stuck"]
        await task
        loop.set_exception_handler(None)

    virtual_clock.run(main())
    assert told(capsys) == [
        "main: has the band failed? True",
        "handler: a task, long done: no music",
        "main: the feast goes on",
    ]


def test_the_task_is_reported_last() -> None:
    """The band was reported last, when the task object was thrown away."""

    async def main() -> None:
        reports = heard()
        task = asyncio.create_task(fail(1, OSError("no music")))
        await asyncio.sleep(3600)
        assert reports == []
        del task
        assert [report["message"] for report in reports] == [
            "Task exception was never retrieved"
        ]

    virtual_clock.run(main())


def logged(handler: Handler | None, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What stands in the log when a callback fails: the logger and the level."""

    def ring() -> None:
        raise OSError("the bell is stuck")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(handler)
        loop.call_soon(ring)
        await asyncio.sleep(1)

    caplog.clear()
    virtual_clock.run(main())
    return [f"{entry.name} {entry.levelname}" for entry in caplog.records]


def test_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """The usual one writes to the logger named `asyncio`, with the level ERROR."""
    assert logged(None, caplog) == ["asyncio ERROR"]


def test_your_handler_replaces_it(caplog: pytest.LogCaptureFixture) -> None:
    """`set_exception_handler` puts yours in its place; call `loop.default_exception_handler(context)` in it to have the log line as well."""
    reports: list[Context] = []

    def silent(_: asyncio.AbstractEventLoop, context: Context) -> None:
        reports.append(context)

    def both(loop: asyncio.AbstractEventLoop, context: Context) -> None:
        reports.append(context)
        loop.default_exception_handler(context)

    assert logged(silent, caplog) == []
    assert logged(both, caplog) == ["asyncio ERROR"]
    assert len(reports) == 2


def test_future_or_handle() -> None:
    """The context says what failed: `future` is there for a task, and `handle` for a callback."""

    def ring() -> None:
        raise OSError("bell")

    async def main() -> None:
        reports = heard()
        asyncio.get_running_loop().call_soon(ring)
        task = asyncio.create_task(fail(0, OSError("band")))
        await asyncio.sleep(1)
        del task
        bell, band = reports
        assert isinstance(bell["handle"], asyncio.Handle)
        assert "future" not in bell
        assert isinstance(band["future"], asyncio.Task)
        assert "handle" not in band
        assert [str(report["exception"]) for report in reports] == ["bell", "band"]

    virtual_clock.run(main())


def test_a_done_callback_that_raises() -> None:
    """If it raises, the handler hears of it, and whoever awaits the task does not."""

    def broken(_: object) -> None:
        raise LookupError("broken callback")

    async def main() -> None:
        reports = heard()
        task = asyncio.create_task(asyncio.sleep(1, "well"))
        task.add_done_callback(broken)
        assert await task == "well"
        await asyncio.sleep(1)
        assert [str(report["exception"]) for report in reports] == ["broken callback"]

    virtual_clock.run(main())


def test_not_even_the_handler(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody will hear of the wine: `gather` drops the later errors, and not even the handler is told."""
    program = load("errors_in_concurrent_code/gather_tells_one_error_broken")
    reports: list[Context] = []
    failed: list[str] = []
    order = program.order

    async def watched(what: str) -> str:
        try:
            return await order(what)
        except OSError:
            failed.append(what)
            raise

    vars(program)["order"] = watched

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: reports.append(context)
        )
        await program.main()

    virtual_clock.run(main())
    assert failed == ["flowers", "wine"]
    assert told(capsys) == [
        "main: something is sold out",
        "main: ordered again what was missing",
    ]
    assert reports == []


def test_the_order_of_the_orders() -> None:
    """The answers have the order of the orders, so `zip` says which is whose."""

    async def main() -> None:
        answers = await asyncio.gather(
            fail(3, OSError("first")),
            asyncio.sleep(2, "second"),
            fail(1, OSError("third")),
            return_exceptions=True,
        )
        assert [str(answer) for answer in answers] == ["first", "second", "third"]

    virtual_clock.run(main())


def test_an_unexpected_error_comes_out() -> None:
    """There are three kinds, and the second `case` is the one that gets forgotten: an error that you do not expect is a bug, and has to come out."""
    names = changed("gather_tells_one_error_fixed", "SOLD_OUT = {", "SOLD_OUT = 1 or {")
    with pytest.raises(TypeError):
        virtual_clock.run(names["main"]())


def test_a_cancelled_order() -> None:
    """It asks for `BaseException`, because an order that was cancelled answers with a `CancelledError`, and a test for `Exception` takes that for a cake."""

    async def main() -> None:
        cake = asyncio.create_task(asyncio.sleep(3600, "cake"))
        asyncio.get_running_loop().call_later(1, cake.cancel)
        (answer,) = await asyncio.gather(cake, return_exceptions=True)
        assert isinstance(answer, asyncio.CancelledError)
        assert isinstance(answer, BaseException)
        assert not isinstance(answer, Exception)

    virtual_clock.run(main())


@pytest.mark.parametrize("own_case", [False, True])
def test_a_cancellation_raised_from_here(
    own_case: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Raised from here, it ends `main` as cancelled, which nobody takes for an error; where a single order may be cancelled, give that a `case` of its own."""
    old = "            case BaseException():"
    new = "            case asyncio.CancelledError():\n"
    new += "                print('main: cancelled,', what)\n"
    program = changed(
        "gather_tells_one_error_fixed", old, new + old if own_case else old
    )

    async def order(what: str) -> str:
        if what == "wine":
            raise asyncio.CancelledError
        return what

    program["order"] = order

    async def main() -> None:
        async with asyncio.TaskGroup() as group:  # raises nothing either way
            task = group.create_task(program["main"]())
        assert task.cancelled() is not own_case

    virtual_clock.run(main())
    assert (told(capsys)[-1] == "main: cancelled, wine") is own_case


def test_the_cause(load: Load) -> None:
    """`main` catches a plain exception, and finds the group in its `__cause__`."""
    program = load("errors_in_concurrent_code/a_group_need_not_leave_the_function")
    with pytest.raises(program.FeastOffError) as caught:
        virtual_clock.run(program.prepare())
    cause = caught.value.__cause__
    assert isinstance(cause, ExceptionGroup)
    assert [str(error) for error in cause.exceptions] == ["the van has broken down"]


def test_raised_in_a_clause(load: Load) -> None:
    """If the group also held a `KeyError`, which no clause takes, both come out in a new group, and `except FeastOffError` lets it pass."""
    program = load("errors_in_concurrent_code/a_group_need_not_leave_the_function")

    async def bake_cake() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            raise KeyError("butter")

    vars(program)["bake_cake"] = bake_cake
    with pytest.raises(ExceptionGroup) as caught:
        virtual_clock.run(program.main())
    assert caught.value.subgroup(program.FeastOffError) is not None
    assert caught.value.subgroup(KeyError) is not None


@pytest.mark.parametrize("several", [False, True])
def test_alone_if_nothing_is_left(several: bool) -> None:
    """An error raised in an `except*` clause comes out alone if nothing else is left of the group."""
    errors = [OSError("van"), OSError("drum")] if several else [OSError("van")]
    news = LookupError("no feast")

    def close_the_matter() -> None:
        try:
            raise ExceptionGroup("all", errors)
        except* OSError as group:
            raise news from group

    with pytest.raises(LookupError) as caught:
        close_the_matter()
    assert caught.value is news


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_out_of_the_task(kind: type[BaseException]) -> None:
    """`SystemExit` and `KeyboardInterrupt` go through the task and through the loop, which stops on the spot."""
    events: list[str] = []

    async def leave() -> None:
        asyncio.get_running_loop().call_soon(events.append, "a callback that was next")
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(events.append, "a later callback")
        raise kind

    loop = asyncio.new_event_loop()
    try:
        task = loop.create_task(leave())
        with pytest.raises(kind):
            loop.run_forever()
        assert task.done()
        assert not loop.is_running()
        assert events == ["a callback that was next"]
        assert isinstance(task.exception(), kind)
    finally:
        loop.close()


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_run_does_then(kind: type[BaseException]) -> None:
    """`asyncio.run` then cancels every task that is left, `main` among them, lets them clean up, and raises the exception to its caller."""
    ends: list[str] = []

    async def dance() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.01)
            ends.append("dancer")

    async def main() -> None:
        tasks = [asyncio.create_task(dance()), asyncio.create_task(fail(0.01, kind()))]
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError:
            ends.append("main")
            raise
        finally:
            tasks[1].exception()

    with pytest.raises(kind):
        asyncio.run(main())
    assert sorted(ends) == ["dancer", "main"]


def test_main_met_a_cancelled_error(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """`main` was awaiting the very task that failed, and yet it met a `CancelledError`."""
    program = load("errors_in_concurrent_code/sys_exit_in_a_task_ends_the_run")
    with pytest.raises(SystemExit) as end:
        asyncio.run(program.main())
    assert end.value.code == 3
    assert "main: ended by CancelledError" in told(capsys)


@pytest.mark.parametrize("asked", [False, True])
def test_a_cancelled_error_is_not_reported(
    asked: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """A task that ends with it, whoever raised it, counts as cancelled, and nothing is ever reported."""

    async def main() -> None:
        reports = heard()
        if asked:
            task = asyncio.create_task(asyncio.sleep(3600))
            await asyncio.sleep(0)
            task.cancel()
        else:
            task = asyncio.create_task(fail(0, asyncio.CancelledError("my own")))
        await asyncio.wait([task])
        assert task.cancelled()
        del task
        assert reports == []

    virtual_clock.run(main())
    assert caplog.records == []


def test_the_frames_of_a_task(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The task's own traceback begins at its coroutine."""
    program = load("errors_in_concurrent_code/a_traceback_begins_at_the_task")

    async def main() -> None:
        task = program.start_to_invite("Alan")
        await asyncio.wait([task])
        assert frames(task.exception()) == ["invite", "call"]
        with pytest.raises(OSError, match="wrong number") as caught:
            await task
        assert frames(caught.value) == ["main", "invite", "call"]

    virtual_clock.run(main())
    assert told(capsys) == []


def test_the_second_await_has_fewer_frames() -> None:
    """The second `await` raises the same exception object, and now the frames of the task are gone: CPython hands them out once."""

    async def ask(task: asyncio.Task[Any]) -> BaseException:
        try:
            await task
        except OSError as error:
            return error
        raise AssertionError

    async def main() -> None:
        task = asyncio.create_task(fail(1, OSError("wrong number")))
        first = await ask(task)
        assert frames(first) == ["ask", "fail"]
        second = await ask(task)
        assert second is first
        assert frames(second) == ["ask"]

    virtual_clock.run(main())


@pytest.mark.parametrize("debug", [False, True])
def test_debug_mode(debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    """(In debug mode, the report of an error that nobody retrieved also says where the task was created.)"""

    def start() -> None:
        task = asyncio.create_task(fail(0, OSError("no music")))
        tasks.append(task)

    tasks: list[asyncio.Task[Any]] = []

    async def main() -> None:
        asyncio.get_running_loop().set_debug(debug)
        start()
        await asyncio.sleep(1)
        tasks.clear()
        asyncio.get_running_loop().set_debug(False)

    with caplog.at_level(logging.ERROR, "asyncio"):
        virtual_clock.run(main())
    (entry,) = caplog.records
    assert entry.message.startswith("Task exception was never retrieved")
    assert ("created at" in entry.message) is debug
    assert ("in start" in entry.message) is debug


def test_a_note(load: Load) -> None:
    """`add_note` in the coroutine says which one this is, and the note is printed below the error wherever its traceback is."""
    program = load("errors_in_concurrent_code/a_traceback_begins_at_the_task")

    async def main() -> None:
        tasks = [program.start_to_invite(guest) for guest in ("Alan", "Barbara")]
        await asyncio.wait(tasks)
        errors = [task.exception() for task in tasks]
        assert [str(error) for error in errors] == ["wrong number"] * 2
        lines = "".join(traceback.format_exception(errors[1])).splitlines()
        assert lines[-2:] == ["OSError: wrong number", "while inviting Barbara"]

    virtual_clock.run(main())


def test_the_job(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    """The empty bottle cost one glass, and the waiter went on."""
    program = load("errors_in_concurrent_code/a_background_job_survives_and_reports")

    async def main() -> None:
        program.start(program.pour_all(), "waiter")
        (task,) = program.background
        await asyncio.sleep(0.25)
        assert not task.done()
        await asyncio.sleep(1)
        assert isinstance(task.exception(), KeyError)
        assert program.background == set()

    with caplog.at_level(logging.INFO, "feast"):
        virtual_clock.run(main())
    assert [entry.message for entry in caplog.records] == [
        "glass 1 is full",
        "glass 2: the bottle is empty",
        "glass 3 is full",
        "waiter has died: KeyError('corkscrew')",
    ]


def test_a_cancelled_job_is_no_error(
    load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    """The candles were still burning when `main` returned; `asyncio.run` cancelled them, which is no error, so `report` said nothing."""
    program = load("errors_in_concurrent_code/a_background_job_survives_and_reports")
    tasks: list[asyncio.Task[None]] = []

    async def main() -> None:
        program.start(program.light_candles(), "candles")
        tasks.extend(program.background)
        await asyncio.sleep(0.1)

    with caplog.at_level(logging.INFO):
        virtual_clock.run(main())
    assert [task.cancelled() for task in tasks] == [True]
    assert program.background == set()
    assert caplog.records == []


def test_the_log_has_the_traceback_too(caplog: pytest.LogCaptureFixture) -> None:
    """Add `exc_info=error` to `log.error`, and the log has the traceback too."""
    names = changed(
        "a_background_job_survives_and_reports",
        "task.get_name(), error)",
        "task.get_name(), error, exc_info=error)",
    )

    async def main() -> None:
        names["start"](names["pour_all"](), "waiter")
        await asyncio.sleep(1)

    virtual_clock.run(main())
    assert "Traceback (most recent call last)" in caplog.text
    assert ", in pour_all" in caplog.text


def test_ask_the_band_first(capsys: pytest.CaptureFixture[str]) -> None:
    """`main` hears of it at once, after a tenth of a second. The cake goes on in its own task, and can be awaited after that."""
    source = (HERE / "an_error_waits_to_be_asked_for.py").read_text("utf-8")
    cake = '    print("main: we have", await cake)  # the band fails meanwhile\n'
    end = 'hear of it:", error)\n'
    assert source.count(cake) == source.count(end) == 1
    swapped = source.replace(cake, "").replace(end, end + cake)
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(swapped, "changed", "exec"), names)

    async def main() -> None:
        task = asyncio.create_task(names["main"]())
        await asyncio.sleep(0.11)
        assert told(capsys)[-1] == "main: only now I hear of it: no music"
        await task
        assert told(capsys) == ["cake: out of the oven", "main: we have a cake"]

    virtual_clock.run(main())


def test_wait_first(capsys: pytest.CaptureFixture[str]) -> None:
    """`asyncio.wait` returns after a tenth of a second and raises nothing, and the next line waits for the cake."""
    cake = '    print("main: we have", await cake)  # the band fails meanwhile\n'
    wait = "asyncio.wait([cake, band], return_when=asyncio.FIRST_EXCEPTION)"
    names = changed(
        "an_error_waits_to_be_asked_for",
        cake,
        f'    await {wait}\n    print("waited")\n{cake}',
    )

    async def main() -> None:
        task = asyncio.create_task(names["main"]())
        await asyncio.sleep(0.11)
        assert told(capsys) == ["band: the van has broken down", "waited"]
        await asyncio.sleep(0.3)
        assert told(capsys) == []
        await task
        assert told(capsys)[-1] == "main: only now I hear of it: no music"

    virtual_clock.run(main())


def test_without_the_question(caplog: pytest.LogCaptureFixture) -> None:
    """One more ERROR: `exception()` of a cancelled task raises `CancelledError`, inside of a callback, so the handler reports it."""
    names = changed(
        "a_background_job_survives_and_reports",
        "    if task.cancelled():  # asked to end: no error\n        return\n",
        "",
    )

    async def main() -> None:
        names["start"](names["light_candles"](), "candles")
        await asyncio.sleep(0.1)

    virtual_clock.run(main())
    (entry,) = caplog.records
    assert (entry.name, entry.levelname) == ("asyncio", "ERROR")
    assert entry.message.startswith("Exception in callback report(")
    assert entry.exc_info
    assert entry.exc_info[0] is asyncio.CancelledError
