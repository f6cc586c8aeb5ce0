"""The claims of `how-to/wait-for-one-another.md`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "wait_for_one_another"


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, old: str, new: str) -> dict[str, Any]:
    """The names of a program in which the first `old` reads `new`."""
    source = (HERE / f"{program}.py").read_text("utf-8")
    assert old in source
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(source.replace(old, new, 1), program, "exec"), names)
    return names


def test_the_one_that_makes_it_full() -> None:
    """Each `wait` pauses its task, except the one that makes the number full: that lets all of them go on."""

    async def main() -> None:
        barrier = asyncio.Barrier(3)
        waiters = [asyncio.create_task(barrier.wait()) for _ in range(2)]
        await asyncio.sleep(10)
        assert [waiter.done() for waiter in waiters] == [False, False]
        assert barrier.n_waiting == 2
        turns: list[str] = []
        asyncio.get_running_loop().call_soon(turns.append, "another")
        third = await barrier.wait()
        assert turns == []
        numbers = [third, *await asyncio.gather(*waiters)]
        assert sorted(numbers) == [0, 1, 2]

    virtual_clock.run(main())


def test_the_next_round() -> None:
    """Then the barrier is empty again and good for the next round."""

    async def main() -> None:
        barrier = asyncio.Barrier(2)
        rounds: list[int] = []

        async def run() -> None:
            for number in range(3):
                await barrier.wait()
                rounds.append(number)

        await asyncio.gather(run(), run())
        assert rounds == [0, 0, 1, 1, 2, 2]
        assert barrier.n_waiting == 0

    virtual_clock.run(main())


@pytest.mark.parametrize("end", ["returns", "fails", "is cancelled"])
def test_it_knows_nothing_of_it(end: str) -> None:
    """Nothing tells it that a task has failed or was cancelled either."""

    async def leave() -> None:
        if end == "fails":
            raise LookupError
        if end == "is cancelled":
            await asyncio.sleep(3600)

    async def main() -> None:
        barrier = asyncio.Barrier(2)
        waiter = asyncio.create_task(barrier.wait())
        other = asyncio.create_task(leave())
        await asyncio.sleep(1)
        other.cancel()
        await asyncio.wait([other])
        done, _ = await asyncio.wait([waiter], timeout=24 * 3600)
        assert not done
        waiter.cancel()

    virtual_clock.run(main())


def test_abort() -> None:
    """`abort` breaks the barrier: `BrokenBarrierError` comes out of every `wait`, now and later, until somebody calls `reset`."""

    async def main() -> None:
        barrier = asyncio.Barrier(2)
        waiter = asyncio.create_task(barrier.wait())
        await asyncio.sleep(1)
        await barrier.abort()
        with pytest.raises(asyncio.BrokenBarrierError):
            await waiter
        for _ in range(2):
            with pytest.raises(asyncio.BrokenBarrierError):
                await barrier.wait()
        assert barrier.broken
        await barrier.reset()
        assert sorted(await asyncio.gather(barrier.wait(), barrier.wait())) == [0, 1]

    virtual_clock.run(main())


def test_in_a_group() -> None:
    """If all of them are in one `TaskGroup`, and a runner raises, you need none of this: the group cancels those who wait."""

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError

    waiters: list[asyncio.Task[int]] = []

    async def race() -> None:
        barrier = asyncio.Barrier(3)
        async with asyncio.TaskGroup() as group:
            waiters.extend(group.create_task(barrier.wait()) for _ in range(2))
            group.create_task(fail())

    async def main() -> None:
        with pytest.raises(ExceptionGroup):
            await race()
        assert [waiter.cancelled() for waiter in waiters] == [True, True]

    virtual_clock.run(main())


def test_set_returns_first() -> None:
    """`set` wakes all who wait, and returns before any of them has run."""

    async def main() -> None:
        gate = asyncio.Event()
        waiters = [asyncio.create_task(gate.wait()) for _ in range(3)]
        await asyncio.sleep(1)
        gate.set()
        assert not any(waiter.done() for waiter in waiters)
        assert await asyncio.gather(*waiters) == [True] * 3

    virtual_clock.run(main())


def test_an_open_gate() -> None:
    """Alan came while the gate was open: his `wait` did not pause."""

    async def main() -> None:
        gate = asyncio.Event()
        gate.set()
        turns: list[str] = []
        asyncio.get_running_loop().call_soon(turns.append, "another")
        await gate.wait()
        assert turns == []

    virtual_clock.run(main())


def test_clear_follows_at_once() -> None:
    """Those whom a `set` has woken go in even if `clear` follows at once."""

    async def main() -> None:
        gate = asyncio.Event()
        early = asyncio.create_task(gate.wait())
        await asyncio.sleep(1)
        gate.set()
        gate.clear()
        late = asyncio.create_task(gate.wait())
        await asyncio.wait([early, late], timeout=3600)
        assert (early.done(), late.done()) == (True, False)
        late.cancel()

    virtual_clock.run(main())


def test_heard_three_times(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The bell rang once and was heard three times, for nobody had cleared it."""
    virtual_clock.run(load("wait_for_one_another/set_and_clear_broken").main())
    assert told(capsys)[1:] == ["rung once, and heard: 1 2 3"]


def test_a_second_listener() -> None:
    """If the listener clears it, a second listener may miss it."""

    async def main() -> None:
        bell = asyncio.Event()
        heard: list[str] = []

        async def listen(name: str, busy: float) -> None:
            await asyncio.sleep(busy)
            await bell.wait()
            bell.clear()
            heard.append(name)

        listeners = [asyncio.create_task(listen(*who)) for who in (("A", 0), ("B", 2))]
        await asyncio.sleep(1)
        bell.set()
        await asyncio.wait(listeners, timeout=3600)
        assert heard == ["A"]
        listeners[1].cancel()

    virtual_clock.run(main())


def test_those_who_wait_at_that_moment() -> None:
    """For things that happen, use a `Condition`: `notify_all` wakes those who wait at that moment, and no other."""

    async def main() -> None:
        bell = asyncio.Condition()

        async def listen() -> None:
            async with bell:
                await bell.wait()

        early = [asyncio.create_task(listen()) for _ in range(2)]
        await asyncio.sleep(1)
        async with bell:
            bell.notify_all()
        late = asyncio.create_task(listen())
        await asyncio.wait([*early, late], timeout=3600)
        assert [task.done() for task in (*early, late)] == [True, True, False]
        late.cancel()

    virtual_clock.run(main())


def test_the_lock_of_a_condition() -> None:
    """`wait` gives it up while it waits, and has it again when it returns; without the lock, `wait` and `notify_all` raise `RuntimeError`."""

    async def main() -> None:
        bell = asyncio.Condition()
        seen: list[bool] = []

        async def listen() -> None:
            async with bell:
                await bell.wait()
                seen.append(bell.locked())

        listener = asyncio.create_task(listen())
        await asyncio.sleep(1)
        assert not bell.locked()
        with pytest.raises(RuntimeError):
            bell.notify_all()
        with pytest.raises(RuntimeError):
            await bell.wait()
        async with bell:
            bell.notify_all()
        await listener
        assert seen == [True]

    virtual_clock.run(main())


def test_nobody_hears_it() -> None:
    """A ring while nobody waits is heard by nobody."""

    async def main() -> None:
        bell = asyncio.Condition()
        async with bell:
            bell.notify_all()

        async def listen() -> None:
            async with bell:
                await bell.wait()

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(listen(), 3600)

    virtual_clock.run(main())


def test_nobody_is_thrown_out(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the wait stands inside the timeout, so nobody is thrown out of the bath."""
    bathe = load("wait_for_one_another/try_the_lock").bathe

    async def main() -> None:
        bath = asyncio.Lock()
        await bathe("Ada", bath, limit=0.01)
        assert not bath.locked()

    virtual_clock.run(main())
    assert told(capsys)[-1] == "Ada: clean"


def test_when() -> None:
    """`when` tells the moment at which the timeout would have ended the wait; what is left of it can be the limit of the next one."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        async with asyncio.timeout(5) as first:
            await asyncio.sleep(2)
        assert first.when() == pytest.approx(begun + 5, abs=0.01)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout_at(first.when()):
                await asyncio.sleep(3600)
        assert loop.time() == pytest.approx(begun + 5, abs=0.01)

    virtual_clock.run(main())


def test_whoever_has_waited_longest() -> None:
    """The lock goes to whoever has waited longest."""

    async def main() -> None:
        lock = asyncio.Lock()
        order: list[int] = []

        async def enter(number: int) -> None:
            async with lock:
                order.append(number)
                await asyncio.sleep(1)

        await asyncio.gather(*(enter(number) for number in range(5)))
        assert order == [0, 1, 2, 3, 4]

    virtual_clock.run(main())


def test_somebody_before_you() -> None:
    """When `locked` says no, `acquire` may wait all the same: a lock that was released a moment ago is kept for whoever has waited longest."""

    async def main() -> None:
        lock = asyncio.Lock()
        await lock.acquire()
        first = asyncio.create_task(lock.acquire())
        await asyncio.sleep(1)
        lock.release()
        assert not lock.locked()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await lock.acquire()
        assert first.done()

    virtual_clock.run(main())


def test_no_other_task_has_a_turn(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """It never pauses, so no other task has a turn while the bag is filled."""

    async def main() -> None:
        queue: asyncio.Queue[int] = asyncio.Queue()
        for number in range(100):
            queue.put_nowait(number)
        turns: list[str] = []
        asyncio.get_running_loop().call_soon(turns.append, "another")
        taken = [queue.get_nowait() for _ in range(100)]
        assert turns == []
        assert len(taken) == 100
        with pytest.raises(asyncio.QueueEmpty):
            queue.get_nowait()

    virtual_clock.run(main())
    virtual_clock.run(load("wait_for_one_another/all_that_is_there").main())
    assert "one trip with B C D" in told(capsys)


def test_join() -> None:
    """`join` waits until `task_done` was called for each letter."""

    async def main() -> None:
        queue: asyncio.Queue[str] = asyncio.Queue()
        for letter in "AB":
            queue.put_nowait(letter)
        joined = asyncio.create_task(queue.join())
        for _ in range(2):
            queue.get_nowait()
        await asyncio.wait([joined], timeout=3600)
        assert not joined.done()
        queue.task_done()
        queue.task_done()
        await joined

    virtual_clock.run(main())


def test_the_postman_fails(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the postman fails, nobody calls it: the `TaskGroup` then ends the wait."""
    program = load("wait_for_one_another/all_that_is_there")

    async def fall(letters: asyncio.Queue[str]) -> None:
        await letters.get()
        raise OSError("the postman fell")

    monkeypatch.setattr(program, "deliver", fall)
    with pytest.raises(ExceptionGroup) as caught:
        virtual_clock.run(program.main())
    assert caught.group_contains(OSError, match="fell")


def test_four_expected() -> None:
    """The three wait for ever, and the program hangs until you press Ctrl-C."""
    four = changed(
        "all_start_together", "asyncio.Barrier(len(WALK))", "asyncio.Barrier(4)"
    )

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(24 * 3600):
                await four["main"]()

    virtual_clock.run(main())


def test_ada_and_grace_still_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Ada and Grace still do: `set` had woken them. Alan finds the gate closed, and gets in with Edsger at the end."""
    short = changed(
        "a_gate_opens_and_closes", "gate.set()\n", "gate.set()\n        gate.clear()\n"
    )
    virtual_clock.run(short["main"]())
    lines = told(capsys)
    assert "Alan: is it open? False" in lines
    opened = [number for number, line in enumerate(lines) if line == "main: open"]
    assert [line for line in lines[opened[0] :] if line.endswith(": in")] == [
        "Ada: in",
        "Grace: in",
        "Alan: in",
        "Edsger: in",
    ]
    assert set(lines[opened[1] :]) == {"main: open", "Alan: in", "Edsger: in"}
