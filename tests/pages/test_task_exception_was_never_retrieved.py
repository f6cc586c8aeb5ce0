"""The claims of `reference/errors/task-exception-was-never-retrieved.md`."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

import virtual_clock
from messages import run_text
from programs import EXAMPLES
from running import run

HERE = EXAMPLES / "task_exception_was_never_retrieved"
MESSAGE = "Task exception was never retrieved"


async def fail() -> None:
    """Fail at once."""
    raise OSError("no stamp")


def reports() -> list[str]:
    """A list to which asyncio adds what it would otherwise log."""
    told: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, about: told.append(about["message"]))
    return told


def test_nobody_had_asked() -> None:
    """A task failed, and was thrown away before anybody had asked what became of it."""

    async def left(ask: Callable[[asyncio.Task[None]], object]) -> list[str]:
        told = reports()
        task = asyncio.create_task(fail())
        await asyncio.wait([task])
        ask(task)
        del task
        gc.collect()
        return told

    assert virtual_clock.run(left(lambda task: task.done())) == [MESSAGE]
    assert virtual_clock.run(left(lambda task: task.exception())) == []


def test_it_comes_late() -> None:
    """The message comes when the task is thrown away, and not when it fails."""

    async def main() -> None:
        told = reports()
        task = asyncio.create_task(fail())
        await asyncio.sleep(1)
        gc.collect()
        assert task.done()
        assert told == []
        del task
        gc.collect()
        assert told == [MESSAGE]

    virtual_clock.run(main())


def test_a_task_that_is_kept() -> None:
    """A task that is kept, in a list or an attribute, says nothing for as long as it is kept."""

    async def main() -> None:
        told = reports()
        kept = [asyncio.create_task(fail())]
        await asyncio.sleep(3600)
        gc.collect()
        assert told == []
        kept.clear()
        gc.collect()
        assert told == [MESSAGE]

    virtual_clock.run(main())


def test_wait_does_not_ask() -> None:
    """`await asyncio.wait(tasks)` alone does not ask: it returns the tasks that are done, and whoever calls `result()` on them hears of the error."""

    async def main() -> None:
        told = reports()
        done, _ = await asyncio.wait([asyncio.create_task(fail())])
        done.clear()
        gc.collect()
        assert told == [MESSAGE]
        done, _ = await asyncio.wait([asyncio.create_task(fail())])
        try:
            done.pop().result()
        except OSError as error:
            told.append(str(error))
        gc.collect()
        assert told == [MESSAGE, "no stamp"]

    virtual_clock.run(main())


def test_a_group_asks() -> None:
    """A task group does: it cancels its other tasks, and raises the error when they have ended."""
    ends: list[str] = []

    async def clean_up() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(5)
            ends.append("cleaned up")

    async def main() -> None:
        told = reports()
        loop = asyncio.get_running_loop()
        start = loop.time()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(clean_up())
                await asyncio.sleep(1)
                group.create_task(fail())
        except* OSError:
            ends.append("raised")
        assert 6 <= loop.time() - start < 7
        gc.collect()
        assert told == []

    virtual_clock.run(main())
    assert ends == ["cleaned up", "raised"]


def test_a_future_that_is_no_task() -> None:
    """`Future exception was never retrieved` is the same message from a future that is no task, such as that of `loop.run_in_executor`."""

    def work() -> None:
        raise OSError("no stamp")

    async def main() -> None:
        told = reports()
        loop = asyncio.get_running_loop()
        await asyncio.wait([loop.run_in_executor(None, work)])
        gc.collect()
        assert told == ["Future exception was never retrieved"]

    asyncio.run(main())


def test_the_lines_of_the_message() -> None:
    """The line that begins with `future:` has the name of the task and its coroutine."""
    said = run(HERE / "nobody_asks_the_task_broken.py").stderr.splitlines()
    assert said[0] == MESSAGE
    assert said[1].startswith("future: <Task finished name='post' coro=<send() done,")
    assert said[-1] == "OSError: no stamp on the invitation"


def test_debug_mode(tmp_path: Path) -> None:
    """With debug mode, it also shows where the task was created."""
    path = HERE / "nobody_asks_the_task_broken.py"
    line = 'asyncio.create_task(send("invitation"), name="post")'
    assert line in run(path, "-X", "dev").stderr
    assert line not in run(path).stderr


def test_an_exception_handler(tmp_path: Path) -> None:
    """To hear of such errors elsewhere than in the log, give the loop an exception handler."""
    text = """
    import asyncio

    async def fail():
        raise OSError("no stamp")

    async def main():
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, about: print(about["exception"]))
        asyncio.create_task(fail())
        await asyncio.sleep(0)

    asyncio.run(main())
    """
    done = run_text(tmp_path, text)
    assert (done.stdout, done.stderr) == ("no stamp\n", "")
