"""The claims of `concepts/sync-and-async.md`."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

import aiohttp
import pytest
from aiohttp import web

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
SLUG = "sync_and_async"
HERE = EXAMPLES / SLUG
DEADLINE = 30  # seconds; only a broken program takes as long


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(program: str, *changes: tuple[str, str]) -> ModuleType:
    """A program of the page, after some changes to its text."""
    text = (HERE / f"{program}.py").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    module = ModuleType(program)
    exec(compile(text, program, "exec"), vars(module))
    return module


def test_run_holds_its_thread() -> None:
    """`asyncio.run` makes an event loop, and holds its thread until the coroutine has ended."""
    loops: list[asyncio.AbstractEventLoop] = []
    ended: list[str] = []

    async def work() -> None:
        loops.append(asyncio.get_running_loop())
        await asyncio.sleep(0.01)
        ended.append("work")

    asyncio.run(work())
    assert ended == ["work"]
    asyncio.run(work())
    assert loops[0] is not loops[1]
    assert all(loop.is_closed() for loop in loops)


def test_python_refuses(recwarn: pytest.WarningsRecorder) -> None:
    """A second loop in the same thread would keep the first from running, so Python refuses, and `ask_shop` is never awaited."""
    ran: list[str] = []

    async def ask_shop() -> None:
        ran.append("ask_shop")

    async def main() -> None:
        asking = ask_shop()
        with pytest.raises(RuntimeError, match="cannot be called from a running"):
            asyncio.run(asking)
        assert inspect.getcoroutinestate(asking) == inspect.CORO_CREATED
        asking.close()
        other = asyncio.new_event_loop()
        asking = ask_shop()
        with pytest.raises(RuntimeError, match="while another loop is running"):
            other.run_until_complete(asking)
        asking.close()
        other.close()
        await asyncio.to_thread(asyncio.run, ask_shop())  # another thread may

    asyncio.run(main())
    assert ran == ["ask_shop"]


def test_it_depends_on_the_caller(load: Load) -> None:
    """Whether `price` works depends on who calls it, which is not a property that you want a function to have."""
    program = load(f"{SLUG}/run_inside_run_broken")
    asked: list[Coroutine[Any, Any, str]] = []
    ask_shop = program.ask_shop

    def noted(book: str) -> Coroutine[Any, Any, str]:
        asked.append(ask_shop(book))
        return asked[-1]

    vars(program)["ask_shop"] = noted
    assert program.price("Emma") == "Emma costs 7"

    async def main() -> None:
        program.price("Emma")

    with pytest.raises(RuntimeError):
        asyncio.run(main())
    asked[-1].close()


def test_a_callback_breaks_the_chain() -> None:
    """`sorted(books, key=price_of)` with an async `price_of` gets coroutines, and cannot compare them."""
    made: list[Coroutine[Any, Any, int]] = []

    async def price_of(book: str) -> int:
        return len(book)

    def noted(book: str) -> Any:
        made.append(price_of(book))
        return made[-1]

    with pytest.raises(TypeError, match="'coroutine' and 'coroutine'"):
        sorted(["Ulysses", "Emma"], key=noted)
    assert len(made) == 2
    for coroutine in made:
        coroutine.close()


def test_the_chain_pauses(load: Load) -> None:
    """When `ask_shop` pauses, `price` and `main` pause with it, and the thread is free."""
    program = load(f"{SLUG}/run_inside_run_fixed")
    ran: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(program.main())
        start = loop.time()
        loop.call_later(0.05, lambda: ran.append(loop.time() - start))
        await asyncio.sleep(0.02)
        frames = [frame.f_code.co_name for frame in task.get_stack()]
        assert frames == ["main"]
        awaited: Any = task.get_coro()
        names = []
        while inspect.iscoroutine(awaited):
            names.append(awaited.__name__)
            awaited = awaited.cr_await
        assert names == ["main", "price", "ask_shop", "sleep"]
        assert len(asyncio.all_tasks()) == 2
        await task

    virtual_clock.run(main())
    assert ran == [pytest.approx(0.05, abs=0.01)]


def test_a_deadlock_of_one(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """The red step lasts until the timeout, the heart is overdue below it, and the lane of `ask_shop` begins where the red ends."""
    program = load(f"{SLUG}/waits_for_itself_broken")
    made: list[str] = []

    def make_task(
        loop: asyncio.AbstractEventLoop, coro: Any, **options: Any
    ) -> asyncio.Task[Any]:
        made.append(coro.__name__)
        return asyncio.Task(coro, loop=loop, **options)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        beating = asyncio.create_task(program.heart())
        await asyncio.sleep(0)
        loop.set_task_factory(make_task)
        assert program.price("Emma", loop) == "no answer"
        assert made == []
        assert told(capsys) == []
        await beating
        assert made == ["ask_shop"]

    asyncio.run(main())


def test_no_error_would_say_so() -> None:
    """Without the timeout, the program would stand still for ever, and no error would say so."""
    text = (HERE / "waits_for_itself_broken.py").read_text("utf-8")
    assert text.count("timeout=0.5") == 1
    program = changed("waits_for_itself_broken", ("timeout=0.5", ""))
    asked: list[Any] = []
    stand_in = ModuleType("asyncio")

    def noted(*of: Any) -> Any:
        asked.append(asyncio.run_coroutine_threadsafe(*of))
        return asked[-1]

    vars(stand_in).update(vars(asyncio), run_coroutine_threadsafe=noted)
    vars(program)["asyncio"] = stand_in
    ended = threading.Event()

    def wait() -> None:
        asyncio.run(program.main())
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not ended.wait(1)  # ten times as long as the shop takes
    assert not asked[0].done()
    asked[0].set_exception(TimeoutError())  # so that the test may end
    thread.join(DEADLINE)
    assert ended.is_set()


def test_another_thread(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Now `price` holds a thread that nobody else needs, while the loop runs the heart and `ask_shop`."""
    program = load(f"{SLUG}/waits_for_itself_fixed")

    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await program.main()
        return loop.time() - start

    assert virtual_clock.run(main()) == pytest.approx(0.3, abs=0.02)
    assert told(capsys)[:2] == ["heart: beat 1", "main: Emma costs 7"]


def test_nothing_outlives_a_run() -> None:
    """`asyncio.run` for each call makes a loop for each call, and at its end cancels the tasks that are left, so nothing goes on in the background."""
    tasks: list[asyncio.Task[None]] = []
    loops: set[asyncio.AbstractEventLoop] = set()

    async def start() -> None:
        loops.add(asyncio.get_running_loop())
        assert all(task.cancelled() for task in tasks)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        tasks.append(asyncio.create_task(asyncio.sleep(3600)))

    for _ in range(2):
        asyncio.run(start())
        assert tasks[-1].cancelled()
    assert len(loops) == len(tasks) == 2


def test_a_clock_that_ticks_on(load: Load) -> None:
    """The clock started in the first call and ticked on after it."""
    program = load(f"{SLUG}/a_loop_beside_sync_code")
    ticks: list[str] = []
    with program.LoopBeside() as beside:
        beside.call(program.start(ticks))
        assert len(ticks) <= 1
        beside.call(ticked(ticks, 3))
    assert len(ticks) >= 3


async def ticked(ticks: list[str], times: int) -> None:
    """Wait until a clock has ticked so many times."""
    async with asyncio.timeout(DEADLINE):
        while len(ticks) < times:
            await asyncio.sleep(0.01)


def test_the_end_of_the_block(load: Load) -> None:
    """At the end of the block `keep_open` returns, and `asyncio.run` in that thread cancels the clock."""
    program = load(f"{SLUG}/a_loop_beside_sync_code")
    with program.LoopBeside() as beside:
        clock = beside.call(program.start([]))
        assert not clock.done()
        assert beside.thread.is_alive()
        assert beside.loop.is_running()
    assert clock.cancelled()
    assert not beside.thread.is_alive()
    assert beside.loop.is_closed()


def test_an_error_ends_the_block(load: Load) -> None:
    """In the sync program it cannot wait for itself, since the thread that calls it has no loop."""
    program = load(f"{SLUG}/a_loop_beside_sync_code")

    async def where() -> int:
        return threading.get_ident()

    async def fail() -> None:
        raise LookupError("no such book")

    with program.LoopBeside() as beside:
        assert beside.call(where()) == beside.thread.ident != threading.get_ident()
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        with pytest.raises(LookupError):
            beside.call(fail())
    with pytest.raises(LookupError), program.LoopBeside() as beside:
        beside.call(fail())
    assert not beside.thread.is_alive()


def test_a_call_from_its_own_loop(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a coroutine of the loop beside it would, for ever."""
    program = load(f"{SLUG}/a_loop_beside_sync_code")
    result = concurrent.futures.Future.result
    begun: list[str] = []

    async def answer() -> str:
        begun.append("answer")
        return "seven"

    async def ask(beside: Any) -> None:
        assert threading.current_thread() is beside.thread
        with pytest.raises(TimeoutError):
            beside.call(answer())
        assert begun == []

    def give_up(future: Any, timeout: float | None = None) -> Any:
        inside = threading.current_thread().name == "beside"
        return result(future, 0.1 if inside else 30)

    with program.LoopBeside() as beside:
        beside.thread.name = "beside"
        monkeypatch.setattr(concurrent.futures.Future, "result", give_up)
        beside.call(ask(beside))
        assert beside.call(answer()) == "seven"
    assert begun == ["answer", "answer"]


def enter_again(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run the running loop, inside one of its steps, until a coroutine has ended.

    This is what a patch that allows nested runs comes to.
    """
    loop: Any = asyncio.get_running_loop()
    me = asyncio.current_task()
    assert me is not None
    task = loop.create_task(coroutine)
    while not task.done():
        asyncio.tasks._leave_task(loop, me)
        try:
            loop._run_once()
        finally:
            asyncio.tasks._enter_task(loop, me)
    return task.result()


def test_in_the_middle_of_a_sync_call() -> None:
    """With a loop entered again, any task may run in the middle of a sync call."""

    async def main(asks: bool) -> int:
        total = 0

        def add() -> None:
            nonlocal total
            before = total  # no await from here
            if asks:
                enter_again(asyncio.sleep(0.05))
            total = before + 1  # to here

        async def other() -> None:
            add()

        async with asyncio.TaskGroup() as group:
            group.create_task(other())
            group.create_task(other())
        return total

    assert asyncio.run(main(asks=False)) == 2
    assert asyncio.run(main(asks=True)) == 1


def test_one_call_on_top_of_the_other() -> None:
    """If two tasks enter the loop again, one call lies on top of the other in the same stack, and the lower one cannot return before the upper one, however early its own answer came."""
    story: list[str] = []

    async def ask(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        story.append(f"{name}: answered")

    async def enter(name: str, seconds: float) -> None:
        enter_again(ask(name, seconds))
        story.append(f"{name}: returned")

    async def wait(name: str, seconds: float) -> None:
        await ask(name, seconds)
        story.append(f"{name}: returned")

    async def main(work: Callable[[str, float], Coroutine[Any, Any, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(work("lower", 0.05))
            group.create_task(work("upper", 0.3))

    ended = ["upper: answered", "upper: returned"]
    asyncio.run(main(wait))
    assert story == ["lower: answered", "lower: returned", *ended]
    story.clear()
    asyncio.run(main(enter))
    assert story == ["lower: answered", *ended, "lower: returned"]


def test_a_list_of_replies(load: Load) -> None:
    """You can test `buy` with a list of replies."""
    talk = load(f"{SLUG}/one_core_two_drivers").buy("Emma")
    assert next(talk) == "price of Emma"
    assert talk.send("9") == "pay 9"
    with pytest.raises(StopIteration) as end:
        talk.send("order 1")
    assert end.value.value == "Emma for 9, order 1"


def test_whoever_drives_it(load: Load) -> None:
    """It asks by `yield`, and whoever drives it does the waiting, each in its own way."""
    program = load(f"{SLUG}/one_core_two_drivers")

    async def beside(drive: Callable[[], Coroutine[Any, Any, str]]) -> bool:
        ran: list[str] = []
        asyncio.get_running_loop().call_later(0.05, ran.append, "beside")
        assert await drive() == "Emma for 7, order 12"
        return ran == ["beside"]

    async def blocking() -> str:
        return str(program.drive(program.buy("Emma")))

    assert virtual_clock.run(beside(lambda: program.drive_async(program.buy("Emma"))))
    assert not virtual_clock.run(beside(blocking))


def test_bound_by_waiting(load: Load) -> None:
    """On the first day Bob had to wait, and that bound the lock to the loop of that day."""
    program = load(f"{SLUG}/a_lock_of_another_loop_broken")
    for _ in range(3):  # as long as nobody waits, any loop will do
        asyncio.run(program.open_shop(["Ada"]))
    asyncio.run(program.open_shop(["Ada", "Bob"]))
    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(program.open_shop(["Dora", "Eve"]))
    (error,) = caught.value.exceptions
    assert isinstance(error, RuntimeError)


def test_only_under_contention(load: Load) -> None:
    """The mistake shows only under contention, so a test with one customer passes."""
    program = load(f"{SLUG}/a_lock_of_another_loop_broken")
    asyncio.run(program.open_shop(["Ada", "Bob"]))
    asyncio.run(program.open_shop(["Cleo"]))
    with pytest.raises(ExceptionGroup):
        asyncio.run(program.open_shop(["Cleo", "Dora"]))


@pytest.mark.parametrize("kind", [asyncio.Queue, asyncio.Event, asyncio.Semaphore])
def test_bound_in_the_same_way(kind: type[Any]) -> None:
    """Queues, events and semaphores are bound in the same way."""
    thing = kind(0) if kind is asyncio.Semaphore else kind()
    use, done = {
        asyncio.Queue: ("get", lambda: thing.put_nowait("letter")),
        asyncio.Event: ("wait", lambda: (thing.set(), thing.clear())),
        asyncio.Semaphore: ("acquire", lambda: thing.release()),
    }[kind]

    async def wait() -> None:
        task = asyncio.create_task(getattr(thing, use)())
        await asyncio.sleep(0)
        done()
        await task

    asyncio.run(wait())
    with pytest.raises(RuntimeError, match="is bound to a different event loop"):
        asyncio.run(wait())


def test_a_future_is_bound_when_it_is_made() -> None:
    """A future is bound when it is made, and awaiting it elsewhere says that it is "attached to a different loop"."""

    async def make() -> asyncio.Future[str]:
        return asyncio.get_running_loop().create_future()

    async def wait(future: asyncio.Future[str]) -> None:
        await future

    future = asyncio.run(make())
    with pytest.raises(RuntimeError, match="attached to a different loop"):
        asyncio.run(wait(future))


def test_a_client_of_another_loop() -> None:
    """A client keeps connections of its loop: an aiohttp session used in a second `asyncio.run` fails with "Event loop is closed"."""
    sessions: list[aiohttp.ClientSession] = []

    async def hello(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def fetch() -> str:
        if not sessions:
            sessions.append(aiohttp.ClientSession())
        app = web.Application()
        app.router.add_get("/", hello)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            async with sessions[0].get(url) as response:
                return await response.text()
        finally:
            await runner.cleanup()
            if again:
                await sessions[0].close()

    again = False
    assert asyncio.run(fetch()) == "hello"
    again = True
    with pytest.raises(RuntimeError, match="Event loop is closed"):
        asyncio.run(fetch())


@pytest.mark.parametrize("way", ["inside main", "one loop"])
def test_one_loop_for_all_runs(way: str, load: Load) -> None:
    """So make such objects inside `main`, and call `asyncio.run` once; or keep one loop for all runs."""
    program = load(f"{SLUG}/a_lock_of_another_loop_fixed")

    async def day() -> None:
        if way == "inside main":
            vars(program)["till"] = asyncio.Lock()
        await program.open_shop(["Ada", "Bob"])

    if way == "inside main":
        for _ in range(2):
            asyncio.run(day())
    else:
        with asyncio.Runner() as runner:
            loops = {runner.get_loop()}
            for _ in range(2):
                runner.run(day())
                loops.add(runner.get_loop())
            assert len(loops) == 1


def test_await_in_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """After a tenth of a second, about when the heart beats first: the two waits lie side by side."""
    program = changed(
        "waits_for_itself_broken",
        ('price("Emma", asyncio.get_running_loop())', 'await ask_shop("Emma")'),
    )
    times: list[float] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        vars(program)["print"] = lambda *_: times.append(loop.time() - start)
        await program.main()

    virtual_clock.run(main())
    assert times == pytest.approx([0.1, 0.1, 0.2, 0.3], abs=0.02)


def test_a_lock_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    """Yes, and so does the lock: each customer has a lock of their own, and nobody waits for anybody."""
    program = changed(
        "a_lock_of_another_loop_broken",
        ("till = asyncio.Lock()\n", ""),
        ("    async with till:", "    till = asyncio.Lock()\n    async with till:"),
    )

    async def main(program: ModuleType) -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        await program.open_shop(["Ada", "Bob"])
        return loop.time() - start

    for _ in range(2):
        assert virtual_clock.run(main(program)) == pytest.approx(0.1, abs=0.02)
    unchanged = changed("a_lock_of_another_loop_broken")
    assert virtual_clock.run(main(unchanged)) == pytest.approx(0.2, abs=0.02)
    assert told(capsys) == ["Ada: paid", "Bob: paid"] * 3
