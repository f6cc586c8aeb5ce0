"""The claims of `reference/errors/asynchronous-generator-is-already-running.md`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from types import ModuleType

import pytest

import virtual_clock
from messages import last_line

Load = Callable[[str], ModuleType]
HERE = "asynchronous_generator_is_already_running"
ALREADY = "asynchronous generator is already running"


async def letters() -> AsyncGenerator[str, None]:
    """Give three letters, one a second."""
    for name in ["Ada", "Grace", "Edsger"]:
        await asyncio.sleep(1)
        yield name


def test_at_work_for_another() -> None:
    """A task asked an asynchronous generator for an item while the generator was at work for another task."""

    async def main() -> None:
        post = letters()
        first = asyncio.create_task(anext(post))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            await anext(post)
        assert last_line(caught.value) == f"RuntimeError: anext(): {ALREADY}"
        assert await first == "Ada"
        assert await anext(post) == "Grace"  # at work for nobody

    virtual_clock.run(main())


def test_any_await_in_the_generator() -> None:
    """Any `await` in the generator that has to wait lets a second caller come in between."""

    async def no_wait() -> None:
        """Give way to nobody."""

    async def at_once() -> AsyncGenerator[int, None]:
        for number in range(4):
            await no_wait()
            yield number

    async def later() -> AsyncGenerator[int, None]:
        for number in range(4):
            await asyncio.sleep(0)  # the shortest wait
            yield number

    async def main() -> None:
        numbers = at_once()
        got = await asyncio.gather(*(anext(numbers) for _ in range(4)))
        assert got == [0, 1, 2, 3]
        numbers = later()
        with pytest.raises(RuntimeError, match=ALREADY):
            await asyncio.gather(*(anext(numbers) for _ in range(4)))

    virtual_clock.run(main())


def test_until_it_is_cancelled(load: Load) -> None:
    """In the timeline, Tom's lane ends with a cross while Tim's goes on waiting, until `asyncio.run` cancels it."""
    program = load(f"{HERE}/two_readers_one_generator_broken")
    ends: dict[str, asyncio.Task[None]] = {}

    async def main() -> None:
        post = program.letters()
        for who in ("Tim", "Tom"):
            ends[who] = asyncio.create_task(program.carry(who, post))
        with pytest.raises(RuntimeError, match=ALREADY):
            await ends["Tom"]
        assert not ends["Tim"].done()

    virtual_clock.run(main())
    assert ends["Tim"].cancelled()


def test_a_close() -> None:
    """`aclose(): asynchronous generator is already running` is the same with a close: somebody closes it while a task waits for its next item."""

    async def main() -> None:
        post = letters()
        first = asyncio.create_task(anext(post))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError) as caught:
            await post.aclose()
        assert last_line(caught.value) == f"RuntimeError: aclose(): {ALREADY}"
        assert await first == "Ada"

    virtual_clock.run(main())


def test_wait_leaves_the_task() -> None:
    """Either may follow an `asyncio.wait` with a `timeout`, which leaves the task that asked at its wait."""

    async def main() -> None:
        post = letters()
        asking = asyncio.create_task(anext(post))
        done, _ = await asyncio.wait([asking], timeout=0.5)
        assert not done
        for again in (anext(post), post.aclose()):
            with pytest.raises(RuntimeError, match=ALREADY):
                await again
        assert await asking == "Ada"

    virtual_clock.run(main())


def test_a_timeout_ends_it() -> None:
    """They cancel the wait, and with it the generator: unless it catches the cancellation, it has ended, and the next caller finds no more items."""

    async def patient() -> AsyncGenerator[str, None]:
        try:
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            yield "late"
        yield "more"

    async def timeout(post: AsyncGenerator[str, None]) -> str:
        async with asyncio.timeout(0.5):
            return await anext(post)

    async def wait_for(post: AsyncGenerator[str, None]) -> str:
        return await asyncio.wait_for(anext(post), 0.5)

    async def main() -> None:
        for limited in (timeout, wait_for):
            post = letters()
            with pytest.raises(TimeoutError):
                await limited(post)
            assert await anext(post, "no more") == "no more"
            post = patient()
            with suppress(TimeoutError):
                assert await limited(post) == "late"
            assert await anext(post, "no more") == "more"

    virtual_clock.run(main())


def test_a_queue(load: Load, capsys: pytest.CaptureFixture[str]) -> None:
    """One task goes through the generator, and a queue hands out what it finds."""
    program = load(f"{HERE}/two_readers_one_generator_fixed")
    virtual_clock.run(program.main())
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 3
    assert {line.split()[0] for line in said} == {"Tim", "Tom"}


def test_one_letter_at_most(load: Load) -> None:
    """Here the queue holds one letter at most, so the generator cannot run far ahead of the carriers."""
    program = load(f"{HERE}/two_readers_one_generator_fixed")
    counts = {"given": 0, "taken": 0}
    ahead: list[int] = []

    async def many() -> AsyncGenerator[str, None]:
        for _ in range(20):
            counts["given"] += 1
            ahead.append(counts["given"] - counts["taken"])
            yield "a letter"

    async def slow(_: str, bag: asyncio.Queue[str | None]) -> None:
        while await bag.get() is not None:
            counts["taken"] += 1
            await asyncio.sleep(1)
        bag.put_nowait(None)

    program.letters, program.carry = many, slow  # type: ignore[attr-defined]
    virtual_clock.run(program.main())
    assert counts == {"given": 20, "taken": 20}
    assert max(ahead) <= 3  # one in the bag, one on its way, one asked for


def test_if_the_source_can_be_read_twice() -> None:
    """If every reader is to have all the items, call the function again for each, provided that its source can be read twice."""
    source = iter(["Ada", "Grace"])

    async def once() -> AsyncGenerator[str, None]:
        for name in source:
            yield name

    async def main() -> None:
        for _ in range(2):
            assert [it async for it in letters()] == ["Ada", "Grace", "Edsger"]
        assert [it async for it in once()] == ["Ada", "Grace"]
        assert [it async for it in once()] == []

    virtual_clock.run(main())


def test_a_queue_for_each() -> None:
    """If it cannot, as with a socket, give each reader a queue of its own, and put each item into all of them."""

    async def read(bag: asyncio.Queue[str | None]) -> list[str]:
        got = []
        while (letter := await bag.get()) is not None:
            got.append(letter)
        return got

    async def main() -> None:
        bags: list[asyncio.Queue[str | None]] = [asyncio.Queue(1) for _ in range(2)]
        async with asyncio.TaskGroup() as group:
            readers = [group.create_task(read(bag)) for bag in bags]
            async for letter in letters():
                for bag in bags:
                    await bag.put(letter)
            for bag in bags:
                await bag.put(None)
        for reader in readers:
            assert reader.result() == ["Ada", "Grace", "Edsger"]

    virtual_clock.run(main())


def test_a_lock() -> None:
    """A lock around `anext` helps too, as long as nobody is cancelled."""

    async def main() -> None:
        post, turn = letters(), asyncio.Lock()
        got: list[str] = []

        async def carry() -> None:
            async with turn:
                got.append(await anext(post))

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(carry())
        assert got == ["Ada", "Grace", "Edsger"]

    virtual_clock.run(main())


def test_a_lock_and_a_cancelled_reader() -> None:
    """A reader that is cancelled while it waits for its item ends the generator for all."""

    async def main() -> None:
        post, turn = letters(), asyncio.Lock()

        async def carry() -> str:
            async with turn:
                return await anext(post, "no more")

        first, second = (asyncio.create_task(carry()) for _ in range(2))
        await asyncio.sleep(0.5)
        first.cancel()
        assert await second == "no more"

    virtual_clock.run(main())
