"""The claims of `tutorial/follow-the-links.md`."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import virtual_clock
from programs import EXAMPLES
from record_timeline import Recorder
from small_site import LINKS, SmallSite

Load = Callable[[str], ModuleType]
Captured = pytest.CaptureFixture[str]
HERE = EXAMPLES / "follow_the_links"
CIRCLE = "one_queue_for_all_broken"
STAGE = "workers_follow_links"


@pytest.fixture
def changed(load: Load, tmp_path: Path) -> Callable[..., ModuleType]:
    """A program of the page, with some of its text replaced."""

    def changed(name: str, *changes: tuple[str, str]) -> ModuleType:
        text = (HERE / f"{name}.py").read_text("utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
        return load(str(tmp_path / name))

    return changed


Changed = Callable[..., ModuleType]


def lines(capsys: Captured) -> list[str]:
    """The lines printed since the last call."""
    return capsys.readouterr().out.splitlines()


def crawled(program: ModuleType) -> tuple[Any, SmallSite, float]:
    """What a crawl of the small site reports, the site, and the seconds it took."""

    async def main() -> tuple[Any, SmallSite, float]:
        report = program.Report()
        async with SmallSite() as site:
            start = time.monotonic()
            await program.crawl(f"{site.home}/", report)
            return report, site, time.monotonic() - start

    return virtual_clock.run(main())


def test_the_first_page() -> None:
    """Its first page has fourteen links, and those pages have links in turn."""
    assert len(LINKS["/"]) == 14
    assert LINKS["/bread"]
    assert LINKS["/cakes"]


def test_a_queue() -> None:
    """`await todo.get()` takes the oldest one, and waits while there is none."""

    async def main() -> None:
        todo = asyncio.Queue[str]()
        await todo.put("first")
        await todo.put("second")
        assert await todo.get() == "first"
        assert await todo.get() == "second"
        taker = asyncio.create_task(todo.get())
        await asyncio.sleep(60)
        assert not taker.done()
        await todo.put("third")
        assert await taker == "third"

    virtual_clock.run(main())


def test_a_bounded_queue() -> None:
    """A queue made with `maxsize=3` holds no more than three, and `put` waits while it is full."""

    async def main() -> None:
        todo = asyncio.Queue[int](maxsize=3)
        for number in range(3):
            await todo.put(number)
        putter = asyncio.create_task(todo.put(3))
        await asyncio.sleep(60)
        assert not putter.done()
        assert todo.qsize() == 3
        await todo.get()
        await putter
        assert todo.qsize() == 3

    virtual_clock.run(main())


def test_workers_are_the_limit() -> None:
    """Two workers make two requests at once, however long the queue is, so the semaphore is no longer needed."""
    busy: Counter[str] = Counter()

    async def work(todo: asyncio.Queue[int]) -> None:
        while True:
            await todo.get()
            busy["now"] += 1
            busy["most"] = max(busy["most"], busy["now"])
            await asyncio.sleep(1)
            busy["now"] -= 1
            todo.task_done()

    async def main() -> None:
        todo = asyncio.Queue[int]()
        for number in range(50):
            todo.put_nowait(number)
        workers = [asyncio.create_task(work(todo)) for _ in range(2)]
        await todo.join()
        for worker in workers:
            worker.cancel()

    virtual_clock.run(main())
    assert busy["most"] == 2


def test_until_all_are_done() -> None:
    """A worker calls `todo.task_done()` after each entry, and `await todo.join()` waits until that has been said of every entry that was put."""

    async def main() -> None:
        todo = asyncio.Queue[str]()
        for page in ("/bread", "/cakes"):
            await todo.put(page)
        joining = asyncio.create_task(todo.join())
        for _ in range(2):
            await todo.get()
            await asyncio.sleep(60)
            assert not joining.done()  # taken, and not yet done
            todo.task_done()
        await joining

    virtual_clock.run(main())


def test_three_of_thirteen(changed: Changed, load: Load, capsys: Captured) -> None:
    """The site has thirteen pages. Three were begun, and then nothing more happened."""
    virtual_clock.run(load(f"follow_the_links/{CIRCLE}").main())
    told = lines(capsys)
    assert sum("checking" in line for line in told) == 3
    assert told[-1] == "main: a second later, both still wait"
    roomy = changed(CIRCLE, ("maxsize=3", ""))
    virtual_clock.run(roomy.main())
    assert sum("checking" in line for line in lines(capsys)) == 13


def test_room_for_two(load: Load, capsys: Captured) -> None:
    """Ada gets these in, and comes to her third; Bob does not get in even his first."""
    virtual_clock.run(load(f"follow_the_links/{CIRCLE}").main())
    waits = [line for line in lines(capsys) if "waits for room" in line]
    assert waits == [
        "Ada: waits for room for /0/2/",  # of /0/0/, /0/1/, /0/2/
        "Bob: waits for room for /1/0/",
    ]


def test_the_last_hatched_piece(load: Load) -> None:
    """Bob waits at the same call, for the same reason."""
    path = str(HERE / f"{CIRCLE}.py")
    program = load(f"follow_the_links/{CIRCLE}")
    with virtual_clock.VirtualClock(), Recorder(path) as recorder:
        asyncio.run(program.main())
    trace = recorder.trace()
    names = {who: task["name"] for who, task in trace["tasks"].items()}
    last = {
        names[e["who"]]: (e["label"], e["line"])
        for e in trace["events"]
        if e["ev"] == "wait"
    }
    assert last["Ada"][0] == "todo.put()"
    assert last["Ada"] == last["Bob"]


def test_all_three_for_ever(changed: Changed) -> None:
    """Without that, all three would wait for ever: a deadlock."""
    program = changed(CIRCLE, ("asyncio.timeout(1)", "asyncio.timeout(None)"))
    with pytest.raises(virtual_clock.DeadlockError) as error:
        virtual_clock.run(program.main())
    assert str(error.value).count("waits at line") == 3


def test_a_larger_queue(changed: Changed, capsys: Captured) -> None:
    """With `maxsize=6`, both get through this site."""
    larger = ("maxsize=3", "maxsize=6")
    virtual_clock.run(changed(CIRCLE, larger).main())
    told = lines(capsys)
    assert sum("checking" in line for line in told) == 13
    assert "main: a second later, both still wait" not in told


def test_more_links(changed: Changed, capsys: Captured) -> None:
    """Then write `range(5)` for `range(3)`, for a site with more links on a page, and both wait for ever once more."""
    more = [("maxsize=3", "maxsize=6"), ("range(3)", "range(5)")]
    no_limit = ("asyncio.timeout(1)", "asyncio.timeout(None)")
    with pytest.raises(virtual_clock.DeadlockError, match="'Ada' waits"):
        virtual_clock.run(changed(CIRCLE, *more, no_limit).main())
    lines(capsys)


@pytest.mark.parametrize("links", [3, 30])
def test_without_maxsize(links: int, changed: Changed, capsys: Captured) -> None:
    """Without `maxsize`, nobody waits for room, on no site."""
    program = changed(
        CIRCLE,
        ("maxsize=3", ""),
        ("range(3)", f"range({links})"),
        ("asyncio.timeout(1)", "asyncio.timeout(None)"),
    )
    virtual_clock.run(program.main())
    told = lines(capsys)
    assert not any("waits for room" in line for line in told)
    assert len(told) == 1 + links + links**2


def test_nothing_bounds_it(changed: Changed) -> None:
    """But then nothing bounds the queue, and the same address is put into it as often as somebody links to it."""
    program = changed(CIRCLE, ("maxsize=3", ""))

    async def links_on(_: str) -> list[str]:
        await asyncio.sleep(0.1)
        return ["/", "/", "/"]

    vars(program)["links_on"] = links_on

    async def main() -> list[int]:
        todo = asyncio.Queue[str]()
        todo.put_nowait("/")
        worker = asyncio.create_task(program.work("Ada", todo))
        sizes = []
        for _ in range(3):
            await asyncio.sleep(10)
            sizes.append(todo.qsize())
        worker.cancel()
        assert set(todo._queue) == {"/"}  # type: ignore[attr-defined]
        return sizes

    first, second, third = virtual_clock.run(main())
    assert 100 < first < second < third


def test_six_pages(load: Load, capsys: Captured) -> None:
    """Six pages have something wrong with them, and for each the report says where the link to it stands."""
    report, site, _ = crawled(load(f"follow_the_links/{STAGE}"))
    report.show(site.home)
    *wrong, last = lines(capsys)
    assert len(wrong) == 6
    assert all(line.endswith(", on /") for line in wrong)
    assert last == "checked 20 of 20"


def test_where_links_start(load: Load) -> None:
    """Links are read from the address that the reply came from, which is another one if the page has redirected us."""
    program = load(f"follow_the_links/{STAGE}")
    bases: list[str] = []

    class Links(program.Links):  # type: ignore[name-defined,misc]
        def __init__(self, base: str, text: str) -> None:
            bases.append(base)
            super().__init__(base, text)

    vars(program)["Links"] = Links
    _, site, _ = crawled(program)
    assert f"{site.home}/shop" not in bases
    assert bases.count(f"{site.home}/about") == 2


def test_a_worker_ahead() -> None:
    """A worker that is ahead waits until its result has been read; that is called back-pressure, and there is more to say of it."""

    async def main() -> None:
        found = asyncio.Queue[int](maxsize=1)
        made: list[int] = []

        async def work() -> None:
            for number in range(10):
                made.append(number)
                await found.put(number)

        worker = asyncio.create_task(work())
        await asyncio.sleep(60)
        assert made == [0, 1]
        await found.get()
        await asyncio.sleep(60)
        assert made == [0, 1, 2]
        worker.cancel()

    virtual_clock.run(main())


def queues(program: ModuleType) -> list[asyncio.Queue[Any]]:
    """The queues that a program will make, `todo` first."""
    made: list[asyncio.Queue[Any]] = []

    class Noted(asyncio.Queue[Any]):
        def __init__(self, maxsize: int = 0) -> None:
            super().__init__(maxsize)
            self.puts: list[Any] = []
            made.append(self)

        def put_nowait(self, item: Any) -> None:
            super().put_nowait(item)
            self.puts.append(item)

    stand_in = ModuleType("asyncio")
    vars(stand_in).update(vars(asyncio), Queue=Noted)
    vars(program)["asyncio"] = stand_in
    return made


@pytest.mark.parametrize("limit", [5, 20, 30])
def test_what_bounds_it(limit: int, load: Load) -> None:
    """At most twenty addresses are ever put into `todo`."""
    program = load(f"follow_the_links/{STAGE}")
    assert program.PAGES == 20
    vars(program)["PAGES"] = limit
    made = queues(program)
    crawled(program)
    assert len(vars(made[0])["puts"]) == limit


def test_no_address_twice(load: Load) -> None:
    """It looks into `found_on` and notes the address, with no `await` in between, so no address is given out twice."""
    program = load(f"follow_the_links/{STAGE}")
    made = queues(program)
    crawled(program)
    puts = vars(made[0])["puts"]
    assert len(puts) == len(set(puts)) == 20


def test_nobody_listens(load: Load) -> None:
    """Where nobody listens, no link is found, so the crawl ends with its first result, `ClientConnectorError`."""
    program = load(f"follow_the_links/{STAGE}")

    async def main() -> None:
        async with SmallSite() as site:
            home = f"{site.home}/"
        report = program.Report()
        await program.crawl(home, report)
        assert report.results == {home: "ClientConnectorError"}

    virtual_clock.run(main())


def test_an_empty_queue(load: Load) -> None:
    """`todo` is empty, and nineteen pages are still to come."""
    program = load(f"follow_the_links/{STAGE}")
    made = queues(program)

    async def main() -> None:
        report = program.Report()
        async with SmallSite() as site:
            crawl = asyncio.create_task(program.crawl(f"{site.home}/", report))
            await asyncio.sleep(0.02)  # the first page takes 0.05
            assert made[0].empty()
            assert len(report.results) == 0
            await crawl
            assert len(report.results) == 1 + 19

    virtual_clock.run(main())


def test_the_end(load: Load) -> None:
    """All four wait at `todo.get()`, and the group waits for them."""
    program = load(f"follow_the_links/{STAGE}")
    made = queues(program)
    waiting: list[int] = []

    async def main() -> None:
        report = program.Report()
        async with SmallSite() as site:
            crawl = asyncio.create_task(program.crawl(f"{site.home}/", report))
            before = asyncio.all_tasks()
            while len(report.results) < 20:
                await asyncio.sleep(0)
                waiting.append(len(vars(made[0])["_getters"]))
            await crawl
            assert asyncio.all_tasks() <= before

    virtual_clock.run(main())
    assert waiting[-1] == 4


@pytest.mark.parametrize(("workers", "least", "most"), [(1, 4.5, 5), (4, 1.5, 2)])
def test_answer_1(
    workers: int, least: float, most: float, load: Load, capsys: Captured
) -> None:
    """The report stays the same. With one worker it takes nearly five seconds, with four less than two: the waits for `/phone` and `/radio` no longer overlap with others."""
    program = load(f"follow_the_links/{STAGE}")
    vars(program)["WORKERS"] = workers
    report, site, seconds = crawled(program)
    report.show(site.home)
    assert capsys.readouterr().out == (HERE / f"{STAGE}.out").read_text("utf-8")
    assert least < seconds < most


def test_answer_2(changed: Changed, capsys: Captured) -> None:
    """It never ends, and prints nothing. The block of the group waits for four workers, and they wait for addresses that will not come."""
    text = (HERE / f"{STAGE}.py").read_text("utf-8")
    start, end = text.index("        for worker in"), text.index("\n\nasync def main")
    program = changed(STAGE, (text[start:end], ""))

    async def main() -> int:
        before = asyncio.all_tasks()
        task = asyncio.create_task(program.main())
        await asyncio.sleep(3600)
        assert not task.done()
        workers = [t for t in asyncio.all_tasks() - before if "work" in repr(t)]
        task.cancel()
        await asyncio.wait([task])
        return sum("crawl.<locals>.work" in repr(t) for t in workers)

    assert virtual_clock.run(main()) == 4
    assert lines(capsys) == []


def test_answer_3(load: Load, capsys: Captured) -> None:
    """The report is of `/door`, `/oven` and `/tart`, and ends with `checked 10 of 10`. Those ten became known first, in the order in which they stand on the first page."""
    program = load(f"follow_the_links/{STAGE}")
    vars(program)["PAGES"] = 10
    report, site, _ = crawled(program)
    report.show(site.home)
    told = lines(capsys)
    assert [line.split()[1] for line in told[:-1]] == ["/door,", "/oven,", "/tart,"]
    assert told[-1] == "checked 10 of 10"
    known = [url.removeprefix(site.home) for url in report.found_on]
    listed = list(dict.fromkeys(link.partition("#")[0] for link in LINKS["/"]))
    assert known == ["/", *listed[:9]]
    for page in ("/phone", "/photos", "/radio", "/calendar/1"):
        assert page not in known
