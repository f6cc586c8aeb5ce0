"""The claims of `tutorial/pages-that-fail.md`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import aiohttp
import pytest

import virtual_clock
from programs import EXAMPLES
from record_timeline import Recorder
from small_site import SmallSite

Load = Callable[[str], ModuleType]
Captured = pytest.CaptureFixture[str]
BEFORE = "not_too_many_at_once/two_at_a_time"
BROKEN = "pages_that_fail/one_failure_ends_all_broken"
STAGE = "pages_that_fail/a_failure_is_a_result"
OF_ONE = "    except (aiohttp.ClientError, TimeoutError) as error:\n"
OF_ALL = "    except aiohttp.ClientConnectorError:\n        raise  # nobody is there: no page will come\n"
TURN = "            turn,  # when it is its turn, the clock starts\n"
CLOCK = "            asyncio.timeout(SECONDS),\n"


def told(captured: Captured) -> list[str]:
    """The lines printed since the last call."""
    return captured.readouterr().out.splitlines()


def changed(load: Load, folder: Path, *changes: tuple[str, str]) -> ModuleType:
    """The last program of the page after a reader's changes."""
    text = (EXAMPLES / f"{STAGE}.py").read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    copy = folder / "changed.py"
    copy.write_text(text, "utf-8")
    return load(str(copy.with_suffix("")))


async def ask(path: str) -> bytes:
    """Read a page of the small site."""
    async with (
        SmallSite() as site,
        aiohttp.ClientSession() as session,
        session.get(site.home + path) as reply,
    ):
        return await reply.read()


def test_five_lines(load: Load, capsys: Captured) -> None:
    """You see five lines, and then nothing."""
    program = load(BEFORE)
    program.PAGES.append("/phone")

    async def main() -> None:
        async with SmallSite() as site:
            task = asyncio.create_task(program.report(site.home))
            await asyncio.sleep(5)
            assert len(told(capsys)) == 5
            await asyncio.sleep(120)
            assert told(capsys) == []
            assert not task.done()
            task.cancel()
            await asyncio.wait([task])

    virtual_clock.run(main())


def test_five_minutes() -> None:
    """aiohttp would give up after five minutes, with a traceback; until then the program sits there, and one of its two places is taken."""

    async def main() -> None:
        start = time.perf_counter()
        with pytest.raises(TimeoutError):
            await ask("/phone")
        assert time.perf_counter() - start == pytest.approx(300, abs=2)

    virtual_clock.run(main())


def test_it_breaks_off() -> None:
    """It may break off: `/photos` promises 100,000 bytes, sends 165 of them and hangs up."""

    async def main() -> None:
        with pytest.raises(aiohttp.ClientPayloadError, match="165 of 100000 bytes"):
            await ask("/photos")

    virtual_clock.run(main())


def test_when_all_are_done() -> None:
    """`group.create_task` makes them; the `async with` block ends when all of them are done."""

    async def main() -> None:
        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(asyncio.sleep(n)) for n in (3, 1, 2)]
        assert time.perf_counter() - start == pytest.approx(3, abs=0.05)
        assert all(task.done() for task in tasks)

    virtual_clock.run(main())


def test_the_triangles(load: Load) -> None:
    """That is a call of `cancel()`: the group asks each other task to stop, and `main()` too, which was waiting inside of its block."""
    path = str(EXAMPLES / f"{BROKEN}.py")
    program = load(BROKEN)
    with virtual_clock.VirtualClock(), Recorder(path) as recorder:
        asyncio.run(program.main())
    trace = recorder.trace()
    calls = {who: t["call"] for who, t in trace["tasks"].items() if t["shown"]}
    asked = [e for e in trace["events"] if e["ev"] == "cancel" and e["who"] in calls]
    assert {
        "/photos" in calls[e["by"]] or "pho..." in calls[e["by"]] for e in asked
    } == {True}
    assert len({e["who"] for e in asked}) == 8
    assert "main()" in {calls[e["who"]] for e in asked}


def test_most_are_never_asked_for(load: Load, capsys: Captured) -> None:
    """`/map` was cut off in the middle of its request, and most pages were never asked for."""
    program = load(BROKEN)
    asked: list[str] = []

    async def main() -> None:
        async with SmallSite() as site:
            with pytest.raises(ExceptionGroup):
                await program.report(site.home)
            asked.extend(site.asked)

    virtual_clock.run(main())
    assert asked == ["/map", "/photos"]
    assert told(capsys) == []


def test_it_cancels_and_waits() -> None:
    """When one of its tasks fails, it cancels the others, waits until they have ended, and raises what went wrong."""
    ended: list[float] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(2)
            ended.append(time.perf_counter())

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError

    async def group() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(work())
            tasks.create_task(fail())

    async def main() -> None:
        start = time.perf_counter()
        with pytest.raises(ExceptionGroup) as caught:
            await group()
        assert [type(error) for error in caught.value.exceptions] == [LookupError]
        assert ended == [pytest.approx(start + 3, abs=0.05)]

    virtual_clock.run(main())


def test_gather_only_raises() -> None:
    """`gather` only raises it, and the others run on"""
    ended: list[str] = []

    async def work() -> None:
        await asyncio.sleep(5)
        ended.append("work")

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError

    async def main() -> None:
        with pytest.raises(LookupError):
            await asyncio.gather(work(), fail())
        assert ended == []
        await asyncio.sleep(10)
        assert ended == ["work"]

    virtual_clock.run(main())


def test_a_group_of_exceptions() -> None:
    """An `except` for `ClientError` does not catch a group."""
    group = ExceptionGroup("checks", [aiohttp.ClientError()])
    caught = ""
    try:
        try:
            raise group
        except aiohttp.ClientError:
            caught = "inner"
    except ExceptionGroup:
        caught = "outer"
    assert caught == "outer"


def test_what_fits() -> None:
    """**`except*`** does: it takes from the group what fits, and whatever is left goes on."""
    fits: list[type[BaseException]] = []
    left: list[type[BaseException]] = []
    group = ExceptionGroup("checks", [aiohttp.ClientError(), LookupError()])
    try:
        try:
            raise group
        except* aiohttp.ClientError as errors:
            fits += [type(error) for error in errors.exceptions]
    except ExceptionGroup as rest:
        left += [type(error) for error in rest.exceptions]
    assert fits == [aiohttp.ClientError]
    assert left == [LookupError]


def test_eight_results(load: Load, capsys: Captured) -> None:
    """There are eight results for eight pages, and two of them are exceptions by name."""
    program = load(STAGE)

    async def main() -> None:
        async with SmallSite() as site:
            await program.report(site.home)

    virtual_clock.run(main())
    results = [line.split("] ")[1].split() for line in told(capsys)]
    assert sorted(page for _, page in results) == sorted(program.PAGES)
    names = {page: name for name, page in results if name.endswith("Error")}
    assert names == {"/photos": "ClientPayloadError", "/phone": "TimeoutError"}


def test_nobody_is_there(load: Load, capsys: Captured) -> None:
    """The group cancels the six that wait for their turn, and `except*` says once what happened."""
    program = load(STAGE)
    check = program.check
    ends: list[str] = []

    async def noted(
        session: aiohttp.ClientSession, turn: asyncio.Semaphore, url: str
    ) -> str:
        try:
            return str(await check(session, turn, url))
        except BaseException as error:
            ends.append(type(error).__name__)
            raise

    vars(program)["check"] = noted

    async def main() -> None:
        async with SmallSite() as site:
            pass
        await program.report(site.home)

    virtual_clock.run(main())
    assert ends.count("ClientConnectorError") == 2
    assert ends.count("CancelledError") == 6
    assert told(capsys) == ["nobody answers there"]


def test_a_client_error() -> None:
    """`ClientConnectorError` is a `ClientError` as well, and Python takes the first clause that fits."""

    async def main() -> str:
        async with SmallSite() as site:
            pass
        try:
            async with aiohttp.ClientSession() as session, session.get(site.home):
                pass
        except aiohttp.ClientError as error:
            return f"first: {type(error).__name__}"
        except BaseException:
            return "second"
        return "none"

    assert virtual_clock.run(main()) == "first: ClientConnectorError"


def test_no_more_than_two(load: Load) -> None:
    """At no moment do more than two of them wait for the bakery."""
    program = load(STAGE)

    async def main() -> int:
        async with SmallSite() as site:
            await program.report(site.home)
        return site.busiest

    assert virtual_clock.run(main()) == 2


def test_a_clock() -> None:
    """When the time is over, it cancels what is waiting inside of it and turns that into a `TimeoutError`."""
    inside: list[str] = []

    async def wait() -> None:
        try:
            async with asyncio.timeout(5):
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    inside.append("cancelled")
                    raise
        except TimeoutError:
            inside.append("timed out")

    async def main() -> None:
        start = time.perf_counter()
        await wait()
        assert time.perf_counter() - start == pytest.approx(5, abs=0.05)

    virtual_clock.run(main())
    assert inside == ["cancelled", "timed out"]


def test_phone_is_given_up(load: Load) -> None:
    """`/phone` is given up after 1.2 seconds."""
    program = load(STAGE)

    async def main() -> None:
        turn = asyncio.Semaphore(1)
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            start = time.perf_counter()
            url = site.home + "/phone"
            assert await program.check(session, turn, url) == f"TimeoutError {url}"
            assert time.perf_counter() - start == pytest.approx(1.2, abs=0.05)

    virtual_clock.run(main())


def test_the_place_is_given_on(load: Load) -> None:
    """The exception leaves the blocks one by one, so the request is closed, and the place goes to the next page."""
    program = load(STAGE)

    async def main() -> None:
        turn = asyncio.Semaphore(1)
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            urls = [site.home + "/phone", site.home + "/bread"]
            results = await asyncio.gather(
                *[program.check(session, turn, url) for url in urls]
            )
            assert results == [f"TimeoutError {urls[0]}", f"200 {urls[1]}"]
            assert site.asked == ["/phone", "/bread"]
            assert site.busiest == 1

    virtual_clock.run(main())


def test_a_call_that_blocks() -> None:
    """A call that blocks keeps the thread, and then the clock has to wait as well."""

    async def wait() -> None:
        async with asyncio.timeout(1):
            time.sleep(10)
            await asyncio.sleep(3600)

    async def main() -> None:
        start = time.perf_counter()
        with pytest.raises(TimeoutError):
            await wait()
        assert time.perf_counter() - start == pytest.approx(10, abs=0.05)

    virtual_clock.run(main())


def test_the_clock_starts_at_its_turn(load: Load, tmp_path: Path) -> None:
    """The blocks are entered from top to bottom: the task takes its turn, and the clock starts then."""
    swapped = changed(load, tmp_path, (TURN + CLOCK, CLOCK + TURN))

    async def result(program: ModuleType) -> str:
        turn = asyncio.Semaphore(1)
        async with SmallSite() as site, aiohttp.ClientSession() as session:
            async with turn:
                url = site.home + "/bread"
                task = asyncio.create_task(program.check(session, turn, url))
                await asyncio.sleep(2)
            return str((await task).split()[0])

    assert virtual_clock.run(result(load(STAGE))) == "200"
    assert virtual_clock.run(result(swapped)) == "TimeoutError"


def test_everything_caught(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """With `except Exception`, the program would report `AttributeError` for every page that answers: your own mistake, made to look like the bakery's."""
    mistake = ("{reply.status} {url}", "{reply.state} {url}")
    every = (OF_ONE, "    except Exception as error:\n")
    virtual_clock.run(changed(load, tmp_path, mistake, every).main())
    results = [line for line in told(capsys) if line.startswith("[")]
    assert len(results) == 8
    assert sum("AttributeError" in line for line in results) == 6


def test_your_own_mistake(load: Load, tmp_path: Path) -> None:
    """As it is, an `AttributeError` fits no clause, ends the group, and you see its traceback."""
    mistake = ("{reply.status} {url}", "{reply.state} {url}")
    program = changed(load, tmp_path, mistake)

    async def main() -> None:
        async with SmallSite() as site:
            with pytest.raises(ExceptionGroup) as caught:
                await program.report(site.home)
        kinds = {type(error) for error in caught.value.exceptions}
        assert kinds == {AttributeError}

    virtual_clock.run(main())


def test_for_each_page(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """Nobody is there, and we are told so for each page."""
    virtual_clock.run(changed(load, tmp_path, (OF_ALL, "")).main())
    lines = told(capsys)
    second = lines[lines.index("the bakery has closed") + 1 :]
    assert len(second) == 8
    assert all("ClientConnectorError" in line for line in second)


def test_before_it_is_answered(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """All clocks start at once, and its time is over before it is answered."""
    one = ("LIMIT = 2", "LIMIT = 1")
    virtual_clock.run(changed(load, tmp_path, one).main())
    assert any(line.endswith("200 /shop") for line in told(capsys))
    swap = (TURN + CLOCK, CLOCK + TURN)
    virtual_clock.run(changed(load, tmp_path, one, swap).main())
    assert any(line.endswith("TimeoutError /shop") for line in told(capsys))


def test_never_asked_for(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """`/phone` times out too, and is never asked for."""
    one = ("LIMIT = 2", "LIMIT = 1")
    program = changed(load, tmp_path, one, (TURN + CLOCK, CLOCK + TURN))

    async def main() -> list[str]:
        async with SmallSite() as site:
            await program.report(site.home)
        return site.asked

    assert "/phone" not in virtual_clock.run(main())
    assert any(line.endswith("TimeoutError /phone") for line in told(capsys))


def test_slow_and_broken(load: Load, tmp_path: Path, capsys: Captured) -> None:
    """`/map`, which takes 0.8 seconds."""
    half = ("SECONDS = 1.2", "SECONDS = 0.5")
    virtual_clock.run(changed(load, tmp_path, half).main())
    late = [line.split()[-1] for line in told(capsys) if "TimeoutError" in line]
    assert sorted(late) == ["/map", "/phone"]
