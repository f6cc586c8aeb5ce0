"""The claims of `how-to/choose-how-to-wait.md`."""

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
HERE = EXAMPLES / "choose_how_to_wait"


async def after(seconds: float, result: str = "done") -> str:
    await asyncio.sleep(seconds)
    return result


async def fail(seconds: float = 0) -> str:
    await asyncio.sleep(seconds)
    raise LookupError


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


def left() -> set[asyncio.Task[Any]]:
    """The tasks that run beside this one."""
    return asyncio.all_tasks() - {asyncio.current_task()}


@pytest.mark.parametrize("how", ["group", "gather", "wait", "as_completed"])
def test_what_is_left_running(how: str) -> None:
    """If in doubt, take the `TaskGroup`: it is the only one of the four that ends the others when one fails, and waits until they have ended."""

    async def all_of_them() -> None:
        jobs = [fail(1), after(10)]
        if how == "group":
            async with asyncio.TaskGroup() as group:
                for job in jobs:
                    group.create_task(job)
        elif how == "gather":
            await asyncio.gather(*jobs)
        elif how == "wait":
            tasks = [asyncio.create_task(job) for job in jobs]
            done, _ = await asyncio.wait(tasks, return_when="FIRST_EXCEPTION")
            await done.pop()
        else:
            for answer in asyncio.as_completed(jobs):
                await answer

    async def main() -> None:
        with pytest.raises((LookupError, ExceptionGroup)):
            await all_of_them()
        assert len(left()) == (0 if how == "group" else 1)

    virtual_clock.run(main())


def test_in_the_order_in_which_they_come() -> None:
    """`as_completed` gives the results in the order in which they come."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        jobs = [after(seconds, f"{seconds}") for seconds in (3, 1, 2)]
        got = []
        for answer in asyncio.as_completed(jobs):
            got.append((await answer, round(loop.time() - begun)))
        assert got == [("1", 1), ("2", 2), ("3", 3)]

    virtual_clock.run(main())


def test_all_are_under_way() -> None:
    """It makes a task of each coroutine, so all three questions are under way from the first `await` on."""

    async def main() -> None:
        answers = iter(asyncio.as_completed([after(n) for n in (1, 2, 3)]))
        await next(answers)
        assert len(left()) == 2
        for answer in answers:
            await answer

    virtual_clock.run(main())


def test_in_no_certain_order() -> None:
    """(They start in no certain order; make the tasks yourself if you want one.)"""

    async def main(own: bool) -> list[int]:
        begun: list[int] = []

        async def ask(number: int) -> None:
            begun.append(number)
            await asyncio.sleep(1)

        jobs: list[Any] = [ask(number) for number in range(50)]
        if own:
            jobs = [asyncio.create_task(job) for job in jobs]
        for answer in asyncio.as_completed(jobs):
            await answer
        return begun

    assert virtual_clock.run(main(own=True)) == list(range(50))
    others = [virtual_clock.run(main(own=False)) for _ in range(10)]
    assert any(order != list(range(50)) for order in others)


def test_a_failed_task() -> None:
    """If a task failed, the `await` raises its error."""

    async def main() -> None:
        ends = []
        for answer in asyncio.as_completed([after(2), fail(1)]):
            try:
                ends.append(await answer)
            except LookupError:
                ends.append("failed")
        assert ends == ["failed", "done"]

    virtual_clock.run(main())


@pytest.mark.parametrize("why", ["break", "error"])
def test_the_others_go_on(why: str) -> None:
    """The others go on, also when you leave the loop: neither `break` nor an error cancels them."""

    async def some(tasks: list[asyncio.Task[str]]) -> None:
        for answer in asyncio.as_completed(tasks):
            await answer
            break

    async def main() -> None:
        first = fail(1) if why == "error" else after(1)
        tasks = [asyncio.create_task(job) for job in (first, after(2), after(3))]
        if why == "error":
            with pytest.raises(LookupError):
                await some(tasks)
        else:
            await some(tasks)
        assert [task.done() for task in tasks] == [True, False, False]
        assert await asyncio.gather(*tasks[1:]) == ["done", "done"]

    virtual_clock.run(main())


def test_a_timeout_of_its_own() -> None:
    """`as_completed` has a `timeout` of its own, which raises `TimeoutError` at the `await`, and leaves them running as well."""

    async def main() -> None:
        tasks = [asyncio.create_task(after(seconds)) for seconds in (1, 5)]
        ends = []
        for answer in asyncio.as_completed(tasks, timeout=2):
            try:
                ends.append(await answer)
            except TimeoutError:
                ends.append("time is up")
        assert ends == ["done", "time is up"]
        assert await tasks[1] == "done"

    virtual_clock.run(main())


def test_ada_pays_graces_fee(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Ada's fee is 0.3, and she pays 0.1."""
    program = load("choose_how_to_wait/whose_answer_broken")
    assert program.FEES["Ada"] == 0.3
    virtual_clock.run(program.main())
    assert told(capsys)[0] == "Ada pays 0.1"


def test_right_by_chance(capsys: pytest.CaptureFixture[str]) -> None:
    """No error tells you, and on a day when the answers come in order the program is right."""
    program = changed(
        "whose_answer_broken", '"Ada": 0.3, "Grace": 0.1', '"Ada": 0.1, "Grace": 0.15'
    )
    virtual_clock.run(program["main"]())
    assert told(capsys) == ["Ada pays 0.1", "Grace pays 0.15", "Alan pays 0.2"]


def test_async_for() -> None:
    """`async for` over `as_completed` yields the tasks that you put in, when they have ended, so they can be keys of a dictionary:"""

    async def main() -> None:
        tasks = [asyncio.create_task(after(n, f"{n}")) for n in (2, 1)]
        if sys.version_info < (3, 13):
            with pytest.raises(TypeError):
                async for _ in asyncio.as_completed(tasks):
                    pass
            await asyncio.gather(*tasks)
            return
        seen = []
        async for task in asyncio.as_completed(tasks):
            assert task.done()
            seen.append(task)
        assert seen == [tasks[1], tasks[0]]

    virtual_clock.run(main())


def test_two_sets() -> None:
    """`asyncio.wait` takes tasks and returns two sets of them, those that are done and those that are not."""

    async def main() -> None:
        tasks = [asyncio.create_task(after(seconds)) for seconds in (1, 5)]
        done, late = await asyncio.wait(tasks, timeout=2)
        assert (done, late) == ({tasks[0]}, {tasks[1]})
        assert type(done) is type(late) is set
        await tasks[1]

    virtual_clock.run(main())


def test_it_wants_tasks() -> None:
    """It wants tasks: a coroutine raises `TypeError`."""

    async def main() -> None:
        coroutine = after(1)
        with pytest.raises(TypeError, match="coroutines is forbidden"):
            await asyncio.wait([coroutine])  # type: ignore[type-var]
        coroutine.close()

    virtual_clock.run(main())


def test_wait_ends_no_task() -> None:
    """`wait` ends no task, not even when it is cancelled itself, so the program cancels those that it does not need, and waits until they have turned round: with `gather`, since `wait` raises `ValueError` for an empty set."""

    async def main() -> None:
        task = asyncio.create_task(after(5))
        waiting = asyncio.create_task(asyncio.wait([task]))
        await asyncio.sleep(1)
        waiting.cancel()
        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert await task == "done"
        with pytest.raises(ValueError, match="empty"):
            await asyncio.wait(set())
        assert await asyncio.gather(*set[Any]()) == []

    virtual_clock.run(main())


def test_one_taxi(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Two may end in the same round of the loop; then both are in `done`."""
    program = load("choose_how_to_wait/the_first_answer_wins")
    for taxi in [taxi for taxi in program.TAXIS if taxi != "blue"]:
        del program.TAXIS[taxi]
    virtual_clock.run(program.main())
    assert told(capsys) == ["main: took the blue", "main: all home? True"]


def test_two_in_one_round() -> None:
    """Two may end in the same round of the loop; then both are in `done`."""

    async def main() -> None:
        start = asyncio.Event()

        async def run(name: str) -> str:
            await start.wait()
            return name

        tasks = [asyncio.create_task(run(name)) for name in ("red", "blue")]
        asyncio.get_running_loop().call_later(1, start.set)
        done, late = await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
        assert (done, late) == (set(tasks), set())

    virtual_clock.run(main())


def test_the_first_may_have_failed() -> None:
    """And the first that ends may have failed: `result()` would raise its error here."""

    async def main() -> None:
        tasks = [asyncio.create_task(job) for job in (fail(1), after(2))]
        done, late = await asyncio.wait(tasks, return_when="FIRST_COMPLETED")
        with pytest.raises(LookupError):
            done.pop().result()
        # To take the first that succeeds, call wait again with the rest.
        done, _ = await asyncio.wait(late, return_when="FIRST_COMPLETED")
        assert done.pop().result() == "done"

    virtual_clock.run(main())


def test_it_returns() -> None:
    """It raises neither `TimeoutError` nor what a task has raised; an error stays in its task, where `exception()` has it."""

    async def main() -> None:
        tasks = [asyncio.create_task(job) for job in (fail(1), after(9))]
        done, late = await asyncio.wait(tasks, timeout=2)
        assert isinstance(done.pop().exception(), LookupError)
        assert late == {tasks[1]}
        assert await tasks[1] == "done"

    virtual_clock.run(main())


def test_the_opposite_in_both() -> None:
    """`asyncio.timeout` is the opposite in both: it raises, and it cancels what it surrounds."""

    async def main() -> None:
        task = asyncio.create_task(after(9))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await task
        assert task.cancelled()

    virtual_clock.run(main())


def test_unasked() -> None:
    """`ALL_COMPLETED` is what `wait` does unasked."""

    async def main() -> None:
        tasks = [asyncio.create_task(job) for job in (fail(1), after(2), after(3))]
        done, late = await asyncio.wait(tasks)
        assert (done, late) == (set(tasks), set())
        assert isinstance(tasks[0].exception(), LookupError)

    virtual_clock.run(main())


@pytest.mark.parametrize("fails", [False, True])
def test_first_exception(fails: bool) -> None:
    """With `FIRST_EXCEPTION`, `wait` returns as soon as one task has failed, or when all are done."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        jobs = (after(1), fail(2) if fails else after(2), after(3))
        tasks = [asyncio.create_task(job) for job in jobs]
        done, late = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        assert round(loop.time() - begun) == (2 if fails else 3)
        assert len(late) == (1 if fails else 0)
        assert sum(task.exception() is not None for task in done) == fails
        await tasks[2]

    virtual_clock.run(main())


def test_cancelled_is_done(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """A task that was cancelled counts as done, and not as failed."""
    program = load("choose_how_to_wait/until_the_first_error")

    async def cancel_one() -> None:
        for part in [part for part in program.CHECKS if part != "brakes"]:
            del program.CHECKS[part]
        inspecting = asyncio.create_task(program.inspect(broken="horn"))
        await asyncio.sleep(0.05)
        next(t for t in left() if t is not inspecting).cancel()
        await inspecting

    virtual_clock.run(cancel_one())
    assert told(capsys) == ["looked at: 1 not looked at: 0"]

    async def main() -> None:
        tasks = [asyncio.create_task(after(seconds)) for seconds in (5, 2)]
        asyncio.get_running_loop().call_later(1, tasks[0].cancel)
        done, late = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        assert (done, late) == (set(tasks), set())
        assert tasks[0].cancelled()

    virtual_clock.run(main())


def test_what_run_cancels() -> None:
    """They are, until `main` returns; then `asyncio.run` cancels them in the middle of their wait."""
    shorter = changed(
        "results_as_they_come",
        "print(await answer)  # paused until one more has come",
        "print(await answer); asked.update(left()); break",
    )
    asked: set[asyncio.Task[Any]] = set()
    shorter.update(asked=asked, left=left)
    asyncio.run(shorter["main"]())
    assert len(asked) == 2
    assert all(task.cancelled() for task in asked)


def test_half_a_second(load: Load) -> None:
    """Half a second: the `gather` waits for the green taxi."""

    async def timed(main: Callable[[], Any]) -> float:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await main()
        return round(loop.time() - begun, 2)

    original = load("choose_how_to_wait/the_first_answer_wins").main
    assert virtual_clock.run(timed(original)) == 0.1
    patient = changed("the_first_answer_wins", "taxi.cancel()", "pass")["main"]
    assert virtual_clock.run(timed(patient)) == 0.5
