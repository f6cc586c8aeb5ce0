"""The claims of `concepts/shared-state.md`."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, *edits: tuple[str, str]) -> dict[str, Any]:
    """The names of a program of this page in which a reader changed something."""
    source = (EXAMPLES / "shared_state" / f"{program}.py").read_text("utf-8")
    for old, new in edits:
        assert old in source
        source = source.replace(old, new)
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(source, program, "exec"), names)
    return names


def test_out_of_date(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """What you read before an `await` may be out of date after it."""
    program = load("shared_state/lost_update_broken")

    async def main() -> None:
        till = {"cash": 100}
        sale = asyncio.create_task(program.sell("cake", 20, till))
        await asyncio.sleep(0.1)
        till["cash"] = 5000
        await sale
        assert till == {"cash": 120}

    virtual_clock.run(main())
    assert told(capsys) == ["cake: the till has 100", "cake: that makes 120"]


@pytest.mark.parametrize(("kind", "left"), [("broken", 120), ("fixed", 130)])
def test_one_step(kind: str, left: int, load: Load) -> None:
    """What has changed is what lies in the second piece of each: reading, adding and writing are now one step, and one step runs at a time."""
    sell = load(f"shared_state/lost_update_{kind}").sell

    async def main() -> None:
        till = {"cash": 100}
        await asyncio.gather(sell("bread", 10, till), sell("cake", 20, till))
        assert till == {"cash": left}

    virtual_clock.run(main())


@pytest.mark.parametrize("kind", ["async with", "async for"])
def test_they_await_too(kind: str) -> None:
    """In asyncio that point is an `await`, and `async with` and `async for` await too."""

    class Coins:
        async def __aenter__(self) -> None:
            await asyncio.sleep(1)

        async def __aexit__(self, *_: object) -> None:
            return None

        async def __aiter__(self) -> AsyncIterator[None]:
            await asyncio.sleep(1)
            yield

    async def sell(till: dict[str, int]) -> None:
        before = till["cash"]
        if kind == "async with":
            async with Coins():
                till["cash"] = before + 10
        else:
            async for _ in Coins():
                till["cash"] = before + 10

    async def main() -> None:
        till = {"cash": 100}
        await asyncio.gather(sell(till), sell(till))
        assert till == {"cash": 110}

    virtual_clock.run(main())


async def meet(guests: Any, during: Callable[[], object]) -> list[str]:
    """Go through `guests` with an await for each; `during` comes after the first."""
    met: list[str] = []

    async def greet(name: str) -> None:
        met.append(name)
        await asyncio.sleep(1)

    async def go_through() -> None:
        for name in guests:
            await greet(name)

    task = asyncio.create_task(go_through())
    await asyncio.sleep(0.5)
    during()
    await task
    return met


def test_a_dict_that_grows() -> None:
    """If another task adds a guest while `for name in guests: await greet(name)` goes through a dict, the loop ends with `RuntimeError`."""
    guests = dict.fromkeys(["Ada", "Grace"], 1)

    async def main() -> None:
        with pytest.raises(RuntimeError, match="changed size during iteration"):
            await meet(guests, lambda: guests.update(Alan=1))

    virtual_clock.run(main())


def test_a_list_that_shrinks() -> None:
    """If one is removed from a list meanwhile, the loop may skip a guest without a word."""
    guests = ["Ada", "Grace", "Alan"]
    met = virtual_clock.run(meet(guests, lambda: guests.remove("Ada")))
    assert met == ["Ada", "Alan"]


def test_a_copy() -> None:
    """Go through a copy, `list(guests)`."""
    names = ["Ada", "Grace", "Alan"]
    table = dict.fromkeys(names, 1)
    met = virtual_clock.run(meet(list(table), lambda: table.update(Edsger=1)))
    assert met == names
    queue = list(names)
    met = virtual_clock.run(meet(list(queue), lambda: queue.remove("Ada")))
    assert met == names


def test_two_doors(load: Load) -> None:
    """With the `await` in between, both doors read the same number each time, and one of two clicks is lost."""
    program = load("shared_state/only_an_await_lets_others_in")
    seen: list[int] = []

    class Watched(dict[str, int]):
        def __getitem__(self, key: str) -> int:
            seen.append(super().__getitem__(key))
            return seen[-1]

    async def main() -> None:
        clicker = Watched(count=0)
        click = program.await_between
        await asyncio.gather(click(clicker), click(clicker))
        assert clicker == {"count": 100}
        assert seen == [number for number in range(100) for _ in "ab"]

    virtual_clock.run(main())


def test_three_doors(load: Load) -> None:
    """With the `await` after the work, none of 300 is, without a lock."""
    program = load("shared_state/only_an_await_lets_others_in")
    by: list[str] = []

    class Watched(dict[str, int]):
        def __setitem__(self, key: str, value: int) -> None:
            task = asyncio.current_task()
            assert task is not None
            by.append(task.get_name())
            super().__setitem__(key, value)

    async def main() -> None:
        clicker = Watched(count=0)
        async with asyncio.TaskGroup() as group:
            for door in "abc":
                group.create_task(program.await_after(clicker), name=door)
        assert clicker == {"count": 300}
        assert by == ["a", "b", "c"] * 100  # they did take turns

    virtual_clock.run(main())


@pytest.mark.parametrize("way", ["factory", "eager_start"])
def test_an_eager_task(way: str) -> None:
    """Beware of one thing: under an eager task factory (Python 3.12), or with `eager_start=True` (3.14), `create_task` runs the first step of the new task in the middle of yours."""
    since = (3, 12) if way == "factory" else (3, 14)
    options: dict[str, Any] = {}
    steps: list[str] = []

    async def other() -> None:
        steps.append("the other's first step")
        await asyncio.sleep(0)
        steps.append("its second")

    async def main() -> None:
        if way == "eager_start" and sys.version_info >= since:
            options["eager_start"] = True
        elif sys.version_info >= (3, 12) and way == "factory":
            loop = asyncio.get_running_loop()
            loop.set_task_factory(asyncio.eager_task_factory)
        task = asyncio.create_task(other(), **options)
        steps.append("still my step")
        await task

    virtual_clock.run(main())
    first = ["the other's first step", "still my step"]
    if sys.version_info < since:
        first.reverse()
    if sys.version_info < (3, 12):
        assert not hasattr(asyncio, "eager_task_factory")
    assert steps == [*first, "its second"]


def test_a_queue_for_the_lock() -> None:
    """Waiting tasks get the lock in the order in which they asked for it, and one that comes along at the moment of the release does not overtake them."""

    async def main() -> None:
        lock = asyncio.Lock()
        order: list[str] = []

        async def enter(name: str) -> None:
            async with lock:
                order.append(name)

        await lock.acquire()
        waiting = []
        for name in ("Ada", "Grace", "Alan"):
            waiting.append(asyncio.create_task(enter(name)))
            await asyncio.sleep(1)
        lock.release()
        assert not lock.locked()
        await enter("latecomer")  # asks before Ada has had her turn
        await asyncio.wait(waiting)
        assert order == ["Ada", "Grace", "Alan", "latecomer"]

    virtual_clock.run(main())


@pytest.mark.parametrize("customers", [1, 3])
def test_three_times_as_long(customers: int, load: Load) -> None:
    """Three customers take three times as long as one."""
    program = load("shared_state/a_lock_keeps_two_awaits_together")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        shelf = program.Shelf(5)
        start = loop.time()
        await asyncio.gather(*(program.buy("x", shelf) for _ in range(customers)))
        took = loop.time() - start
        assert took == pytest.approx(0.1 * customers, abs=0.005)
        assert shelf.loaves == 5 - customers

    virtual_clock.run(main())


def test_everybody_hangs(load: Load) -> None:
    """If the server hangs, everybody hangs."""
    program = load("shared_state/a_lock_keeps_two_awaits_together")

    async def hang() -> int:
        return await asyncio.sleep(3600 * 24, 3)

    async def main() -> None:
        shelf = program.Shelf(3)
        shelf.read = hang
        first = asyncio.create_task(program.buy("Ada", shelf))
        await asyncio.sleep(1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):  # a limit helps the others
                await program.buy("Grace", shelf)
        assert not first.done()
        first.cancel()
        await asyncio.wait([first])
        assert not shelf.lock.locked()

    virtual_clock.run(main())


def test_a_timeout_inside(load: Load) -> None:
    """Keep slow awaits that need not be inside out of the block, and put a timeout around those that must be."""
    program = load("shared_state/a_lock_keeps_two_awaits_together")

    async def main() -> None:
        shelf = program.Shelf(3)
        read, hangs = shelf.read, [True, False, False]

        async def read_in_time() -> int:
            async with asyncio.timeout(5):
                if hangs.pop(0):
                    await asyncio.sleep(3600)
                return int(await read())

        shelf.read = read_in_time
        loop = asyncio.get_running_loop()
        start = loop.time()
        ends = await asyncio.gather(
            *(program.buy(name, shelf) for name in ("Ada", "Grace", "Alan")),
            return_exceptions=True,
        )
        assert [type(end) for end in ends] == [TimeoutError, type(None), type(None)]
        assert loop.time() - start == pytest.approx(5.2, abs=0.01)
        assert shelf.loaves == 1

    virtual_clock.run(main())


def test_not_reentrant() -> None:
    """A task that asks again for a lock that it holds waits for ever."""

    async def main() -> None:
        lock = asyncio.Lock()
        async with lock, lock:
            raise AssertionError("it got in twice")

    with pytest.raises(virtual_clock.DeadlockError):
        virtual_clock.run(main())


def in_order(
    first: str, second: str
) -> Callable[[dict[str, asyncio.Lock]], Coroutine[Any, Any, None]]:
    """A transfer that takes two locks in this order."""

    async def transfer(locks: dict[str, asyncio.Lock]) -> None:
        async with locks[first]:
            await asyncio.sleep(1)
            async with locks[second]:
                await asyncio.sleep(1)

    return transfer


async def two_transfers(second: tuple[str, str]) -> None:
    """One task takes lock A and then B, the other takes `second`."""
    locks = {"A": asyncio.Lock(), "B": asyncio.Lock()}
    async with asyncio.TaskGroup() as group:
        group.create_task(in_order("A", "B")(locks), name="to me")
        group.create_task(in_order(*second)(locks), name="to you")


def test_two_locks() -> None:
    """If one task takes lock A and then B, and another takes B and then A, each may end up waiting for what the other holds, without any error."""

    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await two_transfers(("B", "A"))

    virtual_clock.run(main())


def test_the_same_order() -> None:
    """Take them in the same order everywhere."""
    virtual_clock.run(two_transfers(("A", "B")))


def test_named_on_the_virtual_clock() -> None:
    """On the virtual clock, such a wait is an error that names both tasks."""
    with pytest.raises(virtual_clock.DeadlockError) as deadlock:
        virtual_clock.run(two_transfers(("B", "A")))
    assert "'to me' waits at" in str(deadlock.value)
    assert "'to you' waits at" in str(deadlock.value)


@pytest.mark.parametrize("cancelled", [True, False])
def test_half_done(load: Load, cancelled: bool) -> None:
    """Who fails or is cancelled inside gives the lock back, and the next one finds the work half done."""
    program = load("shared_state/a_lock_keeps_two_awaits_together")

    async def main() -> None:
        here, there = program.Shelf(3), program.Shelf(0)

        async def move() -> None:
            async with here.lock:
                await here.write(await here.read() - 1)
                if not cancelled:
                    raise LookupError
                await there.write(await there.read() + 1)

        moving = asyncio.create_task(move())
        await asyncio.sleep(0.12)
        moving.cancel()
        await asyncio.wait([moving])
        assert moving.cancelled() is cancelled
        async with asyncio.timeout(1), here.lock:
            assert (here.loaves, there.loaves) == (2, 0)

    virtual_clock.run(main())


def test_who_does_not_ask(load: Load) -> None:
    """A task that changes the shelf without taking the lock is not held up."""
    program = load("shared_state/a_lock_keeps_two_awaits_together")

    async def main() -> None:
        shelf = program.Shelf(3)
        async with shelf.lock:
            thief = asyncio.create_task(shelf.write(0))
            await asyncio.wait([thief], timeout=1)
            assert thief.done()
            assert shelf.loaves == 0

    virtual_clock.run(main())


@pytest.mark.parametrize("in_one", [True, False])
def test_reading_and_writing_in_one(tmp_path: Path, in_one: bool) -> None:
    """There the server has to do reading and writing in one, as `UPDATE shelf SET loaves = loaves - 1` does in a database; to read and write in one transaction is not always enough."""
    path = tmp_path / "shelf.db"
    ada, grace = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
    ada.execute("CREATE TABLE shelf (loaves)")
    ada.execute("INSERT INTO shelf VALUES (3)")
    found = [
        shop.execute("SELECT loaves FROM shelf").fetchone() for shop in (ada, grace)
    ]
    for shop, (loaves,) in zip((ada, grace), found, strict=True):
        if in_one:
            shop.execute("UPDATE shelf SET loaves = loaves - 1")
        else:
            shop.execute("UPDATE shelf SET loaves = ?", (loaves - 1,))
    left = ada.execute("SELECT loaves FROM shelf").fetchone()
    ada.close()
    grace.close()
    assert left == ((1,) if in_one else (2,))


def test_with_a_thousand_cooks(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """In the timeline, two downloads of the same recipe lie above one another; with a thousand cooks it would be a thousand."""
    broken = load("shared_state/ask_twice_broken")
    fixed = load("shared_state/ask_twice_fixed")

    async def requests(program: ModuleType) -> int:
        recipes = program.Recipes()
        cooks = (program.cook("x", recipes) for _ in range(1000))
        await asyncio.gather(*cooks)
        return int(recipes.requests)

    assert virtual_clock.run(requests(broken)) == 1000
    assert virtual_clock.run(requests(fixed)) == 2  # the first one fails


def test_a_lock_around_get(load: Load) -> None:
    """A lock around `get` would help, and make every dish wait for every other."""
    recipes = load("shared_state/ask_twice_broken").Recipes()
    lock = asyncio.Lock()

    async def get(dish: str) -> str:
        async with lock:
            return str(await recipes.get(dish))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await asyncio.gather(get("bread"), get("bread"))
        assert recipes.requests == 1
        assert loop.time() - start == pytest.approx(0.1, abs=0.005)
        start = loop.time()
        await asyncio.gather(get("soup"), get("cake"), get("jam"))
        assert loop.time() - start == pytest.approx(0.3, abs=0.005)
        start = loop.time()
        await asyncio.gather(*(recipes.get(dish) for dish in ("tea", "pie")))
        assert loop.time() - start == pytest.approx(0.1, abs=0.005)

    virtual_clock.run(main())


def test_an_error_is_not_kept(load: Load) -> None:
    """Both got the error, and the callback had dropped the task before they went on, or it would answer everybody with that error for ever."""
    program = load("shared_state/ask_twice_fixed")
    kept: list[int] = []

    async def ask(recipes: Any) -> None:
        with pytest.raises(OSError, match="server busy"):
            await recipes.get("bread")
        kept.append(len(recipes.tasks))

    async def main() -> None:
        recipes = program.Recipes()
        await asyncio.gather(ask(recipes), ask(recipes))
        assert kept == [0, 0]
        assert await recipes.get("bread") == "how to make bread"
        assert await recipes.get("bread") == "how to make bread"
        assert recipes.requests == 2
        # without the callback
        recipes = program.Recipes()
        recipes.keep_if_good = lambda *_: None
        for _ in range(3):
            await ask(recipes)
        assert recipes.requests == 1

    virtual_clock.run(main())


@pytest.mark.parametrize("shielded", [True, False])
def test_a_cook_who_is_cancelled(shielded: bool) -> None:
    """`shield` is there because one cook who is cancelled would otherwise cancel the download of the other."""
    edits = [("self.requests == 1", "self.requests == 0")]
    if not shielded:
        edits.append(
            ("await asyncio.shield(self.tasks[dish])", "await self.tasks[dish]")
        )
    recipes = changed("ask_twice_fixed", *edits)["Recipes"]()

    async def main() -> None:
        ada = asyncio.create_task(recipes.get("bread"))
        grace = asyncio.create_task(recipes.get("bread"))
        await asyncio.sleep(0.05)
        ada.cancel()
        await asyncio.wait([ada, grace])
        assert ada.cancelled()
        assert grace.cancelled() is not shielded
        assert recipes.requests == 1

    virtual_clock.run(main())


def test_it_stays_set() -> None:
    """It stays set, so who comes later walks through."""

    async def main() -> None:
        gate = asyncio.Event()
        early = [asyncio.create_task(gate.wait()) for _ in range(3)]
        await asyncio.sleep(1)
        assert not any(task.done() for task in early)
        gate.set()
        await asyncio.gather(*early)
        with pytest.raises(StopIteration):  # it does not even pause
            gate.wait().send(None)

    virtual_clock.run(main())


def test_a_condition() -> None:
    """Waiting for it gives the lock back; `notify()` wakes one of those who wait, the first in the queue, and `notify_all()` wakes all."""

    async def main() -> None:
        bell = asyncio.Condition()
        woken: list[str] = []

        async def wait(name: str) -> None:
            async with bell:
                await bell.wait()
                assert bell.locked()
                woken.append(name)

        tasks = [asyncio.create_task(wait(name)) for name in "abcd"]
        await asyncio.sleep(1)
        assert not bell.locked()
        async with bell:
            bell.notify()
        await asyncio.sleep(1)
        assert woken == ["a"]
        async with bell:
            bell.notify_all()
        await asyncio.wait(tasks)
        assert woken == ["a", "b", "c", "d"]

    virtual_clock.run(main())


@pytest.mark.parametrize("looks", [True, False])
def test_to_be_woken_is_no_promise(looks: bool) -> None:
    """Before the woken task has the lock, another may take it, and the loaf."""

    async def main() -> None:
        bell = asyncio.Condition()
        loaves: list[str] = []

        async def wait() -> str:
            async with bell:
                if looks:
                    await bell.wait_for(lambda: len(loaves) > 0)
                else:
                    await bell.wait()
                return loaves.pop()

        async def hurry() -> str:
            async with bell:
                return loaves.pop()

        patient = asyncio.create_task(wait())
        await asyncio.sleep(1)
        async with bell:
            hasty = asyncio.create_task(hurry())
            await asyncio.sleep(0)  # it asks for the lock first
            loaves.append("rye")
            bell.notify()
        assert await hasty == "rye"
        await asyncio.wait([patient], timeout=1)
        if looks:  # it goes on waiting
            assert not patient.done()
            async with bell:
                loaves.append("wheat")
                bell.notify()
            assert await patient == "wheat"
        else:
            assert isinstance(patient.exception(), IndexError)

    virtual_clock.run(main())


@pytest.mark.parametrize("wakes", ["one", "all"])
def test_a_lost_wake_up(wakes: str) -> None:
    """Before Python 3.13, a `notify()` is lost if the woken task is cancelled in that moment; use `notify_all()` there."""

    async def main() -> None:
        bell = asyncio.Condition()
        loaves: list[str] = []

        async def buy() -> str:
            async with bell:
                await bell.wait_for(lambda: len(loaves) > 0)
                return loaves.pop()

        ada, grace = (asyncio.create_task(buy()) for _ in range(2))
        await asyncio.sleep(1)
        async with bell:
            loaves.append("rye")
            if wakes == "one":
                bell.notify()
            else:
                bell.notify_all()
            ada.cancel()
        await asyncio.wait([ada, grace], timeout=3600)
        assert ada.cancelled()
        assert grace.done() is (wakes == "all" or sys.version_info >= (3, 13))
        grace.cancel()

    virtual_clock.run(main())


def test_a_release_too_many() -> None:
    """at most *n* at a time | `Semaphore(n)`; better `BoundedSemaphore(n)`, which raises `ValueError` at a release too many, where the other lets in one more"""

    async def main() -> None:
        loose, bounded = asyncio.Semaphore(2), asyncio.BoundedSemaphore(2)
        with pytest.raises(ValueError, match="released too many times"):
            bounded.release()
        loose.release()
        entered = []
        for seats in (loose, bounded):
            waiting = [asyncio.create_task(seats.acquire()) for _ in range(5)]
            done, late = await asyncio.wait(waiting, timeout=1)
            entered.append(len(done))
            for task in late:
                task.cancel()
        assert entered == [3, 2]

    virtual_clock.run(main())


def test_a_barrier() -> None:
    """nobody goes on until *n* have come | `Barrier(n)`"""

    async def main() -> None:
        barrier = asyncio.Barrier(3)
        loop = asyncio.get_running_loop()
        start = loop.time()

        async def come(after: float) -> float:
            await asyncio.sleep(after)
            await barrier.wait()
            return loop.time() - start

        went = await asyncio.gather(come(1), come(20), come(300))
        assert went == [pytest.approx(300, abs=0.01)] * 3

    virtual_clock.run(main())


def test_one_order_after_the_other(load: Load) -> None:
    """One task does it all, one order after the other, and the queue is its only door."""
    program = load("shared_state/one_task_owns_the_shelf")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        orders: asyncio.Queue[Any] = asyncio.Queue()
        keeper = asyncio.create_task(program.keep_shelf(3, orders))
        answers = [loop.create_future() for _ in range(5)]
        start = loop.time()
        for answer in answers:
            orders.put_nowait(("x", 1, answer))
        answers[0].cancel()  # a customer who leaves disturbs nobody
        given = [await answer for answer in answers[1:]]
        assert given == [1, 1, 0, 0]
        assert loop.time() - start == pytest.approx(0.5, abs=0.005)
        keeper.cancel()
        await asyncio.wait([keeper])
        assert keeper.cancelled()

    virtual_clock.run(main())


def test_a_thread_gets_in() -> None:
    """asyncio's locks and queues are not thread-safe, and a function in `asyncio.to_thread` goes on in the middle of your step, whatever locks you hold."""
    begin, done = threading.Event(), threading.Event()
    till = {"cash": 100}

    def rob() -> None:
        assert begin.wait(60)
        till["cash"] = 0
        done.set()

    async def main() -> None:
        async with asyncio.Lock():
            thread = asyncio.create_task(asyncio.to_thread(rob))
            await asyncio.sleep(0)
            # one step: no await from here
            before = till["cash"]
            begin.set()
            assert done.wait(60)
            assert before == 100
            assert till["cash"] == 0
            # to here
        await thread

    asyncio.run(main())


def test_in_a_single_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The till has 120 again: Python reads the left side before it awaits the right."""
    program = changed(
        "lost_update_broken",
        ('    before = till["cash"]\n', ""),
        ('    print(f"{item}: the till has {before}")\n', ""),
        (
            "    paid = await pay(price)  # control moves: others may sell\n",
            '    till["cash"] += await pay(price)\n',
        ),
        ('    till["cash"] = before + paid\n', ""),
    )
    virtual_clock.run(program["main"]())
    assert told(capsys)[-1] == "main: 130 were due, the till has 120"


def test_without_the_lock(capsys: pytest.CaptureFixture[str]) -> None:
    """All three read 3 and write 2, so two loaves are left, for three that were sold."""
    program = changed(
        "a_lock_keeps_two_awaits_together",
        ("async with shelf.lock:", "if True:"),
    )
    virtual_clock.run(program["main"]())
    lines = told(capsys)
    assert lines[-1] == "main: loaves left: 2"
    assert [line.partition(": ")[2] for line in lines].count("one of 3 is mine") == 3


def test_all_are_woken(capsys: pytest.CaptureFixture[str]) -> None:
    """Ada gets it as before; the others look, find nothing and go on waiting."""
    program = changed(
        "a_gate_and_a_bell",
        ("notify()", "notify_all()"),
        ("lambda: len", "lambda: looks.append(name) or len"),
    )
    looks = program["looks"] = []
    virtual_clock.run(program["main"]())
    at_rye, at_wheat, at_spelt = ["Ada", "Grace", "Alan"], ["Grace", "Alan"], ["Alan"]
    assert looks == ["Ada", "Grace", "Alan", *at_rye, *at_wheat, *at_spelt]
    recorded = EXAMPLES / "shared_state" / "a_gate_and_a_bell.out"
    assert capsys.readouterr().out == recorded.read_text("utf-8")


def test_woken_without_a_look(capsys: pytest.CaptureFixture[str]) -> None:
    """With `wait()` they do not look, and both of them get an `IndexError` from `pop`."""
    program = changed(
        "a_gate_and_a_bell",
        ("notify()", "notify_all()"),
        ("wait_for(lambda: len(shop.loaves) > 0)", "wait()"),
    )
    with pytest.raises(ExceptionGroup) as group:
        virtual_clock.run(program["main"]())
    assert [type(error) for error in group.value.exceptions] == [IndexError] * 2
    lines = told(capsys)
    assert lines[-2:] == [
        "baker: rings, rye bread is ready",
        "Ada: takes the rye bread",
    ]
