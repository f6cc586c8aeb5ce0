"""The claims of `reference/what-changed.md`."""

from __future__ import annotations

import asyncio
import contextvars
import json
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import api_map
import what_changed
from programs import DOCS
from running import run

HERE = f"3.{sys.version_info.minor}"
PROBES = what_changed.probes()
EACH = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.stem)
IN_ALL = ("3.11", "3.12", "3.13", "3.14")


def printed(probe: str) -> str:
    """What a program prints on the Python that runs this."""
    done = run(what_changed.PROBES / f"{probe}.py")
    assert done.status == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


@EACH
def test_what_it_prints(probe: Path, request: pytest.FixtureRequest) -> None:
    """Each program was run on all four, and the tests of this site run it again on whichever Python they run on."""
    now = printed(probe.stem)
    told = what_changed.recorded()
    if request.config.option.record:
        told.setdefault(probe.stem, {})[HERE] = now
        text = json.dumps(told, indent=1, sort_keys=True) + "\n"
        what_changed.RECORDED.write_text(text, "utf-8", newline="\n")
    assert told[probe.stem][HERE] == now
    assert tuple(told[probe.stem]) == IN_ALL


@EACH
def test_it_differs(probe: Path) -> None:
    """Below is what a program is most likely to notice of how `asyncio` differs between Python 3.11 and 3.14: first the behaviour, then the names."""
    found = what_changed.groups(what_changed.recorded()[probe.stem])
    assert len(found) > 1
    assert [v for vs in found.values() for v in vs] == list(
        IN_ALL
    )  # it never changes back
    assert what_changed.claim(probe).endswith(".")
    *_, last = found.values()
    page = what_changed.PAGE.read_text("utf-8")
    above = page[: page.index(f"what_changed/{probe.stem}.py")]
    section = re.findall(r"(?m)^## New in (3\.\d+)$", above)[-1]
    assert section == last[0]
    source = probe.read_text("utf-8")
    assert all(len(line) <= 72 for line in source.splitlines())


@EACH
def test_its_output_is_shown(probe: Path, request: pytest.FixtureRequest) -> None:
    """What it prints stands below it."""
    path = probe.with_suffix(".md")
    made = what_changed.outputs(probe)
    if request.config.option.record:
        path.write_text(made, "utf-8", newline="\n")
    assert path.read_text("utf-8") == made
    page = what_changed.PAGE.read_text("utf-8")
    folder = "docs/_includes/what_changed"
    shown = f'--8<-- "{folder}/{probe.stem}.py"\n```\n\n--8<-- "{folder}/{path.name}"\n'
    assert shown in page


def test_each_program_is_on_the_page() -> None:
    """The same program, another Python, and it does something else."""
    assert sorted(PROBES) == sorted(what_changed.PROBES.glob("*.py"))
    assert {p.stem for p in PROBES} == what_changed.recorded().keys()
    assert {p.stem for p in PROBES} == {
        p.stem for p in what_changed.PROBES.glob("*.md")
    }


@pytest.mark.parametrize("name", ["behaviour", "names"])
def test_the_tables(name: str, request: pytest.FixtureRequest) -> None:
    """What came and what went."""
    made = {"behaviour": what_changed.behaviour, "names": what_changed.names}[name]()
    path = DOCS / "_includes" / f"what_changed_{name}.md"
    if request.config.option.record:
        path.write_text(made, "utf-8", newline="\n")
    assert path.read_text("utf-8") == made


def test_server_wait_closed() -> None:
    """On 3.11, `wait_closed` returns at once, even while guests are connected."""
    returned = printed("server_wait_closed").startswith("it returned")
    assert returned is (sys.version_info < (3, 12))


def test_the_end_of_an_async_with() -> None:
    """So may the end of an `async with server`."""
    guests: list[asyncio.StreamWriter] = []

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello\n")
        guests.append(writer)

    async def close(server: asyncio.Server) -> None:
        async with server:
            pass

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        await reader.readline()
        ended = asyncio.create_task(close(server))
        await asyncio.wait([ended], timeout=0.2)
        assert ended.done() is (sys.version_info < (3, 12))
        for each in (writer, *guests):
            each.close()
            await each.wait_closed()
        await ended

    asyncio.run(main())


def test_context_variables() -> None:
    """Now it awaits it in the task that calls, so context variables that the coroutine sets are seen by the caller."""
    guest = contextvars.ContextVar("guest", default="nobody")

    async def greet() -> None:
        guest.set("Ada")

    async def main() -> str:
        await asyncio.wait_for(greet(), timeout=1)
        return guest.get()

    seen = asyncio.run(main())
    assert seen == ("nobody" if sys.version_info < (3, 12) else "Ada")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks are new in 3.12")
def test_eager() -> None:
    """Set as the loop's task factory, it runs each new task up to its first wait before `create_task` returns."""
    steps: list[str] = []

    async def child() -> None:
        steps.append("begun")
        await asyncio.sleep(0)
        steps.append("goes on")

    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        task = asyncio.create_task(child())
        steps.append("created")
        await task

    asyncio.run(main())
    assert steps == ["begun", "created", "goes on"]


def test_close_it_yourself() -> None:
    """Close `stdin` yourself, or pass `b""`."""

    async def main(close: bool) -> int | None:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "import sys; sys.stdin.read()",
            stdin=asyncio.subprocess.PIPE,
        )
        assert child.stdin is not None
        async with asyncio.timeout(30):
            if close:
                child.stdin.close()
                await child.communicate()
            else:
                await child.communicate(b"")
        return child.returncode

    assert asyncio.run(main(close=True)) == 0
    assert asyncio.run(main(close=False)) == 0


def test_for_as_before() -> None:
    """With `async for` you get the tasks that you put in; with `for`, as before, something to await for the next result."""

    async def main() -> None:
        task = asyncio.create_task(asyncio.sleep(0, "tea"))
        for answer in asyncio.as_completed([task]):
            assert answer is not task
            assert await answer == "tea"

    asyncio.run(main())


@pytest.mark.parametrize("waiting", [False, True])
@pytest.mark.parametrize("requests", [1, 2])
def test_uncancel(requests: int, waiting: bool) -> None:
    """When the count of requests is down to 0 before the task has had its turn, nothing is thrown into it, unless the task was waiting: then `cancel` has cancelled what it waited for, and nothing takes that back."""

    async def main() -> bool:
        task = asyncio.create_task(asyncio.sleep(30 if waiting else 0))
        if waiting:
            await asyncio.sleep(0)
        for _ in range(requests):
            task.cancel()
        assert task.uncancel() == requests - 1
        await asyncio.wait([task])
        return task.cancelled()

    spared = requests == 1 and not waiting and sys.version_info >= (3, 13)
    assert asyncio.run(main()) is not spared


def test_it_stayed_open() -> None:
    """Until 3.12 the coroutine stayed open, and Python warned that it was never awaited."""

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            pass
        with pytest.raises(RuntimeError):
            group.create_task(asyncio.sleep(1))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asyncio.run(main())
    warned = any("was never awaited" in str(each.message) for each in caught)
    assert warned is (sys.version_info < (3, 13))


@pytest.mark.skipif(
    sys.version_info < (3, 13), reason="readuntil takes a tuple from 3.13 on"
)
def test_several_separators() -> None:
    """Give a tuple, and the first of them that comes ends the piece."""

    async def main() -> None:
        for text, first in ((b"tea; cake.", b"tea;"), (b"tea. cake;", b"tea.")):
            reader = asyncio.StreamReader()
            reader.feed_data(text)
            assert await reader.readuntil((b";", b".")) == first

    asyncio.run(main())


def test_the_file_that_stays(tmp_path: Path) -> None:
    """Before, the file stays, and whoever starts the server anew has to remove it, or to know that `start_unix_server` does that for a socket that is left over."""
    path = tmp_path / "s"

    async def main() -> None:
        server = await asyncio.start_unix_server(print, path)
        server.close()
        await server.wait_closed()

    for _ in range(2):
        asyncio.run(main())
        assert path.exists() is (sys.version_info < (3, 13))


def test_what_to_use() -> None:
    """Use `asyncio.run`, or a `Runner`; inside a coroutine, `get_running_loop`."""

    async def main() -> bool:
        return asyncio.get_running_loop().is_running()

    assert asyncio.run(main())
    with asyncio.Runner() as runner:
        assert runner.run(main())
    raises = printed("get_event_loop") == "RuntimeError"
    assert raises is (sys.version_info >= (3, 14))


@pytest.mark.skipif(sys.version_info < (3, 14), reason="eager_start is new in 3.14")
def test_one_eager_task() -> None:
    """`eager_start=True` makes one task start at once, without a factory for them all."""
    steps: list[str] = []

    async def child(name: str) -> None:
        steps.append(name)

    async def main() -> None:
        usual = asyncio.create_task(child("usual"))
        eager = asyncio.create_task(child("eager"), eager_start=True)
        assert steps == ["eager"]
        await asyncio.gather(usual, eager)

    asyncio.run(main())
    assert steps == ["eager", "usual"]


def test_it_had_to_be_a_coroutine() -> None:
    """Before, it had to be a coroutine."""
    refused = printed("run_awaitable").startswith("ValueError")
    assert refused is (sys.version_info < (3, 14))


def test_loop_factory() -> None:
    """To have another loop, pass `loop_factory` to `asyncio.run` or `Runner`."""
    made: list[asyncio.AbstractEventLoop] = []

    def factory() -> asyncio.AbstractEventLoop:
        made.append(asyncio.SelectorEventLoop())
        return made[-1]

    async def main() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(main()) is made[0]
    if sys.version_info >= (3, 12):
        assert asyncio.run(main(), loop_factory=factory) is made[1]


def test_inspect_has_one() -> None:
    """Use `inspect.iscoroutinefunction`, which is there on all of them."""
    warns = printed("iscoroutinefunction") == "DeprecationWarning"
    assert warns is (sys.version_info >= (3, 14))


def test_it_swallows_on_all() -> None:
    """It does so on all of them; what is new is that Python says so."""
    names: dict[str, object] = {"asyncio": asyncio}
    source = (
        "async def work():\n"
        "    try:\n"
        "        await asyncio.sleep(60)\n"
        "    finally:\n"
        "        return\n"
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(compile(source, "work", "exec"), names)
    assert bool(caught) is (sys.version_info >= (3, 14))

    async def main() -> bool:
        task = asyncio.create_task(names["work"]())  # type: ignore[operator]
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(main()) is False


def test_from_asyncio_import_star() -> None:
    """On 3.11, `from asyncio import *` lacks `TaskGroup`; `asyncio.TaskGroup` is there."""
    script = "from asyncio import *; print('TaskGroup' in globals())"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sys.version_info >= (3, 12))
    assert asyncio.TaskGroup
    assert "TaskGroup" not in api_map.recorded()[3, 11]["all"]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="they are deprecated in 3.14")
@pytest.mark.parametrize("name", ["AbstractEventLoopPolicy", "DefaultEventLoopPolicy"])
def test_for_those_who_ask(name: str) -> None:
    """The two policy classes are still there on 3.14 for those who ask, and each says with a `DeprecationWarning` that it is to be removed."""
    with pytest.warns(DeprecationWarning, match="slated for removal"):
        assert isinstance(getattr(asyncio, name), type)


def test_gone_for_good() -> None:
    """The child watchers are gone for good."""
    watchers = [name for name in api_map.names() if "hildWatcher" in name]
    assert len(watchers) == 6
    for name in watchers:
        assert hasattr(asyncio, name) is (sys.version_info < (3, 14))
