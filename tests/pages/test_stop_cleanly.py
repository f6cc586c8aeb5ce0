"""The claims of `tutorial/stop-cleanly.md`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import aiohttp
import pytest

import virtual_clock
from programs import EXAMPLES
from record_timeline import Recorder
from running import Run, run
from small_site import SmallSite

Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "stop_cleanly"
CTRL_C = HERE / "ctrl_c_cancels_main.py"
SIGTERM = HERE / "sigterm_ends_it_broken.py"
STAGE = HERE / "stop_with_a_report.py"
BEFORE = EXAMPLES / "follow_the_links/workers_follow_links.py"
LATER = "loop.call_later(2, signal.raise_signal, signal.SIGTERM)"
FOUND = STAGE.with_suffix(".out").read_text("utf-8")

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGUSR1"), reason="the page is about the signals of Unix"
)


@pytest.fixture
def ran(tmp_path: Path) -> Callable[..., Run]:
    """Run a program on the virtual clock, with some of its text replaced."""

    def ran(path: Path, *changes: tuple[str, str]) -> Run:
        text = path.read_text("utf-8")
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        copy = tmp_path / path.name
        copy.write_text(text, "utf-8")
        return run(copy, str(EXAMPLES / "tools/virtual_clock.py"))

    return ran


Ran = Callable[..., Run]


def test_what_was_found_is_lost(ran: Ran) -> None:
    """What you get is a traceback, and all that it had found is lost."""
    got = ran(
        BEFORE,
        ("import asyncio\n", "import asyncio\nimport signal\n"),
        ("SECONDS = 1.5", "SECONDS = 30.0"),
        (
            "    report = Report()\n",
            "    report = Report()\n    asyncio.get_running_loop().call_later("
            "2, signal.raise_signal, signal.SIGINT)\n",
        ),
    )
    assert got.stdout == ""
    assert got.stderr.startswith("Traceback")
    assert got.stderr.splitlines()[-1] == "KeyboardInterrupt"


def test_the_triangle(load: Load) -> None:
    """The triangle in the picture is the signal: it cut short the wait for `/phone`."""
    program = load("stop_cleanly/ctrl_c_cancels_main")
    with (
        virtual_clock.VirtualClock(),
        Recorder(str(CTRL_C)) as recorder,
        pytest.raises(KeyboardInterrupt),
    ):
        asyncio.run(program.main())
    events = recorder.trace()["events"]
    (cancel,) = [e for e in events if e["ev"] == "cancel"]
    wait = [e for e in events if e["ev"] == "wait" and e["t"] < cancel["t"]][-1]
    assert wait["label"] == "sleep(3600)"
    assert cancel["t"] < wait["until"]


def test_it_comes_out_of_the_await() -> None:
    """To cancel a task means that an exception, `CancelledError`, comes out of the `await` at which it waits."""
    told: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            told.append("at the await")
            raise

    async def main() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    virtual_clock.run(main())
    assert told == ["at the await"]


def test_on_its_way(ran: Ran) -> None:
    """It travels up through `crawl` and `main`, and on its way `finally` runs."""
    got = ran(
        CTRL_C,
        (
            "        await asyncio.sleep(seconds)  # stands for the request\n",
            "        try:\n            await asyncio.sleep(seconds)\n"
            "        except BaseException as error:\n"
            '            print("crawl:", type(error).__name__)\n'
            "            raise\n",
        ),
        (
            "    finally:\n",
            "    except BaseException as error:\n"
            '        print("main:", type(error).__name__)\n'
            "        raise\n    finally:\n",
        ),
    )
    assert got.stdout.splitlines()[3:] == [
        "crawl: CancelledError",
        "main: CancelledError",
        "checked 2 of 3",
    ]


def test_130(ran: Ran, load: Load) -> None:
    """When `main` has ended, `asyncio.run` raises `KeyboardInterrupt`, and the last lines of the program turn it into exit status 130."""
    program = load("stop_cleanly/ctrl_c_cancels_main")
    with virtual_clock.VirtualClock(), pytest.raises(KeyboardInterrupt):
        asyncio.run(program.main())
    got = ran(CTRL_C)
    assert got.status == 130 == 128 + signal.SIGINT
    assert got.stderr == ""
    text = CTRL_C.read_text("utf-8")
    end = text[text.index("    try:\n        asyncio.run") :]
    assert ran(CTRL_C, (end, "    asyncio.run(main())\n")).status == -signal.SIGINT


def test_on_the_spot(ran: Ran) -> None:
    """It does nothing of the kind for `SIGTERM`, which does what the operating system has set for it: it ends the process on the spot."""
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert ran(SIGTERM).status == -signal.SIGTERM


@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_nothing_is_closed(number: str, ran: Ran) -> None:
    """No `finally` runs, no `async with` ends, and no connection is closed in good order."""
    got = ran(
        SIGTERM,
        ("raise_signal, signal.SIGTERM", f"raise_signal, signal.{number}"),
        (
            "async def main()",
            "class Connection:\n    async def __aenter__(self): pass\n"
            "    async def __aexit__(self, *_): print('closed', flush=True)\n\n\n"
            "async def main()",
        ),
        (
            "        await crawl(done)\n",
            "        async with Connection():\n            await crawl(done)\n",
        ),
        ('{len(SECONDS)}")', '{len(SECONDS)}", flush=True)'),
    )
    left = ["closed", "checked 2 of 3"] if number == "SIGINT" else []
    assert got.stdout.splitlines()[3:] == left


def test_what_was_printed(ran: Ran) -> None:
    """Even what was printed before may be lost if it goes into a file or a pipe, where Python collects it; hence the `flush=True`."""
    assert ran(SIGTERM).stdout.count("asking") == 3
    assert ran(SIGTERM, (", flush=True", "")).stdout == ""


def test_between_two_steps() -> None:
    """It is called between two steps of tasks, like anything else that the loop calls, so it never breaks into a line of ours."""
    called: list[int] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, called.append, 1)
        try:
            signal.raise_signal(signal.SIGUSR1)
            for _ in range(10_000):  # much of our own work
                assert called == []
            async with asyncio.timeout(60):
                while not called:
                    await asyncio.sleep(0.01)
        finally:
            loop.remove_signal_handler(signal.SIGUSR1)

    virtual_clock.run(main())
    assert called == [1]


def stopped(program: ModuleType, seconds: float) -> tuple[Any, SmallSite]:
    """What a crawl knows that is cancelled after so many seconds, and its site."""
    sessions: list[aiohttp.ClientSession] = []
    closed_while: list[int] = []

    def session() -> aiohttp.ClientSession:
        sessions.append(aiohttp.ClientSession())
        return sessions[0]

    stand_in = ModuleType("aiohttp")
    vars(stand_in).update(vars(aiohttp), ClientSession=session)
    vars(program)["aiohttp"] = stand_in

    async def main() -> tuple[Any, SmallSite]:
        report = program.Report()
        async with SmallSite() as site:
            crawling = asyncio.create_task(program.crawl(f"{site.home}/", report))
            await asyncio.sleep(seconds)
            workers = [t for t in asyncio.all_tasks() if "crawl.<" in repr(t)]
            assert len(workers) == 4
            for worker in workers:
                worker.add_done_callback(
                    lambda _: closed_while.append(sessions[0].closed)
                )
            crawling.cancel()
            await asyncio.wait([crawling])
            assert crawling.cancelled()
            assert all(worker.cancelled() for worker in workers)
            assert closed_while == [False] * 4
            assert sessions[0].closed
            return report, site

    return virtual_clock.run(main())


def test_it_leaves_its_blocks(load: Load) -> None:
    """The crawl is one task, and everything that belongs to it stands in its blocks: cancelled, it leaves the group, which cancels the workers, and then the session, which closes its connections."""
    stopped(load("stop_cleanly/stop_with_a_report"), 2)


def test_eighteen(load: Load, ran: Ran) -> None:
    """The other two are `/phone` and `/radio`, which would have had 30 seconds each."""
    report, site = stopped(load("stop_cleanly/stop_with_a_report"), 2)
    assert len(report.results) == 18
    left = report.found_on.keys() - report.results.keys()
    assert left == {f"{site.home}/phone", f"{site.home}/radio"}
    got = ran(STAGE)
    assert got == Run(FOUND, "", 143)


def test_after_a_second(ran: Ran) -> None:
    """The report may be shorter then, and the exit status is 130."""
    got = ran(STAGE, (LATER, LATER.replace("2", "0.2").replace("TERM", "INT")))
    assert got.status == 130
    assert got.stderr == ""
    known = int(got.stdout.splitlines()[-1].split()[1])
    assert 0 < known < 18
    assert len(got.stdout) < len(FOUND)


def test_asyncio_wait() -> None:
    """`asyncio.wait` waits until the task is over, and raises nothing, however it ended."""

    async def fail() -> None:
        await asyncio.sleep(1)
        raise LookupError

    async def main() -> None:
        loop = asyncio.get_running_loop()
        failed = asyncio.create_task(fail())
        gone = asyncio.create_task(asyncio.sleep(3600))
        gone.cancel()
        start = loop.time()
        await asyncio.wait([failed, gone])
        assert loop.time() - start == pytest.approx(1, abs=0.01)
        assert isinstance(failed.exception(), LookupError)
        assert gone.cancelled()

    virtual_clock.run(main())


FAILS = ("page = await found.get()  # the workers run", "raise LookupError")


def test_what_it_failed_with(ran: Ran) -> None:
    """If it was not, `await crawling` does not wait any more, and raises what the crawl failed with, if it did."""
    got = ran(STAGE, FAILS)
    assert got.status == 1
    assert "LookupError" in got.stderr
    assert "never retrieved" not in got.stderr


def test_without_that_line(ran: Ran) -> None:
    """Without that line, the program would end with a short report and exit status 0, and of the error there would be only a message in the end, `Task exception was never retrieved`."""
    got = ran(STAGE, FAILS, ("    await crawling  # raises", "    # raises"))
    assert got.status == 0
    assert got.stdout == "checked 0 of 1\n"
    assert got.stderr.startswith("Task exception was never retrieved")


def test_a_second_time(ran: Ran) -> None:
    """A second Ctrl-C asks once more, and does no harm here: nothing in the crawl takes long to clean up."""
    int_ = LATER.replace("TERM", "INT")
    got = ran(STAGE, (LATER, f"{int_}\n        {int_}"))
    assert got == Run(FOUND, "", 130)


def test_answer_1(ran: Ran) -> None:
    """No report. A traceback with `CancelledError` at its end, and exit status 1."""
    got = ran(STAGE, ("await asyncio.wait([crawling])", "await crawling"))
    assert got.stdout == ""
    assert got.stderr.splitlines()[-1] == "asyncio.exceptions.CancelledError"
    assert got.status == 1


def test_answer_2(ran: Ran) -> None:
    """The output stays the same. The exit status is now 130."""
    got = ran(STAGE, (LATER, LATER.replace("TERM", "INT")))
    assert got == Run(FOUND, "", 130)


def test_answer_3(ran: Ran) -> None:
    """Nothing at all. `SIGTERM` ends the process before it has printed a line."""
    text = STAGE.read_text("utf-8")
    start, end = text.index("        for number in"), text.index("        # In two")
    got = ran(STAGE, (text[start:end], ""))
    assert got == Run("", "", -signal.SIGTERM)
