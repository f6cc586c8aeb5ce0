"""The claims of `reference/api-map.md`."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import re
import sys
import textwrap
from pathlib import Path

import pytest

import api_map
import virtual_clock
from api_map import DATA, DOCUMENTATION, LOOPS, names, recorded
from programs import DOCS, Program

TABLE = DOCS / "_includes" / "api_map.md"
ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="the names were recorded on Linux"
)
pytestmark = pytest.mark.xdist_group("api_map")  # one worker asks the type checker

HIGH_LEVEL_INDEX = [
    "run",
    "Runner",
    "Task",
    "TaskGroup",
    "create_task",
    "current_task",
    "all_tasks",
    "sleep",
    "gather",
    "wait_for",
    "shield",
    "wait",
    "timeout",
    "to_thread",
    "run_coroutine_threadsafe",
    "as_completed",
    "Queue",
    "PriorityQueue",
    "LifoQueue",
    "create_subprocess_exec",
    "create_subprocess_shell",
    "open_connection",
    "open_unix_connection",
    "start_server",
    "start_unix_server",
    "StreamReader",
    "StreamWriter",
    "Lock",
    "Event",
    "Condition",
    "Semaphore",
    "BoundedSemaphore",
    "Barrier",
    "CancelledError",
    "BrokenBarrierError",
]


@pytest.fixture(scope="module")
def used() -> dict[str, list[Program]]:
    """The programs that use each name."""
    return api_map.uses()


def rows() -> dict[str, list[str]]:
    """The cells of each row of the table as it is published, by name."""
    found = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("| [`"):
            first, *cells = line.strip("| ").split(" | ")
            found[first[2:].partition("`")[0]] = [first, *cells]
    return found


def test_the_table_is_made_of_the_programs(
    used: dict[str, list[Program]], request: pytest.FixtureRequest
) -> None:
    """A row shows up to three programs, from the pages that say the most about the name."""
    made = api_map.table(used)
    if request.config.option.record:
        TABLE.write_text(made, "utf-8", newline="\n")
    assert TABLE.read_text("utf-8") == made
    assert rows().keys() == names().keys()
    for name, (_, _, _, shown) in rows().items():
        folders = {p.folder for p in used[name]}
        assert shown.count("](") == min(api_map.SHOWN, len(folders))


@ON_LINUX
def test_each_name_has_a_row(request: pytest.FixtureRequest) -> None:
    """Every name in `asyncio.__all__` of these four Pythons has a row, and so has every member that Python documents."""
    assert sorted(recorded()) == [(3, 11), (3, 12), (3, 13), (3, 14)]
    here = api_map.introspect()
    path = api_map.recording()
    if request.config.option.record:
        path.write_text(api_map.write(here), "utf-8", newline="\n")
    told = json.loads(path.read_text("utf-8"))
    if told["python"] != here["python"]:  # parameters came with a bug fix, too
        told, here = ({**each, "python": "", "parameters": {}} for each in (told, here))
    assert told == here
    assert api_map.strangers() == []
    published = rows()
    for python in recorded().values():
        assert set(python["all"]) <= published.keys()
    documented = (DATA / "documented.txt").read_text("utf-8")
    for name in re.findall(r"#asyncio\.(\S+)", documented):
        if "__init__" in name or name.startswith(("Proactor", "Windows")):
            continue
        owner = name.rpartition(".")[0]
        if names().get(owner) and names()[owner].page in api_map.WITHOUT_MEMBERS:
            continue
        assert name in published


def test_the_versions_are_those_in_which_it_is_there() -> None:
    """ "Since" is the version in which a name came; where it is empty, Python 3.11 has it already."""
    minor = sys.version_info.minor
    here = api_map.introspect()
    for name, (_, since, _, _) in rows().items():
        came = re.match(r"3\.(\d+)", since)
        went = re.search(r"until 3\.(\d+)", since)
        first = int(came[1]) if came else 11
        last = int(went[1]) if went else 14
        owner, _, member = name.rpartition(".")
        if owner == "loop":
            there = any(member in here["members"].get(loop, ()) for loop in LOOPS)
        elif owner in {"", "subprocess"}:
            where = asyncio.subprocess if owner else asyncio
            there = member in vars(where)
        else:
            there = member in here["members"].get(owner, ())
        assert there == (first <= minor <= last), name
    assert rows()["Queue.shutdown"][1] == "3.13"
    assert rows()["Task.get_context"][1] == "3.12"
    assert rows()["TaskGroup"][1] == ""
    assert rows()["FastChildWatcher"][1] == "until 3.13"


def test_parameters_that_came_later() -> None:
    """Parameters that came later are named behind the line."""
    assert rows()["run"][2].endswith("From 3.12: `loop_factory`.")
    later = {name: found for name in names() if (found := api_map.new_parameters(name))}
    assert later["loop.create_unix_server"] == {(3, 13): ["cleanup_socket"]}
    for name, found in later.items():
        for (major, minor), parameters in found.items():
            told = ", ".join(f"`{parameter}`" for parameter in parameters)
            assert f"From {major}.{minor}: {told}." in rows()[name][2]


def test_each_name_has_a_program(used: dict[str, list[Program]]) -> None:
    """Each name that is not marked "low-level" is used by at least one program, except for those at the end of the page."""
    missing = {name for name, users in used.items() if not users}
    reasons = api_map.reasons()
    assert sorted(missing - reasons.keys()) == [], "write a program that uses them"
    assert sorted(reasons.keys() - missing) == [], "a program uses them: strike them"
    assert set(HIGH_LEVEL_INDEX) <= names().keys() - reasons.keys()
    assert len(HIGH_LEVEL_INDEX) == 35


def test_a_method_counts_for_its_class(tmp_path: Path) -> None:
    """To find the programs, a type checker reads them all, so that `queue.put` counts for `asyncio.Queue` only where `queue` is one."""
    one = """
        import asyncio, queue
        async def main() -> None:
            letters: queue.Queue[str] = queue.Queue()
            letters.put("A")
            box: asyncio.Queue[str] = asyncio.LifoQueue()
            box.put_nowait("A")
    """
    other = """
        import asyncio
        from asyncio import gather as together
        async def main(task: asyncio.Task[None] | asyncio.Future[None]) -> None:
            child = await asyncio.create_subprocess_exec("true")
            assert child.stdout is not None
            await together(child.stdout.readline())
            task.cancel()
            asyncio.get_running_loop().time()
    """
    assert used_in(tmp_path, one, other) == [
        {"LifoQueue", "Queue", "Queue.put_nowait"},
        {
            *("gather", "create_subprocess_exec", "get_running_loop"),
            *("subprocess.Process", "subprocess.Process.stdout"),
            *("StreamReader", "StreamReader.readline"),
            *("Task", "Task.cancel", "Future", "Future.cancel", "loop.time"),
        },
    ]


def used_in(folder: Path, *sources: str) -> list[set[str]]:
    """The names that some programs use."""
    paths = []
    for number, source in enumerate(sources):
        paths.append(folder / f"program_{number}.py")
        paths[-1].write_text(textwrap.dedent(source), "utf-8")
    return api_map.used_in(paths)


def test_what_stands_in_an_annotation(tmp_path: Path) -> None:
    """What only stands in an annotation does not count."""
    annotated = """
        import asyncio
        async def main(lock: asyncio.Lock, gate: asyncio.Event) -> None:
            async with asyncio.Lock():
                await gate.wait()
    """
    (names,) = used_in(tmp_path, annotated)
    assert names == {"Lock", "Event", "Event.wait"}
    (names,) = used_in(tmp_path, annotated.replace("asyncio.Lock()", "lock"))
    assert names == {"Event", "Event.wait"}


def test_lines_that_are_easily_wrong() -> None:
    """one line of what it is"""
    lines = {name: rows()[name][2] for name in rows()}

    async def lock() -> None:
        own = asyncio.Lock()
        await own.acquire()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(own.acquire(), 3600)
        assert "even by the task that asks" in lines["Lock.acquire"]

    async def timeout() -> None:
        async with asyncio.timeout(1) as limit:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
            assert limit.expired()
            await asyncio.sleep(1)
        assert "may have gone on even so" in lines["Timeout.expired"]

    async def barrier() -> None:
        gate = asyncio.Barrier(2)
        await gate.abort()
        with pytest.raises(asyncio.BrokenBarrierError):
            await gate.wait()
        await gate.reset()
        assert await asyncio.gather(gate.wait(), gate.wait()) in ([0, 1], [1, 0])
        assert "until a `reset`" in lines["Barrier.abort"]

    async def reader() -> None:
        stream = asyncio.StreamReader()
        stream.feed_data(b"tea;cake")
        assert await stream.readuntil(b";") == b"tea;"
        assert "and the separator" in lines["StreamReader.readuntil"]

    async def server_and_writer() -> None:
        async def serve(_: object, writer: asyncio.StreamWriter) -> None:
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        forever = asyncio.create_task(server.serve_forever())
        _, writer = await asyncio.open_connection(*address)
        writer.write(b"tea")
        assert writer.transport.get_write_buffer_size() == 0
        assert lines["StreamWriter.write"].startswith("Sends what can be sent at once")
        writer.close()
        forever.cancel()
        await asyncio.wait([forever])
        assert not server.is_serving()
        assert "then closes the server" in lines["Server.serve_forever"]

    async def completed() -> None:
        for each in asyncio.as_completed([asyncio.sleep(1, "tea")]):
            assert inspect.isawaitable(each)
            assert await each == "tea"
        assert "to await" in lines["as_completed"]

    async def process() -> None:
        with pytest.raises(TypeError):
            await asyncio.create_subprocess_exec(["true"])  # type: ignore[arg-type]
        assert "each argument stands by itself" in lines["create_subprocess_exec"]

    async def uncancel() -> None:
        task = asyncio.create_task(asyncio.sleep(1))
        await asyncio.sleep(0)
        task.cancel()
        assert task.uncancel() == task.cancelling() == 0
        await asyncio.wait([task])
        assert task.cancelled()
        assert "may come even so" in lines["Task.uncancel"]

    async def exception() -> None:
        task = asyncio.create_task(asyncio.sleep(1))
        task.cancel()
        await asyncio.wait([task])
        with pytest.raises(asyncio.CancelledError):
            task.exception()
        assert "raises `CancelledError`" in lines["Task.exception"]

    for check in (lock, timeout, barrier, reader, completed, uncancel, exception):
        virtual_clock.run(check())
    asyncio.run(server_and_writer())
    asyncio.run(process())


def test_each_link_leads_to_an_entry() -> None:
    """Here is every public name of `asyncio` in Python 3.11 to 3.14: a link to its entry in Python's documentation, one line of what it is, and programs that use it."""
    documented = (DATA / "documented.txt").read_text("utf-8").split()
    for name in names().values():
        address = name.documentation.removeprefix(DOCUMENTATION)
        version, _, entry = address.partition("/")
        assert entry in documented or version == "3.13", address
        assert name.line.endswith(".")
        assert name.line[0].isupper() or name.line[0] == "`"
        assert rows()[name.name][0] == f"[`{name.name}`]({name.documentation})"
