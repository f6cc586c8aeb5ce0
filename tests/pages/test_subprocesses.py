"""The claims of `how-to/subprocesses.md`."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import pytest

from programs import EXAMPLES

T = TypeVar("T")
Load = Callable[[str], ModuleType]
HERE = EXAMPLES / "subprocesses"
DEADLINE = 30
pytestmark = pytest.mark.skipif(os.name != "posix", reason="it sends Unix signals")


async def start(script: str, **streams: int | bool) -> Process:
    """A child that runs `script` in Python."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-Ec",  # PYTHONUNBUFFERED would change what the page says
        script,
        **{"stdin": PIPE, "stdout": PIPE, **streams},  # type: ignore[arg-type]
    )


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main`, and fail if that takes too long."""

    async def in_time() -> T:
        async with asyncio.timeout(DEADLINE):
            return await main

    return asyncio.run(in_time())


async def line(child: Process) -> str:
    """The next line that the child writes."""
    assert child.stdout is not None
    return (await child.stdout.readline()).decode().rstrip()


async def let_it_end(child: Process) -> bytes:
    """Close the child's input, and wait for its end; return what was unread."""
    if child.stdin is not None:
        child.stdin.close()
    return (await child.communicate())[0]


WAITS_FOR_US = """
import sys
import threading
print("open", flush=True)
sys.stdin.readline()
print("closed")
"""


def test_no_task_has_a_turn() -> None:
    """`subprocess.run` returns when the child has ended, and until then no task has a turn."""
    turns: list[str] = []

    async def main() -> None:
        asyncio.get_running_loop().call_soon(turns.append, "another task")
        done = subprocess.run([sys.executable, "-c", "pass"], check=False)
        assert done.returncode == 0
        assert turns == []
        await asyncio.sleep(0)
        assert turns == ["another task"]

    run(main())


def test_it_returns_once_it_is_started() -> None:
    """`create_subprocess_exec` returns once the child is started."""

    async def main() -> None:
        child = await start(WAITS_FOR_US)
        assert child.returncode is None
        assert await line(child) == "open"
        assert child.returncode is None
        assert await let_it_end(child) == b"closed\n"
        assert child.returncode == 0

    run(main())


def test_no_such_program() -> None:
    """If there is no such program, it raises `FileNotFoundError`."""

    async def main() -> None:
        with pytest.raises(FileNotFoundError):
            await asyncio.create_subprocess_exec("no-such-program")

    run(main())


def test_the_same_class() -> None:
    """`stdout=PIPE` ties the child's output to a `StreamReader`, the same class that reads network connections."""

    async def main() -> None:
        child = await start("pass")
        assert type(child.stdout) is asyncio.StreamReader
        assert type(child.stdin) is asyncio.StreamWriter
        await let_it_end(child)

    run(main())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="it is about Python 3.11")
def test_a_helper_thread() -> None:
    """(On Python 3.11 a helper thread waits for the end, and tells the loop.)"""

    async def main() -> None:
        before = set(threading.enumerate())
        child = await start(WAITS_FOR_US)
        assert await line(child) == "open"
        helpers = set(threading.enumerate()) - before
        assert [thread.name.rstrip("0123456789") for thread in helpers] == [
            "asyncio-waitpid-"
        ]
        await let_it_end(child)

    run(main())


def test_the_listener_ends() -> None:
    """`async for` ends when nobody holds the other end of the pipe any more, as a rule when the child ends; `wait()` then gives the exit status."""
    grandchild = "import sys; sys.stdin.readline(); print('late')"
    script = f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", {grandchild!r}])
print("child", flush=True)
"""

    async def held() -> None:
        child = await start(script)
        assert child.stdin is not None
        assert child.stdout is not None
        assert await child.stdout.readline() == b"child\n"
        rest = asyncio.create_task(child.stdout.read())
        while child.returncode is None:  # the deadline of run() ends this
            await asyncio.sleep(0.01)
        assert not rest.done()
        child.stdin.write(b"\n")
        assert await rest == b"late\n"
        await let_it_end(child)

    run(held())

    async def main() -> None:
        child = await start("print('A'); print('B'); raise SystemExit(7)")
        assert child.stdout is not None
        assert [each async for each in child.stdout] == [b"A\n", b"B\n"]
        assert await child.wait() == 7
        assert child.returncode == 7

    run(main())


def test_nothing_raises_for_a_status() -> None:
    """Nothing raises for a status other than 0, so look at it."""

    async def main() -> None:
        child = await start("raise SystemExit(3)")
        assert await let_it_end(child) == b""
        assert child.returncode == 3

    run(main())


@pytest.mark.parametrize("flush", [False, True])
def test_a_child_that_does_not_flush(flush: bool) -> None:
    """A child that does not flush writes its lines all at once, when it ends or its buffer is full; for a Python child, `-u` or `flush=True` prevents that."""
    end = ", flush=True" if flush else ""
    script = (
        f"import sys; print('A'{end}); print('here', file=sys.stderr); sys.stdin.read()"
    )

    async def main() -> None:
        child = await start(script, stderr=PIPE)
        assert child.stdout is not None
        assert child.stderr is not None
        await child.stderr.readexactly(5)  # it is past its print
        first = asyncio.create_task(child.stdout.readline())
        if flush:
            assert await first == b"A\n"
            await let_it_end(child)
            return
        await asyncio.wait([first], timeout=0.2)
        assert not first.done()
        assert child.stdin is not None
        child.stdin.close()
        assert await first == b"A\n"
        await let_it_end(child)

    run(main())


@pytest.mark.parametrize("limit", [None, 100_000])
def test_a_long_line(limit: int | None) -> None:
    """And a line longer than 64 KiB raises `ValueError`, unless you give `create_subprocess_exec` a higher `limit`."""

    async def main() -> None:
        more = {} if limit is None else {"limit": limit}
        child = await start("print('x' * 70_000)", **more)
        assert child.stdout is not None
        if limit is None:
            with pytest.raises(ValueError, match="limit"):
                await child.stdout.readline()
        else:
            assert len(await child.stdout.readline()) == 70_001
        await let_it_end(child)

    run(main())


def test_an_empty_input() -> None:
    """`stdin=DEVNULL` gives the child an empty input."""

    async def main() -> None:
        child = await start("import sys; print(repr(sys.stdin.read()))", stdin=DEVNULL)
        assert await let_it_end(child) == b"''\n"

    run(main())


def test_it_shares_the_input() -> None:
    """Without it, the child shares yours, and may take what somebody types for you."""
    parent = f"""
import asyncio, sys
async def main():
    child = await asyncio.create_subprocess_exec(
        {sys.executable!r}, "-c", "print('child has', input())")
    await child.wait()
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", parent],
        input="secret\n",
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    assert done.stdout == "child has secret\n"


def test_held_and_let_go() -> None:
    """`SIGSTOP` holds a process in the middle of whatever it does, and `SIGCONT` lets it go on."""

    async def main() -> None:
        child = await start(
            "print('open', flush=True); print('got', input(), flush=True)"
        )
        assert await line(child) == "open"
        child.send_signal(signal.SIGSTOP)
        assert child.stdin is not None
        child.stdin.write(b"tea\n")
        answer = asyncio.create_task(line(child))
        await asyncio.wait([answer], timeout=0.2)
        assert not answer.done()
        child.send_signal(signal.SIGCONT)
        assert await answer == "got tea"
        await let_it_end(child)

    run(main())


def test_after_that_a_print_does_not_return() -> None:
    """After that, a `print` in the child does not return."""
    script = """
import sys
import threading
sys.stderr.write("begun\\n")
print("x" * 10_000_000)
sys.stderr.write("printed\\n")
"""

    async def main() -> None:
        child = await start(script, stderr=PIPE)
        assert child.stderr is not None
        assert await child.stderr.readline() == b"begun\n"
        after = asyncio.create_task(child.stderr.readline())
        ended = asyncio.create_task(child.wait())
        await asyncio.wait([after, ended], timeout=0.3)
        assert not after.done()
        assert not ended.done()
        assert len(await let_it_end_beside(child)) == 10_000_001
        assert await after == b"printed\n"
        await ended

    async def let_it_end_beside(child: Process) -> bytes:
        assert child.stdout is not None
        return await child.stdout.read()

    run(main())


def test_a_pipe_holds_so_much() -> None:
    """A pipe holds some 64 KiB on Linux, and the reader at this end takes two or three times as much again, and then stops."""
    script = """
import os, sys
os.set_blocking(1, False)
sent = 0
for line in sys.stdin:
    try:
        while True:
            sent += os.write(1, b"x" * 1024)
    except BlockingIOError:
        print(sent, file=sys.stderr, flush=True)
"""

    async def main() -> int:
        child = await start(script, stderr=PIPE)
        assert child.stdin is not None
        assert child.stderr is not None
        before, in_all = -1, 0
        while in_all > before:  # until neither takes more
            before = in_all
            for _ in range(20):  # rounds in which the reader could take more
                await asyncio.sleep(0)
            child.stdin.write(b"more\n")
            in_all = int(await child.stderr.readline())
        await let_it_end(child)
        return in_all

    if sys.platform != "linux":
        pytest.skip("other systems have pipes of other sizes")
    assert 2.9 <= run(main()) / (64 * 1024) <= 4.1


def test_one_stream_after_the_other() -> None:
    """To read all of `stdout` first, and `stderr` after it, can hang in the same way."""
    script = "import sys; sys.stderr.write('x' * 10_000_000); print('end')"

    async def main() -> None:
        child = await start(script, stderr=PIPE)
        assert child.stdout is not None
        read = asyncio.create_task(child.stdout.read())
        await asyncio.wait([read], timeout=0.3)
        assert not read.done()
        assert child.stderr is not None
        assert len(await child.stderr.read()) == 10_000_000
        assert await read == b"end\n"
        await child.wait()

    run(main())


def test_communicate_reads_both() -> None:
    """`communicate` reads both at once, and waits for the end."""
    script = "import sys; sys.stderr.write('x' * 1_000_000); print('y' * 1_000_000)"

    async def main() -> None:
        child = await start(script, stderr=PIPE)
        output, errors = await child.communicate()
        assert (len(output), len(errors)) == (1_000_001, 1_000_000)
        assert child.returncode == 0

    run(main())


@pytest.mark.parametrize("flush", [False, True])
def test_errors_in_their_place(flush: bool) -> None:
    """`stderr=STDOUT` sends errors into the same pipe, in their place between the lines if the child flushes both."""
    script = f"""
import sys
import threading
for number in (1, 2):
    print("line", number, flush={flush})
    print("error", number, file=sys.stderr, flush=True)
"""

    async def main() -> None:
        child = await start(script, stderr=asyncio.subprocess.STDOUT)
        assert child.stderr is None
        lines = (await let_it_end(child)).split()[::2]
        in_place = [b"line", b"error", b"line", b"error"]
        assert lines == (in_place if flush else sorted(in_place))

    run(main())


@pytest.mark.parametrize("how", ["timeout", "cancel"])
def test_the_child_hears_nothing(how: str) -> None:
    """The child is another process and hears nothing of it: in the timeline `main` is cancelled at its first wait, and the bank pays during the second."""

    async def main() -> None:
        child = await start(WAITS_FOR_US)
        assert await line(child) == "open"
        if how == "timeout":
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await child.wait()
        else:
            waiter = asyncio.create_task(child.wait())
            await asyncio.sleep(0)
            waiter.cancel()
            await asyncio.wait([waiter])
        assert child.returncode is None
        assert child.stdin is not None
        child.stdin.write(b"\n")
        assert await let_it_end(child) == b"closed\n"

    run(main())


@pytest.mark.parametrize("kept", [False, True])
def test_it_outlives_run(kept: bool) -> None:
    """Nor does `asyncio.run` see to it: the child may go on after that, and from Python 3.12 on it is killed if its `Process` is thrown away before it has ended."""
    parent = f"""
import asyncio, gc, os
keep = []
async def main():
    child = "import sys; sys.stdin.readline(); print('still here')"
    command = ({sys.executable!r}, "-c", child)
    process = await asyncio.create_subprocess_exec(*command, stdin=reading)
    if {kept}:
        keep.append(process)
reading, writing = os.pipe()
asyncio.run(main())
gc.collect()
print("run is over", flush=True)
os.write(writing, b"go\\n")
os._exit(0)  # the child has our output, and whoever reads it waits for both
"""
    done = subprocess.run(
        [sys.executable, "-c", parent],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=True,
    )
    survives = kept or sys.version_info < (3, 12)
    assert done.stdout == "run is over\n" + "still here\n" * survives


@pytest.mark.parametrize("apart", [False, True])
def test_ctrl_c(apart: bool) -> None:
    """Ctrl-C is different: a terminal sends `SIGINT` to your program and to its children alike. A child in a session of its own does not get it."""
    child = """
import signal
signal.signal(signal.SIGINT, lambda *_: exit(5))
signal.alarm(60)  # it does not stay for ever if this test fails
print("open", flush=True)
while True:
    signal.pause()
"""
    parent = f"""
import asyncio, fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # this is our terminal now
async def main():
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", {child!r}, start_new_session={apart})
    try:
        await child.wait()
    except asyncio.CancelledError:
        print("parent: cancelled")
        if {apart}:
            child.terminate()
        print("child:", await child.wait())
asyncio.run(main())
"""
    try:
        typing, terminal = os.openpty()
    except OSError:
        pytest.skip("this machine has no pseudo-terminals")
    process = subprocess.Popen(
        [sys.executable, "-c", parent],
        stdin=terminal,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        os.write(typing, b"\x03")  # what Ctrl-C sends
        said, _ = process.communicate(timeout=DEADLINE)
    finally:
        process.kill()
        os.close(typing)
        os.close(terminal)
    status = -signal.SIGTERM if apart else 5
    assert said == f"parent: cancelled\nchild: {status}\n"


def test_whoever_starts_one(load: Load) -> None:
    """So whoever starts a child has to end it, in a `finally`:"""
    child = load("subprocesses/time_limit_fixed").child
    stays = "print('open', flush=True); signal.pause()"
    here = [sys.executable, "-c", f"import signal; {stays}"]

    async def cancelled() -> None:
        started = asyncio.Event()
        children: list[Process] = []

        async def work() -> None:
            async with child(*here) as process:
                children.append(process)
                started.set()
                await process.wait()

        task = asyncio.create_task(work())
        await started.wait()
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert children[0].returncode is not None

    async def failed() -> None:
        with pytest.raises(LookupError):
            async with child(*here) as process:
                raise LookupError
        assert process.returncode is not None

    async def ended() -> None:
        async with child(sys.executable, "-c", "raise SystemExit(5)") as process:
            await process.wait()
        assert process.returncode == 5

    async def deaf() -> None:
        ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        async with child(*here[:2], f"{ignore}; {stays}") as process:
            assert await line(process) == "open"
        assert process.returncode == -signal.SIGKILL

    for main in (cancelled, failed, ended, deaf):
        run(main())


def test_somebody_cancels_the_clean_up(load: Load) -> None:
    """If somebody cancels the clean-up too, the inner `finally` kills at once."""
    child = load("subprocesses/time_limit_fixed").child
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    stays = "signal.alarm(60); print('open', flush=True); signal.pause()"

    async def main() -> None:
        opened = asyncio.Event()
        children: list[Process] = []

        async def work() -> None:
            async with child(sys.executable, "-c", f"{deaf}; {stays}") as process:
                children.append(process)
                assert await line(process) == "open"
                opened.set()
                await process.wait()

        task = asyncio.create_task(work())
        await opened.wait()
        task.cancel()
        await asyncio.sleep(0)  # it has asked, and waits out the grace
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()
        assert await children[0].wait() == -signal.SIGKILL

    run(main())


@pytest.mark.parametrize(
    ("habit", "status"), [("SIG_DFL", -signal.SIGTERM), ("SIG_IGN", 0)]
)
def test_terminate_asks(habit: str, status: int) -> None:
    """`terminate` asks: it sends `SIGTERM`, which a child can catch, to clean up, or ignore, as the deaf bank does."""
    script = f"import signal; signal.signal(15, signal.{habit})\n{WAITS_FOR_US}"

    async def main() -> None:
        child = await start(script)
        assert await line(child) == "open"
        child.terminate()
        if habit == "SIG_DFL":
            await child.wait()
        await let_it_end(child)
        assert child.returncode == status

    run(main())


def test_kill_cannot_be_caught() -> None:
    """`kill` sends `SIGKILL`, which no process can catch."""
    script = f"""
import signal
try:
    signal.signal(signal.SIGKILL, signal.SIG_IGN)
except OSError:
    print("refused", flush=True)
{WAITS_FOR_US}
"""

    async def main() -> None:
        child = await start(script)
        assert await line(child) == "refused"
        assert await line(child) == "open"
        child.kill()
        await child.wait()
        await let_it_end(child)
        assert child.returncode == -9

    run(main())


def test_a_negative_status() -> None:
    """A negative exit status is the number of the signal that ended the child, with a minus: 15 is `SIGTERM`, 9 is `SIGKILL`."""
    assert (signal.SIGTERM, signal.SIGKILL) == (15, 9)
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGUSR1):

        async def main(number: int = number) -> int | None:
            child = await start(WAITS_FOR_US)
            await line(child)
            child.send_signal(number)
            await child.wait()
            await let_it_end(child)
            return child.returncode

        assert run(main()) == -number


@pytest.mark.parametrize("whole_family", [False, True])
def test_both_reach_the_child_alone(whole_family: bool) -> None:
    """Both reach the child alone. What it has started itself goes on, and if it holds the child's pipe, `communicate` waits for it, even after `kill`."""
    grandchild = "import sys; print('born', flush=True); sys.stdin.read(); print('on')"
    script = f"""
import signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", {grandchild!r}])
signal.pause()
"""

    async def main() -> bytes:
        child = await start(script, start_new_session=True)
        assert await line(child) == "born"
        if whole_family:
            os.killpg(child.pid, signal.SIGTERM)
            return (await child.communicate())[0]
        child.kill()
        while child.returncode is None:  # the deadline of run() ends this
            await asyncio.sleep(0.01)
        assert child.stdout is not None
        output = asyncio.create_task(child.stdout.read())
        await asyncio.wait([output], timeout=0.1)
        assert not output.done()
        assert child.stdin is not None
        child.stdin.close()
        try:
            return await output
        finally:
            await child.communicate()

    assert run(main()) == (b"" if whole_family else b"on\n")


def test_the_shell_ran_it(tmp_path: Path, load: Load) -> None:
    """The second guest ordered a cake whose name ends in a command, and the shell ran it."""
    for kind, ran in (("broken", True), ("fixed", False)):
        proof = tmp_path / kind
        order = load(f"subprocesses/quoting_{kind}").order
        run(order(f"plum; touch {shlex.quote(str(proof))}"))
        assert proof.exists() is ran


def test_foreign_parts(tmp_path: Path, load: Load) -> None:
    """Use `create_subprocess_exec`, which takes the arguments one by one and no shell; and where you need one, for a pipe, put each foreign part through `shlex.quote`, which is for the shells of Unix."""
    proof = tmp_path / "proof"
    with pytest.raises(TypeError):
        run(asyncio.create_subprocess_exec(["echo", "tea"]))  # type: ignore[arg-type]
    shout = load("subprocesses/quoting_fixed").shout
    run(shout(f"plum; touch {proof}"))
    run(shout(f"plum' ; touch {proof} ; '"))
    run(shout(f"$(touch {proof})"))
    assert not proof.exists()


@pytest.mark.parametrize("kept", [False, True])
def test_taken_for_an_option(kept: bool) -> None:
    """Quoting does not help against an argument that begins with `-`: the program may take it for an option. Many programs take what follows a `--` as it is."""

    async def main() -> bytes:
        more = ["--"] if kept else []
        child = await asyncio.create_subprocess_exec(
            *("grep", *more, "-c"), stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        return (await child.communicate(b"a -c in a line\n"))[0]

    assert run(main()) == (b"a -c in a line\n" if kept else b"")


def test_the_shell_hides_a_missing_program() -> None:
    """A shell also hides a missing program: `create_subprocess_shell` raises nothing, and the exit status is 127."""

    async def main() -> int:
        child = await asyncio.create_subprocess_shell("no-such-program", stderr=DEVNULL)
        return await child.wait()

    assert run(main()) == 127


def test_all_three_come_together(load: Load) -> None:
    """All three come together, at the end."""
    script = load("subprocesses/lines_as_they_come").BAKER
    assert script.count(", flush=True") == 1
    held = script.replace(", flush=True", "").replace("time.sleep(0.2)", "pass")
    held += "\nimport sys; print('here', file=sys.stderr); sys.stdin.read()"

    async def main() -> None:
        child = await start(held, stderr=PIPE)
        assert child.stdout is not None
        assert child.stderr is not None
        await child.stderr.readexactly(5)
        first = asyncio.create_task(child.stdout.read(1000))
        await asyncio.wait([first], timeout=0.2)
        assert not first.done()
        assert child.stdin is not None
        child.stdin.close()
        assert await first == b"knead\nshape\nbake\n"
        await let_it_end(child)

    run(main())


def test_the_pages_go_to_the_terminal() -> None:
    """`output` is `None`, and `output.count` fails with `AttributeError`."""
    source = (HERE / "full_pipe_fixed.py").read_text("utf-8")
    lines = [row for row in source.splitlines() if "stdout=" not in row]
    changed = "\n".join(row for row in lines if "stderr=" not in row)
    assert len(changed.splitlines()) == len(source.splitlines()) - 2
    done = subprocess.run(
        [sys.executable, "-c", changed],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.stdout.count("page") == 1_000_000
    assert "AttributeError: 'NoneType' object has no attribute 'count'" in done.stderr
