"""The claims of `concepts/context-variables.md`."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import queue
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar, copy_context
from logging.handlers import QueueHandler, QueueListener
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "context_variables"
value: ContextVar[str] = ContextVar("value", default="unset")


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(name: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """The names of a program of this page, after changes that readers make."""
    source = (HERE / f"{name}.py").read_text("utf-8")
    for old, new in changes:
        assert source.count(old) == 1
        source = source.replace(old, new)
    names: dict[str, Any] = {"__name__": "changed"}
    exec(compile(source, "changed", "exec"), names)
    return names


async def change(to: str) -> None:
    value.set(to)


@pytest.mark.parametrize("kind", ["broken", "fixed"])
def test_who_pays(kind: str, load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """When Ada goes on, after a tenth of a second, she reads what Grace has left there."""
    program = load(f"context_variables/thread_local_{kind}")

    async def main() -> None:
        task = asyncio.create_task(program.main())
        await asyncio.sleep(0.05)
        assert told(capsys) == ["Ada orders soup", "Grace orders soup"]
        await asyncio.sleep(0.1)
        who = "Grace" if kind == "broken" else "Ada"
        assert told(capsys) == [f"{who} pays"]
        await task
        assert told(capsys) == ["Grace pays"]

    virtual_clock.run(main())


def test_one_for_each_thread() -> None:
    """A thread-local value exists once for each thread, and all tasks of an event loop run in one."""
    local = threading.local()
    threads: set[int] = set()

    async def work(name: str) -> str:
        threads.add(threading.get_ident())
        local.name = name
        await asyncio.sleep(1)
        return str(local.name)

    async def main() -> None:
        assert await asyncio.gather(work("a"), work("b")) == ["b", "b"]
        seen = await asyncio.to_thread(lambda: hasattr(local, "name"))
        assert seen is False

    virtual_clock.run(main())
    assert len(threads) == 1


def test_however_deep_the_call() -> None:
    """So `get()` in `say` finds the guest of the task that called `say`, however deep the call."""

    def say(depth: int) -> str:
        return say(depth - 1) if depth else value.get()

    async def serve(guest: str, depth: int) -> str:
        value.set(guest)
        await asyncio.sleep(1)
        return say(depth) if depth < 50 else await serve_deeper(depth)

    async def serve_deeper(depth: int) -> str:
        return say(depth)

    async def main() -> None:
        got = await asyncio.gather(serve("Ada", 0), serve("Grace", 50))
        assert got == ["Ada", "Grace"]

    virtual_clock.run(main())


def test_no_value_and_no_default() -> None:
    """If there is no value there, and the variable has no default, `get()` raises `LookupError`."""
    bare: ContextVar[str] = ContextVar("bare")

    async def main() -> None:
        with pytest.raises(LookupError):
            bare.get()
        assert value.get() == "unset"
        bare.set("here")
        assert bare.get() == "here"

    virtual_clock.run(main())


def test_a_plain_await(load: Load) -> None:
    """A plain `await` stays in the task and in its context, so the rain is there afterwards, as from an ordinary call."""
    program = load("context_variables/a_task_copies_and_an_await_shares")

    async def main() -> None:
        program.weather.set("fog")
        await program.change("rain")
        assert program.weather.get() == "rain"
        await asyncio.create_task(program.change("snow"))
        assert program.weather.get() == "rain"

    virtual_clock.run(main())


def test_when_the_copy_is_made(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Each thin line that leads down to a lane is a copy being made, at the moment of `create_task`: `look` still sees the rain, although `main` had set the sun before `look` ran its first step."""
    program = load("context_variables/a_task_copies_and_an_await_shares")

    async def main() -> None:
        program.weather.set("rain")
        task = asyncio.create_task(program.look())
        program.weather.set("sun")
        await task
        assert told(capsys) == ["the task sees:      rain"]
        await program.look()
        assert told(capsys) == ["the task sees:      sun"]

    virtual_clock.run(main())


def test_a_context_of_your_choice(load: Load) -> None:
    """It is used as it is, without a copy, so the hail can be read in it when the task is over."""
    program = load("context_variables/a_task_copies_and_an_await_shares")

    async def main() -> None:
        mine = copy_context()
        await asyncio.create_task(program.change("hail"), context=mine)
        assert mine[program.weather] == "hail"
        async with asyncio.TaskGroup() as group:
            group.create_task(program.change("snow"), context=mine)
        assert mine[program.weather] == "snow"
        assert program.weather not in copy_context()

    virtual_clock.run(main())


@asynccontextmanager
async def changing(to: str) -> AsyncGenerator[None, None]:
    value.set(to)
    yield


async def changes(to: str) -> AsyncGenerator[None, None]:
    value.set(to)
    yield


async def start(how: str, seen: list[str]) -> contextvars.Context:
    """Run something, started in one of the ways of the table, that looks and sets."""
    loop = asyncio.get_running_loop()
    own = copy_context()

    async def work() -> None:
        look()

    def look(_: object = None) -> None:
        seen.append(value.get())
        value.set("changed")

    match how:
        case "await":
            await work()
        case "async with":
            async with changing("changed"):
                seen.append("before")
        case "async for":
            async for _ in changes("changed"):
                seen.append("before")
        case "create_task":
            task = asyncio.create_task(work())
            value.set("after")
            await task
        case "a group":
            async with asyncio.TaskGroup() as group:
                group.create_task(work())
                value.set("after")
        case "gather":
            waiter = asyncio.gather(work())
            value.set("after")
            await waiter
        case "shield":
            shield = asyncio.shield(work())
            value.set("after")
            await shield
        case "wait_for":
            await asyncio.wait_for(work(), 1)
        case "call_soon":
            loop.call_soon(look)
            value.set("after")
            await asyncio.sleep(1)
        case "call_later":
            loop.call_later(0.5, look)
            value.set("after")
            await asyncio.sleep(1)
        case "add_done_callback":
            future = loop.create_future()
            future.add_done_callback(look)
            value.set("after")
            future.set_result(None)
            await asyncio.sleep(1)
        case "create_task in own":
            await asyncio.create_task(work(), context=own)
        case "call_soon in own":
            loop.call_soon(look, context=own)
            await asyncio.sleep(1)
        case "done callback in own":
            future = loop.create_future()
            future.add_done_callback(look, context=own)
            future.set_result(None)
            await asyncio.sleep(1)
        case "to_thread":
            job = asyncio.to_thread(look)
            value.set("after")
            await job
        case "run_in_executor":
            with ThreadPoolExecutor(1) as pool:
                await loop.run_in_executor(pool, value.set, "the pool's")
                value.set("after")
                await loop.run_in_executor(pool, look)
    return own


def outcome(how: str) -> tuple[str, str, str]:
    """What the started code saw, and what is set afterwards: here, and in the context handed over."""

    async def main() -> tuple[str, str, str]:
        value.set("before")
        seen: list[str] = []
        own = await start(how, seen)
        (saw,) = seen
        return saw, value.get(), own[value]

    return virtual_clock.run(main())


SHARED = ("before", "changed", "before")
COPIED = ("before", "after", "before")  # not what was set after the call


def test_your_context() -> None:
    """`await coroutine()`, `async with`, `async for` | your context"""
    for how in ("await", "async with", "async for"):
        assert outcome(how) == SHARED, how


def test_a_copy_for_each_task() -> None:
    """`create_task`, in a group or not; `gather`, `shield` | a copy, made at the call"""
    for how in ("create_task", "a group", "gather", "shield"):
        assert outcome(how) == COPIED, how


def test_wait_for() -> None:
    """`wait_for(coroutine(), ...)` | your context; a copy before Python 3.12"""
    shared = sys.version_info >= (3, 12)
    copied = ("before", "before", "before")  # nothing is set after this call
    assert outcome("wait_for") == (SHARED if shared else copied)


def test_a_copy_for_a_callback() -> None:
    """`call_soon`, `call_later`, `add_done_callback` | a copy, made at the call"""
    for how in ("call_soon", "call_later", "add_done_callback"):
        assert outcome(how) == COPIED, how


def test_the_context_handed_over() -> None:
    """`create_task` or a callback, with `context=` | that one"""
    for how in ("create_task in own", "call_soon in own", "done callback in own"):
        assert outcome(how) == ("before", "before", "changed"), how


def test_a_copy_for_to_thread() -> None:
    """`await to_thread(...)` | a copy, made when the wait begins"""
    assert outcome("to_thread") == ("after", "after", "before")


def test_the_context_of_the_thread() -> None:
    """`run_in_executor` | the context of the pool's thread"""
    assert outcome("run_in_executor") == ("the pool's", "after", "before")


def test_siblings_do_not_overwrite_each_other() -> None:
    """It does not: `set` changes the copy."""

    async def child(name: str) -> str:
        value.set(name)
        await asyncio.sleep(1)
        return value.get()

    async def main() -> None:
        value.set("parent")
        assert await asyncio.gather(child("a"), child("b")) == ["a", "b"]
        assert value.get() == "parent"

    virtual_clock.run(main())


def test_the_result_comes_up() -> None:
    """What you want to hand up, return: `await task` gives the result to the parent."""

    async def child() -> str:
        value.set("found")
        return value.get()

    async def main() -> None:
        task = asyncio.create_task(child())
        assert await task == "found"
        assert value.get() == "unset"

    virtual_clock.run(main())


def test_the_same_objects() -> None:
    """A copied context holds the same objects as its original, and an object that can change is seen from both sides."""
    basket: ContextVar[list[str]] = ContextVar("basket")

    async def child() -> None:
        basket.get().append("from the child")

    async def main() -> None:
        mine: list[str] = []
        basket.set(mine)
        assert copy_context()[basket] is mine
        await asyncio.create_task(child())
        assert mine == ["from the child"]

    virtual_clock.run(main())


@pytest.mark.parametrize("own", [False, True])
def test_a_bill_of_their_own(
    own: bool, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """They share it, and each pays for everything."""
    program = load("context_variables/the_list_in_a_variable_is_not_copied")

    async def main() -> None:
        program.bill.set([])
        await asyncio.gather(
            program.dine("Alan", ["rice"], own), program.dine("Kurt", ["fish"], own)
        )

    virtual_clock.run(main())
    alan, kurt = ("rice", "fish") if own else ("rice, fish", "rice, fish")
    assert told(capsys) == [f"Alan pays for {alan}", f"Kurt pays for {kurt}"]


def test_a_list_as_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """A list as the `default=` of the variable is shared by the whole program in the same way."""
    names = changed(
        "the_list_in_a_variable_is_not_copied",
        ('ContextVar("bill")', 'ContextVar("bill", default=[])'),
        (
            "        bill.set([])\n        async with asyncio.TaskGroup() as inn",
            "        async with asyncio.TaskGroup() as inn",
        ),
    )

    async def main() -> None:
        await names["dine"]("Alan", ["rice"], False)

    virtual_clock.run(main())
    virtual_clock.run(main())  # another loop, and the same list
    assert told(capsys) == ["Alan pays for rice", "Alan pays for rice, rice"]


def test_to_thread() -> None:
    """`to_thread` takes a copy along, and what is set in the thread stays in that copy."""

    def cook() -> str:
        for_whom = value.get()
        value.set("the cook")
        return for_whom

    async def main() -> None:
        value.set("Ada")
        assert await asyncio.to_thread(cook) == "Ada"
        assert value.get() == "Ada"
        assert await asyncio.to_thread(cook) == "Ada"

    virtual_clock.run(main())


def test_what_is_left_in_a_thread(load: Load) -> None:
    """Worse, a thread of the pool keeps its own context from one job to the next, and the cake came out for whoever was left in there."""
    program = load("context_variables/a_thread_has_a_context_of_its_own")

    async def main() -> None:
        run = asyncio.get_running_loop().run_in_executor
        with ThreadPoolExecutor(1) as pool:
            await run(pool, program.current.set, "Alan")
            program.current.set("Ada")
            assert await run(pool, program.cook, "cake") == "cake for Alan"
            assert await run(pool, program.cook, "tea") == "tea for the cook"

    virtual_clock.run(main())


def test_hand_over_the_copy(load: Load) -> None:
    """Hand over `copy_context().run`, with your function as its first argument, and the job has a copy again."""
    program = load("context_variables/a_thread_has_a_context_of_its_own")

    async def main() -> None:
        run = asyncio.get_running_loop().run_in_executor
        program.current.set("Ada")
        with ThreadPoolExecutor(1) as pool:
            job = run(pool, copy_context().run, program.cook, "tea")
            assert await job == "tea for Ada"
            assert await run(pool, program.current.get) != "the cook"
        assert program.current.get() == "Ada"

    virtual_clock.run(main())


class Kept(logging.Handler):
    """Keeps the lines that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        who = getattr(record, "request_id", "nobody")
        self.lines.append(f"{who} {record.name}: {record.getMessage()}")


def lines_of(
    program: ModuleType, where: Callable[[Kept], logging.Filterer]
) -> list[str]:
    """What request 7 writes, with the filter at `where`."""
    kept = Kept()
    place = where(kept)
    root = logging.getLogger()
    level = root.level
    the_filter = program.AddRequestId()
    place.addFilter(the_filter)
    root.addHandler(kept)
    root.setLevel("INFO")
    try:
        virtual_clock.run(program.handle(7))
    finally:
        root.setLevel(level)
        root.removeHandler(kept)
        place.removeFilter(the_filter)
    return [line for line in kept.lines if " asyncio: " not in line]


def test_the_id_came_down(load: Load) -> None:
    """In the timeline each `charge` hangs below its `handle` by a thin line, and the id came down that line."""
    program = load("context_variables/a_request_id_in_each_log_line")
    assert lines_of(program, lambda kept: kept) == [
        "r7 shop: order received",
        "r7 bank: card charged",
        "r7 shop: order sent",
    ]


@pytest.mark.parametrize("name", ["shop", "root"])
def test_a_filter_on_a_logger(name: str, load: Load) -> None:
    """The filter belongs to the handler: a filter on a logger is asked only for what is logged with that very logger, and not for the lines of the bank."""
    program = load("context_variables/a_request_id_in_each_log_line")
    logger = logging.getLogger(None if name == "root" else name)
    shop = "r7" if name == "shop" else "nobody"
    assert lines_of(program, lambda _: logger) == [
        f"{shop} shop: order received",
        "nobody bank: card charged",
        f"{shop} shop: order sent",
    ]


@pytest.mark.parametrize("behind", [True, False])
def test_a_filter_before_the_queue(behind: bool, load: Load) -> None:
    """Where log lines go through a queue, put it on the `QueueHandler`: the handlers behind the queue run in another thread, where the request is unknown."""
    program = load("context_variables/a_request_id_in_each_log_line")
    kept = Kept()
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    before = QueueHandler(lines)
    (kept if behind else before).addFilter(program.AddRequestId())
    logger = logging.Logger("shop")  # not one of the process
    logger.addHandler(before)

    async def handle() -> None:
        program.request_id.set("r7")
        logger.info("order received")

    listener = QueueListener(lines, kept)
    listener.start()
    virtual_clock.run(handle())
    listener.stop()  # waits until it has handled everything
    assert kept.lines == [f"{'-' if behind else 'r7'} shop: order received"]


def test_reset() -> None:
    """`set` returns a token, and `reset(token)` brings back the value from before, or none if there was none."""

    async def main() -> None:
        first = value.set("first")
        second = value.set("second")
        value.reset(second)
        assert value.get() == "first"
        value.reset(first)
        assert value not in copy_context()

    virtual_clock.run(main())


def test_a_token_is_good_once() -> None:
    """A token is good once, and only in the context in which it was made."""

    async def reset(token: contextvars.Token[str]) -> None:
        value.reset(token)

    async def main() -> None:
        token = value.set("new")
        with pytest.raises(ValueError, match="created in a different Context"):
            await asyncio.create_task(reset(token))
        await reset(token)
        with pytest.raises(RuntimeError, match="already been used"):
            await reset(token)

    virtual_clock.run(main())


def test_a_generator_has_no_context() -> None:
    """Each piece of its body runs in the context of whoever asks for the next item, here first `main` and then another task."""

    async def items() -> AsyncGenerator[str, None]:
        while True:
            yield value.get()

    async def ask(name: str, pile: AsyncGenerator[str, None]) -> str:
        value.set(name)
        return await anext(pile)

    async def main() -> None:
        value.set("main")
        pile = items()
        assert await anext(pile) == "main"
        assert await asyncio.create_task(ask("another task", pile)) == "another task"
        assert await anext(pile) == "main"
        await pile.aclose()

    virtual_clock.run(main())


def test_main_stays_ada(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """So its `set` changed `main`, which is now Ada without having asked for it, and its `reset` was tried in the other task."""
    program = load("context_variables/reset_in_a_generator_broken")

    async def main() -> None:
        pile = program.letters("Ada")
        await anext(pile)
        assert program.reader.get() == "Ada"
        task = asyncio.create_task(program.put_away(pile))
        await asyncio.wait([task])
        assert isinstance(task.exception(), ValueError)
        assert program.reader.get() == "Ada"

        again = program.letters("Grace")
        await anext(again)
        await program.put_away(again)  # in main: the right context
        assert program.reader.get() == "Ada"

    virtual_clock.run(main())
    assert told(capsys) == []


def test_dropped_and_closed_by_the_loop(load: Load) -> None:
    """When you leave the loop early and drop the generator, the event loop closes it in a task of its own, with the same error, and the error is only logged."""
    program = load("context_variables/reset_in_a_generator_broken")

    async def main() -> None:
        reports: list[dict[str, Any]] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reports.append(context))
        async for _ in program.letters("Ada"):
            break
        await asyncio.sleep(1)
        (report,) = reports
        assert isinstance(report["future"], asyncio.Task)
        assert isinstance(report["exception"], ValueError)
        assert "different Context" in str(report["exception"])

    virtual_clock.run(main())


def test_a_with_block_in_the_generator() -> None:
    """A `with` block around the `yield` is no cure."""

    @contextmanager
    def setting(to: str) -> Iterator[None]:
        token = value.set(to)
        try:
            yield
        finally:
            value.reset(token)

    async def items() -> AsyncGenerator[int, None]:
        with setting("leaked"):
            yield 1

    async def close(pile: AsyncGenerator[int, None]) -> None:
        await pile.aclose()

    async def main() -> None:
        pile = items()
        await anext(pile)
        assert value.get() == "leaked"
        with pytest.raises(ValueError, match="different Context"):
            await asyncio.create_task(close(pile))

    virtual_clock.run(main())


def test_under_asynccontextmanager() -> None:
    """(Under `asynccontextmanager` you may set before the `yield` and reset after it, since one task enters the block and leaves it.)"""

    @asynccontextmanager
    async def setting(to: str) -> AsyncGenerator[None, None]:
        token = value.set(to)
        try:
            await asyncio.sleep(1)
            yield
        finally:
            await asyncio.sleep(1)
            value.reset(token)

    async def main() -> None:
        before = value.get()
        async with setting("Ada"):
            await asyncio.sleep(1)
            assert value.get() == "Ada"
        assert value.get() == before

    virtual_clock.run(main())


def test_set_and_reset_in_one_task(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    """`with` begins and ends in one task, so set and reset meet the same context, whoever puts the pile away."""
    program = load("context_variables/reset_in_a_generator_fixed")

    async def main(other_task: bool) -> None:
        pile = program.letters()
        with program.reading_as("Alan"):
            assert await anext(pile) == "Dear Alan"
            away = program.put_away(pile)
            await (asyncio.create_task(away) if other_task else away)
        assert program.reader.get() == "nobody"

    for other_task in (False, True):
        virtual_clock.run(main(other_task))
    assert told(capsys) == ["the pile is put away"] * 2


@pytest.mark.skipif(
    sys.version_info < (3, 14), reason="tokens are context managers since Python 3.14"
)
def test_the_token_as_a_context_manager() -> None:
    """Since Python 3.14 the token is a context manager itself: `with reader.set("Ada"):` does the work of `reading_as`."""
    names = changed(
        "reset_in_a_generator_fixed",
        ('with reading_as("Ada"):', 'with reader.set("Ada"):'),
    )

    async def main() -> None:
        await names["main"]()
        assert names["reader"].get() == "nobody"

    virtual_clock.run(main())


def test_set_before_the_task_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    """Ada pays, then Grace. Each task got its copy when it was created, with the guest of that moment."""
    names = changed(
        "thread_local_fixed",
        ("    current.set(guest)\n", ""),
        (
            '        group.create_task(serve("Ada"',
            '        current.set("Ada")\n        group.create_task(serve("Ada"',
        ),
        (
            '        group.create_task(serve("Grace"',
            '        current.set("Grace")\n        group.create_task(serve("Grace"',
        ),
    )
    virtual_clock.run(names["main"]())
    assert told(capsys)[2:] == ["Ada pays", "Grace pays"]


def test_snow_or_rain(capsys: pytest.CaptureFixture[str]) -> None:
    """Snow, from Python 3.12 on. On 3.11 it is rain, since `wait_for` made a task of the coroutine."""
    names = changed(
        "a_task_copies_and_an_await_shares",
        (
            'asyncio.create_task(change("snow"))',
            'asyncio.wait_for(change("snow"), 1)',
        ),
    )
    virtual_clock.run(names["main"]())
    (line,) = [line for line in told(capsys) if line.startswith("after the task:")]
    assert line.split()[-1] == ("snow" if sys.version_info >= (3, 12) else "rain")


def test_nobody_pays(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody pays for anything. Each order made a new list and set it in its own copy, which ended with it."""
    names = changed(
        "the_list_in_a_variable_is_not_copied",
        ("bill.get().append(dish)", "bill.set([*bill.get(), dish])"),
    )
    virtual_clock.run(names["main"]())
    pays = [line.strip() for line in told(capsys) if "pays" in line]
    assert pays == ["Ada pays for", "Grace pays for"] * 2
