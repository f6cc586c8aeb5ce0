"""The claims of `concepts/structured-concurrency.md`."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import editing
import virtual_clock

Load = Callable[[str], ModuleType]
HERE = "structured_concurrency"


def changed(program: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program of this page in which `old` reads `new`."""
    return vars(editing.changed(f"structured_concurrency/{program}", (old, new)))


def others() -> int:
    """How many tasks there are, besides the one that asks."""
    return len(asyncio.all_tasks()) - 1


async def fail(seconds: float, error: Exception) -> None:
    """Raise `error` after so many seconds."""
    await asyncio.sleep(seconds)
    raise error


class Ends:
    """How each of some tasks ended, and when."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[str, float]] = {}

    async def task(self, name: str, seconds: float, clean_up: float = 0) -> None:
        """Wait, and clean up; note whether the wait was cancelled."""
        how = "cancelled"
        try:
            await asyncio.sleep(seconds)
            how = "returned"
        finally:
            await asyncio.sleep(clean_up)
            self.seen[name] = how, round(asyncio.get_running_loop().time(), 3)


def test_gather_cancels_nothing() -> None:
    """`gather` makes a task of each coroutine, waits, and raises the first error when it comes. It does not cancel the rest, as many expect."""
    ends = Ends()

    async def main() -> None:
        start = asyncio.get_running_loop().time()
        with pytest.raises(LookupError, match="first"):
            await asyncio.gather(
                ends.task("before", 1),
                fail(2, LookupError("first")),
                fail(3, LookupError("second")),
                ends.task("after", 4),
            )
        assert asyncio.get_running_loop().time() - start == pytest.approx(2, abs=0.1)
        assert others() == 2
        await asyncio.sleep(10)
        assert {name: how for name, (how, _) in ends.seen.items()} == {
            "before": "returned",
            "after": "returned",
        }

    virtual_clock.run(main())


def test_one_task_and_then_two(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """One task was running before `main` called `book_trip`, and two when the call was over."""
    program = load(f"{HERE}/left_running_broken")

    async def main() -> None:
        assert others() == 0
        with pytest.raises(LookupError):
            await program.book_trip()
        assert others() == 1
        assert "flight: paid" not in capsys.readouterr().out
        await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
        assert "flight: paid" in capsys.readouterr().out

    virtual_clock.run(main())


def test_gather_drops_the_second_error() -> None:
    """Had the flight failed later, you would not even know: `gather` drops every error after the first, and asyncio reports none of them."""

    async def main() -> None:
        told: list[object] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context))
        with pytest.raises(LookupError) as caught:
            await asyncio.gather(
                fail(1, LookupError("the hotel")),
                fail(2, OSError("the flight")),
            )
        assert caught.value.args == ("the hotel",)
        assert caught.value.__context__ is None
        await asyncio.sleep(5)
        assert others() == 0
        del caught
        gc.collect()
        assert told == []

    virtual_clock.run(main())


def test_no_task_is_left_over(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Then `main` leaves the block, with the error, and with no task left over."""
    program = load(f"{HERE}/left_running_fixed")

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as caught:
            await program.book_trip()
        assert others() == 0
        assert [*map(type, caught.value.exceptions)] == [LookupError]
        lines = capsys.readouterr().out.splitlines()
        assert lines == ["flight: calling the bank", "flight: hung up"]

    virtual_clock.run(main())


def test_the_group_waits_for_the_clean_up() -> None:
    """The group asks its tasks to end, and then it waits, for as long as they take to clean up."""
    ends = Ends()

    async def block() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(1, LookupError()))
            group.create_task(ends.task("quick", 100))
            group.create_task(ends.task("slow", 100, clean_up=3600))

    async def main() -> None:
        start = asyncio.get_running_loop().time()
        with pytest.raises(ExceptionGroup):
            await block()
        assert [how for how, _ in ends.seen.values()] == ["cancelled"] * 2
        assert asyncio.get_running_loop().time() - start == pytest.approx(3601, abs=0.1)

    virtual_clock.run(main())


def test_a_return_waits() -> None:
    """The only exit from the block lies behind that wait: a `return` in the body waits for the tasks too."""
    ends = Ends()

    async def leave(how: str) -> str:
        for _ in range(1):
            async with asyncio.TaskGroup() as group:
                group.create_task(ends.task(how, 1))
                await asyncio.sleep(0)
                match how:
                    case "return":
                        return how
                    case "break":
                        break
                    case "continue":
                        continue
        return how

    async def main() -> None:
        for how in ("return", "break", "continue"):
            assert await leave(how) == how
            assert ends.seen[how][0] == "returned"
            assert others() == 0

    virtual_clock.run(main())


def test_tasks_belong_to_the_block() -> None:
    """Tasks belong to the block, not to the task that made them."""
    ends = Ends()

    async def parent(group: asyncio.TaskGroup, how: str) -> None:
        group.create_task(ends.task(f"child of {how}", 1))
        await asyncio.sleep(0)
        if how == "cancelled":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            parents = [
                group.create_task(parent(group, how)) for how in ("done", "cancelled")
            ]
            await asyncio.wait(parents)
            assert others() == 2
            assert ends.seen == {}
        assert [how for how, _ in ends.seen.values()] == ["returned"] * 2

    virtual_clock.run(main())


def test_a_group_that_is_over_takes_no_more() -> None:
    """When the block is over, or a failure has begun to end it, the group takes no more: `create_task` raises `RuntimeError`."""

    async def clean_up(group: asyncio.TaskGroup) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            more = asyncio.sleep(1)
            with pytest.raises(RuntimeError, match="is shutting down"):
                group.create_task(more)
            more.close()

    async def failing() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(clean_up(group))
            group.create_task(fail(1, LookupError()))

    async def ending() -> None:
        with pytest.raises(ExceptionGroup) as caught:
            await failing()
        assert [*map(type, caught.value.exceptions)] == [LookupError]

    async def main(error: Exception | None) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                if error is not None:
                    raise error
        except* LookupError:
            pass
        late = asyncio.sleep(1)
        with pytest.raises(RuntimeError, match="is finished"):
            group.create_task(late)
        late.close()

    virtual_clock.run(ending())
    virtual_clock.run(main(None))
    virtual_clock.run(main(LookupError()))


def test_ada_does_not_disturb_grace(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """Her task then returns with a tick, like any other, and the group above it has nothing to cancel: Grace's lanes bear no triangle."""
    program = load(f"{HERE}/a_failure_ends_its_own_group")

    async def main() -> None:
        async with asyncio.TaskGroup() as office:
            ada = office.create_task(program.trip("Ada", rooms=0))
            grace = office.create_task(program.trip("Grace", rooms=1))
            await ada
            assert [t.get_name() for t in asyncio.all_tasks()].count("flight") == 1
            assert grace.cancelling() == 0
        assert capsys.readouterr().out.endswith("Grace: goes to the sea\n")

    virtual_clock.run(main())


def test_an_error_climbs_the_tree(load: Load) -> None:
    """Without that `except*`, Ada's task would fail, the group in `main` would cancel Grace, and the error would leave `main` in a group within a group."""
    program = load(f"{HERE}/a_failure_ends_its_own_group")

    async def trip(rooms: int) -> None:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(program.find_hotel(rooms))
            parts.create_task(program.find_flight())

    trips: list[asyncio.Task[None]] = []

    async def office() -> None:
        async with asyncio.TaskGroup() as office:
            trips.append(office.create_task(trip(rooms=0)))
            trips.append(office.create_task(trip(rooms=1)))

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as caught:
            await office()
        ada, grace = trips
        assert isinstance(ada.exception(), ExceptionGroup)
        assert grace.cancelled()
        assert others() == 0
        (inner,) = caught.value.exceptions
        assert isinstance(inner, ExceptionGroup)
        assert [*map(type, inner.exceptions)] == [LookupError]

    virtual_clock.run(main())


def test_an_error_that_is_caught_inside() -> None:
    """If tasks should not fall together, catch what you expect inside each of them."""
    ends = Ends()

    async def careful() -> str:
        try:
            await fail(1, LookupError("no room left"))
        except LookupError as error:
            return str(error)
        return "a room"

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            failed = group.create_task(careful())
            group.create_task(ends.task("other", 2))
        assert failed.result() == "no room left"
        assert ends.seen["other"][0] == "returned"

    virtual_clock.run(main())


def test_except_does_not_see_it(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """A task group raises an `ExceptionGroup` even if there is only one error, and an `except` clause that names the error does not match it."""

    async def main() -> None:
        clause = ""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fail(1, LookupError("no room left")))
        except LookupError:
            clause = "by its name"
        except ExceptionGroup as errors:
            clause = f"a group of {len(errors.exceptions)}"
        assert clause == "a group of 1"

    virtual_clock.run(main())
    virtual_clock.run(load(f"{HERE}/two_errors_broken").main())
    assert "unhandled errors in a TaskGroup" in capsys.readouterr().out


def test_errors_are_collected() -> None:
    """The group collects errors until the last task has ended, and raises them together."""

    async def clean_up_fails(seconds: float, error: Exception) -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await fail(seconds, error)

    async def fail_together(gate: asyncio.Event, error: Exception) -> None:
        await gate.wait()
        raise error

    async def block(found: list[Exception]) -> None:
        gate = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(fail_together(gate, found[0]))
            group.create_task(fail_together(gate, found[1]))
            group.create_task(clean_up_fails(1, found[2]))
            group.create_task(clean_up_fails(2, found[3]))
            await asyncio.sleep(1)
            gate.set()
            await clean_up_fails(3, found[4])

    async def main() -> None:
        found = [LookupError(), OSError(), ValueError(), KeyError(), ArithmeticError()]
        with pytest.raises(ExceptionGroup) as caught:
            await block(found)
        assert len(caught.value.exceptions) == 5
        assert {*caught.value.exceptions} == {*found}

    virtual_clock.run(main())


def test_except_star_sorts() -> None:
    """Several `except*` clauses may run for one group, each with the errors of its kind, wherever in the tree they happened. What no clause takes is raised further, as a group again."""
    taken: dict[str, list[str]] = {}

    def leaves(group: BaseExceptionGroup[BaseException]) -> list[str]:
        found: list[str] = []
        for error in group.exceptions:
            nested = isinstance(error, BaseExceptionGroup)
            found += leaves(error) if nested else [str(error)]
        return found

    async def wait_and_fail(gate: asyncio.Event, error: Exception) -> None:
        await gate.wait()
        raise error

    async def tree() -> None:
        gate = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(wait_and_fail(gate, LookupError("a")))
            async with asyncio.TaskGroup() as inner:
                for error in (LookupError("b"), OSError("c"), ValueError("d")):
                    inner.create_task(wait_and_fail(gate, error))
                await asyncio.sleep(1)
                gate.set()

    async def handle() -> None:
        try:
            await tree()
        except* LookupError as errors:
            taken["LookupError"] = leaves(errors)
        except* OSError as errors:
            taken["OSError"] = leaves(errors)

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as caught:
            await handle()
        assert taken == {"LookupError": ["a", "b"], "OSError": ["c"]}
        assert leaves(caught.value) == ["d"]

    virtual_clock.run(main())


def test_errors_is_a_group() -> None:
    """`errors` is a group even around one error; the errors themselves are in `errors.exceptions`, which may hold groups in turn."""
    error = LookupError("no room left")
    seen: list[tuple[type, tuple[Exception, ...]]] = []
    for raised in (error, ExceptionGroup("in", [error])):
        try:
            raise ExceptionGroup("out", [raised])
        except* LookupError as errors:
            seen.append((type(errors), errors.exceptions))
    (one, flat), (other, nested) = seen
    assert one is other is ExceptionGroup
    assert flat == (error,)
    (group,) = nested
    assert isinstance(group, ExceptionGroup)
    assert group.exceptions == (error,)


@pytest.mark.parametrize("word", ["return", "break", "continue"])
def test_no_way_out_of_a_clause(word: str) -> None:
    """And `return`, `break` and `continue` cannot leave an `except*` clause: that is a syntax error."""
    source = (
        "def f():\n for _ in '':\n  try:\n   pass\n  except{star} OSError:\n   {word}\n"
    )
    compile(source.format(star="", word=word), "f", "exec")
    with pytest.raises(SyntaxError, match="cannot appear in an except"):
        compile(source.format(star="*", word=word), "f", "exec")


def test_the_body_fails(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The group cancels the seat, waits until it is given back, and raises the error of the body, in an `ExceptionGroup` although no task had failed."""
    program = load(f"{HERE}/the_body_is_one_of_the_group")

    seats: list[asyncio.Task[None]] = []

    async def block() -> None:
        async with asyncio.TaskGroup() as group:
            seats.append(group.create_task(program.hold_seat(100)))
            await program.ask_customer(1)

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as caught:
            await block()
        assert seats[0].cancelled()
        assert [*map(type, caught.value.exceptions)] == [ValueError]
        lines = capsys.readouterr().out.splitlines()
        assert lines == ["customer: hung up", "seat: given back"]

    virtual_clock.run(main())


def test_the_body_is_cancelled(load: Load) -> None:
    """the body is cancelled at its `await`, and the rest of it does not run. The group keeps that `CancelledError` to itself; what comes out is the error of the seat."""
    program = load(f"{HERE}/the_body_is_one_of_the_group")
    steps: list[str] = []

    async def block() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(program.hold_seat(1))
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                steps.append("cancelled")
                raise
            steps.append("the rest")

    async def main() -> None:
        me = asyncio.current_task()
        assert me is not None
        with pytest.raises(ExceptionGroup) as caught:
            await block()
        assert steps == ["cancelled"]
        assert [*map(type, caught.value.exceptions)] == [LookupError]
        assert me.cancelling() == 0
        await asyncio.sleep(1)  # it can wait again, as if nothing had been

    virtual_clock.run(main())


def test_an_endless_task(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """A group waits for all of its tasks, so one endless loop keeps the block open for ever. Cancel it when the work is done."""
    program = load(f"{HERE}/a_helper_ends_with_its_block")

    async def open_line() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(program.keep_the_line_open())

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1000):
                await open_line()
        assert capsys.readouterr().out.count("still there?") == 100
        async with asyncio.timeout(1):
            await program.main()
        assert others() == 0

    virtual_clock.run(main())


def test_a_cancelled_task_has_not_failed() -> None:
    """To the group, a cancelled task has not failed: it cancels no others, and raises nothing."""
    ends = Ends()

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            gone = group.create_task(ends.task("gone", 100))
            group.create_task(ends.task("other", 2))
            await asyncio.sleep(1)
            gone.cancel()
        assert gone.cancelled()
        assert {name: how for name, (how, _) in ends.seen.items()} == {
            "gone": "cancelled",
            "other": "returned",
        }

    virtual_clock.run(main())


def test_errors_as_results(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing. The error is one of two results that nobody looks at, and the flight is paid for a trip without a hotel. No task is left over, since `gather` waits for all."""
    program = changed(
        "left_running_broken", "pay_flight())", "pay_flight(), return_exceptions=True)"
    )
    virtual_clock.run(program["main"]())
    assert capsys.readouterr().out.splitlines() == [
        "flight: calling the bank",
        "flight: paid",
        "flight: hung up",
        "main: tasks left over: 0",
        "main: done",
    ]


def test_tasks_of_no_block(capsys: pytest.CaptureFixture[str]) -> None:
    """Only `home`. The others belong to no block. They have begun to wait when `main` ends, and `asyncio.run` cancels them."""
    program = changed(
        "a_block_waits_for_every_task_in_it",
        "search.create_task(read(inner",
        "asyncio.create_task(read(inner",
    )
    ends: dict[str, str] = {}
    read = program["read"]

    async def watched(folder: str, search: asyncio.TaskGroup) -> None:
        ends[folder] = "waits"
        try:
            await read(folder, search)
            ends[folder] = "read"
        except asyncio.CancelledError:
            ends[folder] += ", cancelled"
            raise

    program["read"] = watched
    virtual_clock.run(program["main"]())
    assert ends == {
        "home": "read",
        "music": "waits, cancelled",
        "letters": "waits, cancelled",
    }
    assert capsys.readouterr().out.splitlines() == [
        "main: at the end of the block",
        "read: home",
        "main: the search is over",
    ]


def test_a_clause_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    """The first, once, with both errors. The second has none left to take."""
    program = changed("two_errors_fixed", "except* LookupError", "except* Exception")
    virtual_clock.run(program["main"]())
    assert capsys.readouterr().out.splitlines() == [
        "trip: look for another hotel, no room left the bank does not answer",
        "main: both errors were handled",
    ]
