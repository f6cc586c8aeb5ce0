"""asyncio itself: what runs when, and what is left behind."""

import asyncio
import contextlib
import contextvars
import io
import re
import time

who = contextvars.ContextVar("who", default="nobody")


def title(text):
    print(f"-- {text}")


async def work(name, seconds=0.0, fail=None):
    try:
        await asyncio.sleep(seconds)
        if fail:
            raise fail
        return name
    except asyncio.CancelledError as error:
        print(name, "cancelled", error.args)
        raise


async def task_groups():
    title("task groups")
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(work(n, 0.02 * (3 - i))) for i, n in enumerate("abc")
        ]
    print([task.result() for task in tasks])
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work("slow", 5))
            group.create_task(work("wrong", 0.01, ValueError("no")))
            await asyncio.sleep(5)
    except* ValueError as errors:
        print(repr(errors), errors.exceptions)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(work("one", 0, KeyError(1)))
            group.create_task(work("two", 0, IndexError(2)))
    except ExceptionGroup as errors:
        print(sorted(type(e).__name__ for e in errors.exceptions))


async def timeouts():
    title("timeouts")
    start = time.monotonic()
    try:
        async with asyncio.timeout(0.1):
            await asyncio.sleep(10)
    except TimeoutError as error:
        print("timeout", error.args, 0.1 <= time.monotonic() - start < 0.5)
    try:
        await asyncio.wait_for(work("late", 10), 0.05)
    except TimeoutError:
        print("wait_for")
    async with asyncio.timeout(None) as limit:
        limit.reschedule(asyncio.get_running_loop().time() + 1)
        print(limit.expired(), await work("in time"))
    task = asyncio.create_task(work("shielded", 0.05))
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(task), 0.01)
    print(await task)


async def queues():
    title("queues")
    queue = asyncio.Queue(2)
    seen = []

    async def produce():
        for i in range(6):
            await queue.put(i)
            seen.append(f"+{i}")
        queue.shutdown()

    async def consume():
        with contextlib.suppress(asyncio.QueueShutDown):
            while True:
                seen.append(f"-{await queue.get()}")
                queue.task_done()

    await asyncio.gather(produce(), consume())
    await queue.join()
    print(*seen)
    ranked = asyncio.PriorityQueue()
    for i in 3, 1, 2:
        ranked.put_nowait(i)
    print([ranked.get_nowait() for _ in range(3)], ranked.empty())
    try:
        ranked.get_nowait()
    except asyncio.QueueEmpty as error:
        print(type(error).__name__)


async def locks():
    title("locks")
    lock, semaphore, said = asyncio.Lock(), asyncio.Semaphore(2), []

    async def hold(name, what):
        async with what:
            said.append(f"{name} in")
            await asyncio.sleep(0)
            said.append(f"{name} out")

    await asyncio.gather(
        *(hold(n, lock) for n in "ab"), *(hold(n, semaphore) for n in "xyz")
    )
    print(*said)
    event, condition, barrier = asyncio.Event(), asyncio.Condition(), asyncio.Barrier(2)

    async def waiter():
        await event.wait()
        async with condition:
            condition.notify_all()
        print("barrier", (await barrier.wait()) in (0, 1))

    task = asyncio.create_task(waiter())
    event.set()
    async with condition:
        await condition.wait()
    await barrier.wait()
    await task
    print(lock.locked(), semaphore.locked(), event.is_set())


async def callbacks():
    title("callbacks")
    loop, said = asyncio.get_running_loop(), []
    loop.call_later(0.04, said.append, "later 2")
    loop.call_later(0.02, said.append, "later 1")
    loop.call_soon(said.append, "soon")
    loop.call_later(0.03, said.append, "never").cancel()
    loop.call_at(loop.time() - 1, said.append, "past")
    future = loop.create_future()
    future.add_done_callback(lambda f: said.append(f"done {f.result()}"))
    loop.call_soon(future.set_result, 42)
    await future
    await asyncio.sleep(0.1)
    print(said)
    print([await f for f in asyncio.as_completed([work("z", 0.03), work("y", 0.01)])])
    done, pending = await asyncio.wait(
        [asyncio.create_task(work("p")), asyncio.create_task(work("q", 9))],
        return_when=asyncio.FIRST_COMPLETED,
    )
    print(len(done), len(pending))
    for task in pending:
        task.cancel("enough")
    print(await asyncio.gather(*pending, return_exceptions=True))


async def eager():
    title("eager")
    loop = asyncio.get_running_loop()
    loop.set_task_factory(asyncio.eager_task_factory)
    task = loop.create_task(work("at once"))
    print(task.done())

    async def nothing():
        return asyncio.current_task().get_name() != ""

    print(loop.create_task(nothing()).done(), await task)
    loop.set_task_factory(None)
    print(loop.create_task(nothing(), eager_start=True).done())


async def contexts():
    title("contexts")
    who.set("main")

    async def child():
        seen = who.get()
        who.set("child")
        return seen

    print(await asyncio.create_task(child()), who.get())
    other = contextvars.Context()
    print(await asyncio.create_task(child(), context=other), other[who])


async def graph():
    title("call graph")
    buffer = io.StringIO()

    async def inner():
        asyncio.print_call_graph(file=buffer)

    async def middle():
        await inner()

    async with asyncio.TaskGroup() as group:
        group.create_task(middle(), name="middle")
    lines = buffer.getvalue().splitlines()
    print(
        *(re.sub("0x[0-9a-f]+|'/.*/|'|line [0-9]+", "", line) for line in lines),
        sep="\n",
    )
    print(sorted(task.get_coro().__name__ for task in asyncio.all_tasks()))


async def generators():
    title("generators")

    async def numbers():
        try:
            for i in range(3):
                yield i
        finally:
            await asyncio.sleep(0)
            print("generator closed")

    async with contextlib.aclosing(numbers()) as some:
        async for i in some:
            print(i)
            break
    left = numbers()
    print(await anext(left))
    return left


async def handlers():
    title("exception handler")
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(
        lambda _, about: print(about["message"], repr(about.get("exception")))
    )
    loop.call_soon(divmod, 1, 0)
    await asyncio.sleep(0)
    lost = asyncio.create_task(work("lost", 0, OSError("lost")))
    await asyncio.sleep(0.02)
    del lost
    asyncio.create_task(work("left over", 10), name="left over")
    await asyncio.sleep(0)


async def main():
    for part in task_groups, timeouts, queues, locks, callbacks, eager, contexts, graph:
        await part()
    kept = await generators()
    await handlers()
    return kept


asyncio.run(main())

title("runner")
with asyncio.Runner() as runner:
    print(runner.run(work("one")), runner.run(work("two")))
    print(runner.get_loop().is_running(), type(runner.get_loop()).__name__)

    async def nested():
        coroutine = work("never")
        try:
            asyncio.run(coroutine)
        except RuntimeError as error:
            print(error)
        finally:
            coroutine.close()

    runner.run(nested())
coroutine = work("closed")
try:
    runner.run(coroutine)
except RuntimeError as error:
    print(error)
coroutine.close()
try:
    asyncio.get_running_loop()
except RuntimeError as error:
    print(error)
loop = asyncio.new_event_loop()
loop.call_later(0.02, loop.stop)
loop.run_forever()
print(loop.run_until_complete(work("by hand")), loop)
loop.close()
print(loop.is_closed())
