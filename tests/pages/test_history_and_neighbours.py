"""The claims of `concepts/history-and-neighbours.md`."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import types
import warnings
from collections.abc import Callable, Generator
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES

Load = Callable[[str], ModuleType]
SLUG = "history_and_neighbours"
HERE = EXAMPLES / SLUG
POSTED = ["Bob: nobody knows Bob", "Ada: a blue stamp"]


def told(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def changed(name: str, *changes: tuple[str, str]) -> ModuleType:
    """A program with the changes that its page proposes."""
    text = (HERE / f"{name}.py").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    module = ModuleType("changed")
    exec(compile(text, f"{name}.py", "exec"), vars(module))
    return module


def test_ask_returns_at_once(load: Load) -> None:
    """`ask` returns at once, before there is an answer."""
    program = load(f"{SLUG}/with_callbacks")
    answers: list[str] = []

    async def main() -> None:
        start = time.monotonic()
        program.ask(program.CITIES, "Ada", answers.append, answers.append)
        assert time.monotonic() - start < 0.01
        assert answers == []
        await asyncio.sleep(0.2)
        assert answers == ["London"]

    virtual_clock.run(main())


def test_only_main_is_a_task(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """There are no tasks in the timeline but `main`; the dark pieces are callbacks that the event loop runs."""
    program = load(f"{SLUG}/with_callbacks")
    tasks: list[int] = []
    post = program.post

    def counted(*args: Any) -> None:
        post(*args)
        tasks.append(len(asyncio.all_tasks()))

    program.post = counted  # type: ignore[attr-defined]
    virtual_clock.run(program.main())
    assert tasks == [1, 1]
    assert told(capsys) == POSTED


def test_a_try_catches_nothing(load: Load) -> None:
    """A `try` around the call to `ask` would catch nothing, since the block is left before the answer comes."""
    program = load(f"{SLUG}/with_callbacks")
    caught: list[Exception] = []
    reported: list[Exception] = []

    def fail(word: str) -> None:
        raise LookupError(word)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, what: reported.append(what["exception"]))
        try:
            program.ask(program.CITIES, "Bob", fail, fail)
        except LookupError as error:
            caught.append(error)
        await asyncio.sleep(0.2)

    virtual_clock.run(main())
    assert caught == []
    assert [error.args for error in reported] == [("Bob",)]


def test_a_generator_pauses() -> None:
    """A generator pauses in the middle of its body and keeps its variables."""
    ran: list[str] = []

    def letter() -> Generator[str, str, None]:
        name = "Ada"
        ran.append("begun")
        city = yield "where?"
        ran.append(f"{name}, {city}")

    paused = letter()
    assert next(paused) == "where?"
    assert ran == ["begun"]
    assert paused.gi_frame.f_locals["name"] == "Ada"
    with suppress(StopIteration):
        paused.send("London")
    assert ran == ["begun", "Ada, London"]


def test_one_try(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """Now `post` reads from top to bottom, and one `try` surrounds both waits."""
    program = load(f"{SLUG}/with_generators")
    for answers, last in [([], "Ada"), (["Rome"], "Rome")]:
        letter = program.post("Ada")
        next(letter)
        for answer in answers:
            letter.send(answer)
        with pytest.raises(StopIteration):
            letter.throw(LookupError(last))
        assert told(capsys) == [f"Ada: nobody knows {last}"]


def test_run_is_a_loop(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """`run` is an event loop, if a small one: it keeps the paused jobs, waits once for all of them, and goes on with each."""
    program = load(f"{SLUG}/with_generators")
    waits: list[float] = []
    program.time = type("Clock", (), {"sleep": waits.append})  # type: ignore[attr-defined]
    program.run(*map(program.post, ["Ada", "Bob", "Ada", "Ada"]))
    assert waits == [0.1, 0.1]
    assert told(capsys) == [POSTED[0], *[POSTED[1]] * 3]


def test_the_value_of_yield_from() -> None:
    """`yield from ask(...)` runs the other generator as if its body stood here; what it returns is the value of the expression."""
    order: list[str] = []

    def ask() -> Generator[str, str, str]:
        order.append("asked")
        answer = yield "question"
        order.append("answered")
        return answer.upper()

    def post() -> Generator[str, str, None]:
        order.append((yield from ask()))

    letter = post()
    assert next(letter) == "question"
    assert order == ["asked"]
    with suppress(StopIteration):
        letter.send("rome")
    assert order == ["asked", "answered", "ROME"]


def test_the_loop_of_today(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """On it asyncio was built, in Python 3.4, and the loop of today still runs the style:"""
    program = load(f"{SLUG}/with_yield_from")
    assert isinstance(program.post("Ada"), types.GeneratorType)
    virtual_clock.run(program.main())
    assert told(capsys) == POSTED
    assert not hasattr(asyncio, "coroutine")


def test_who_takes_a_generator(load: Load) -> None:
    """`gather` and `await` take such a generator to this day; `create_task` has refused it since Python 3.12."""
    program = load(f"{SLUG}/with_yield_from")

    def ask() -> Any:
        return program.ask(program.STAMPS, "London")

    async def main() -> None:
        assert await ask() == "a blue stamp"
        assert await asyncio.gather(ask()) == ["a blue stamp"]
        older = ask()
        if sys.version_info < (3, 12):
            assert await asyncio.create_task(older) == "a blue stamp"
        else:
            with pytest.raises(TypeError, match="a coroutine was expected"):
                await asyncio.create_task(older)

    virtual_clock.run(main())


def test_what_asyncio_run_takes(load: Load) -> None:
    """`asyncio.run` refuses it on 3.12 and 3.13."""
    program = load(f"{SLUG}/with_yield_from")
    older = program.ask(program.STAMPS, "London")
    if sys.version_info[:2] in [(3, 12), (3, 13)]:
        with pytest.raises(ValueError, match="a coroutine was expected"):
            asyncio.run(older)
    else:
        assert asyncio.run(older) == "a blue stamp"


def test_replace_the_words(capsys: pytest.CaptureFixture[str]) -> None:
    """If you have such code, replace the decorator by `async`, and `yield from` by `await`:"""
    text = (HERE / "with_yield_from.py").read_text("utf-8")
    head, *functions = text.split("@types.coroutine")
    assert len(functions) == 2
    modern = head
    for function in functions:
        _, _, rest = function.partition("\n")
        modern += f"async {rest}".replace("yield from", "await")
    for old, new in [
        ("Generator[Any, Any, str]", "str"),
        ("Generator[Any, Any, None]", "None"),
    ]:
        assert old in modern
        modern = modern.replace(old, new)
    module = ModuleType("modern")
    exec(compile(modern, "modern.py", "exec"), vars(module))
    assert "yield" not in modern.partition('"""\n')[2]
    letter = module.post("Ada")
    assert isinstance(letter, types.CoroutineType)
    letter.close()
    virtual_clock.run(module.main())
    assert told(capsys) == POSTED


def test_all_print_the_same() -> None:
    """All four programs print the same."""
    outputs = {path.read_text("utf-8") for path in HERE.glob("with_*.out")}
    assert len(list(HERE.glob("with_*.py"))) == 4
    assert [text.splitlines() for text in outputs] == [POSTED]


def test_mistakes_are_noticed() -> None:
    """A coroutine cannot be iterated over by accident, and one that is never awaited gives a warning, while a forgotten generator is dropped in silence."""

    async def new() -> None:
        await asyncio.sleep(0)

    @types.coroutine
    def old() -> Generator[Any, Any, None]:
        yield from asyncio.sleep(0)

    coroutine = new()
    with pytest.raises(TypeError, match="not iterable"):
        iter(coroutine)  # type: ignore[call-overload]
    coroutine.close()
    assert iter(old())
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        old()
        gc.collect()
        assert heard == []
        new()
        gc.collect()
    assert ["never awaited" in str(warning.message) for warning in heard] == [True]


def test_cold(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """A coroutine is cold: the tea was called first, and begun when `main` awaited it."""
    program = load(f"{SLUG}/a_coroutine_is_cold")
    virtual_clock.run(program.main())
    lines = told(capsys)
    assert lines.index("main: now the tea") + 1 == lines.index("tea: water on")
    assert lines.index("coffee: done") < lines.index("main: now the tea")


@pytest.mark.parametrize("as_task", [False, True])
def test_the_same_lines(as_task: bool) -> None:
    """So `const tea = brew()`, and later `await tea`, overlaps two waits there, and the same lines in Python do not."""

    async def brew() -> str:
        await asyncio.sleep(1)
        return "tea"

    async def main() -> float:
        start = time.monotonic()
        tea: Any = asyncio.create_task(brew()) if as_task else brew()
        await asyncio.sleep(1)  # another wait
        assert await tea == "tea"
        return time.monotonic() - start

    took = virtual_clock.run(main())
    assert took == pytest.approx(1 if as_task else 2, abs=0.01)


def test_delivered_once() -> None:
    """asyncio delivers a request once; in Trio and AnyIO a cancelled scope stays cancelled, and each further wait in it is interrupted as well."""
    waited: list[float] = []

    async def stubborn() -> None:
        loop = asyncio.get_running_loop()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        start = loop.time()
        await asyncio.sleep(5)  # not interrupted: the request is used up
        waited.append(loop.time() - start)

    async def main() -> None:
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(1)
        task.cancel()
        await task

    virtual_clock.run(main())
    assert waited == pytest.approx([5], abs=0.01)


def test_between_two_awaits() -> None:
    """In asyncio, in Trio and in JavaScript, code between two awaits has the data to itself."""
    stamps = 10

    async def take(stock: int) -> None:
        nonlocal stamps
        for _ in range(stock):
            before = stamps
            sum(range(50))  # no await in here
            stamps = before - 1
            await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(*(take(1) for _ in range(10)))

    asyncio.run(main())
    assert stamps == 0


def test_a_bare_create_task() -> None:
    """With `go`, with a promise, with `tokio::spawn` and with a bare `create_task`, that is for you to see to."""
    kept: list[asyncio.Task[None]] = []

    async def bare() -> None:
        kept.append(asyncio.create_task(asyncio.sleep(1)))

    async def grouped() -> None:
        async with asyncio.TaskGroup() as group:
            kept.append(group.create_task(asyncio.sleep(1)))

    async def main() -> None:
        await bare()
        assert not kept[-1].done()
        await grouped()
        assert kept[-1].done()

    virtual_clock.run(main())


def test_change_it_eve(capsys: pytest.CaptureFixture[str]) -> None:
    """Eve's letter fails at its second question, together with Ada's success: "nobody knows" her city, in the place of "nobody knows Eve"."""
    ada = '        letters.create_task(post("Ada"), name="Ada")\n'
    eve = ada.replace("Ada", "Eve")
    program = changed(
        "with_async_and_await",
        ('{"Ada": "London"}', '{"Ada": "London", "Eve": "Atlantis"}'),
        (ada, ada + eve),
    )
    virtual_clock.run(program.main())
    assert told(capsys) == [*POSTED, "Eve: nobody knows Atlantis"]


def test_change_it_tea(capsys: pytest.CaptureFixture[str]) -> None:
    """The tea is never made, and Python warns that `coroutine 'brew' was never awaited`."""
    program = changed("a_coroutine_is_cold", ("    await tea\n", ""))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        virtual_clock.run(program.main())
        gc.collect()
    assert [str(it.message) for it in heard] == ["coroutine 'brew' was never awaited"]
    assert not [line for line in told(capsys) if line.startswith("tea")]
