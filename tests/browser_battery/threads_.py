"""Threads beside the loop and without it."""

import asyncio
import concurrent.futures
import contextvars
import gc
import queue
import sys
import threading
import time


def title(text):
    print(f"-- {text}")


who = contextvars.ContextVar("who", default="nobody")


async def in_loop():
    title("to_thread")
    who.set("main")

    def blocking(seconds):
        time.sleep(seconds)
        return who.get(), threading.current_thread() is threading.main_thread()

    start = time.monotonic()
    print(await asyncio.gather(*(asyncio.to_thread(blocking, 0.2) for _ in range(3))))
    print(0.2 <= time.monotonic() - start < 0.5)

    def fail():
        raise ValueError("in a thread")

    try:
        await asyncio.to_thread(fail)
    except ValueError as error:
        print(error)
    try:
        await asyncio.wait_for(asyncio.to_thread(time.sleep, 0.3), 0.1)
    except TimeoutError:
        print("timeout; the thread goes on")

    title("executor")
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(2, "pool") as pool:
        names = await asyncio.gather(
            *(loop.run_in_executor(pool, name_after, 0.05) for _ in range(2))
        )
        print(sorted(names))

    title("heartbeat beside computing")
    beats = 0

    async def heart():
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.02)

    beating = asyncio.create_task(heart())
    count = await asyncio.to_thread(compute, 0.5)
    beating.cancel()
    print(count > 1000, beats > 5)


def name_after(seconds):
    time.sleep(seconds)
    return threading.current_thread().name


def compute(seconds):
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        count += 1
    return count


asyncio.run(in_loop())

title("a loop in a thread")
loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever, name="loop")
thread.start()


async def where():
    await asyncio.sleep(0.05)
    return threading.current_thread().name


future = asyncio.run_coroutine_threadsafe(where(), loop)
print(future.result(2))
hanging = asyncio.run_coroutine_threadsafe(asyncio.sleep(5), loop)
try:
    hanging.result(0.05)
except TimeoutError:
    print("late", hanging.cancel())
called = threading.Event()
loop.call_soon_threadsafe(called.set)
print(called.wait(1))
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()

title("a loop in each of two threads, and one in the main thread")


async def tasks(name):
    task = asyncio.current_task()
    task.set_name(name)
    who.set(name)
    seen = set()
    for _ in range(5):
        await asyncio.sleep(0.01)
        await asyncio.to_thread(time.sleep, 0.01)
        inner = await asyncio.create_task(asyncio.sleep(0.01, who.get()))
        names = sorted(t.get_name() for t in asyncio.all_tasks())
        seen.add((inner, *names, asyncio.current_task() is task))
    return seen


async def beside():
    async def run(name):
        return await asyncio.to_thread(asyncio.run, tasks(name))

    print(*await asyncio.gather(run("one"), run("two"), asyncio.sleep(0.1)))
    print(asyncio.current_task().get_name(), who.get())

    def no_loop():
        try:
            asyncio.get_running_loop()
        except RuntimeError as error:
            return str(error)

    print(await asyncio.to_thread(no_loop))


asyncio.run(beside(), debug=False)

title("primitives")
local = threading.local()
local.value = "main"


def look():
    print(hasattr(local, "value"))
    local.value = "thread"


thread = threading.Thread(target=look, name="looks")
print(thread)
thread.start()
thread.join()
print(local.value, str(thread).partition(" stopped")[1])

condition, items = threading.Condition(), []


def produce():
    for i in range(3):
        with condition:
            items.append(i)
            condition.notify()
        time.sleep(0.01)


thread = threading.Thread(target=produce)
thread.start()
for _ in range(3):
    with condition:
        condition.wait_for(lambda: items, 1)
        print(items.pop())
thread.join()

barrier, passed = threading.Barrier(3), []
threads = [
    threading.Thread(target=lambda: passed.append(barrier.wait())) for _ in range(3)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(passed))

semaphore, now, most = threading.Semaphore(2), 0, 0


def limited():
    global now, most
    with semaphore:
        now += 1
        most = max(most, now)
        time.sleep(0.02)
        now -= 1


with concurrent.futures.ThreadPoolExecutor(5) as pool:
    for _ in range(6):
        pool.submit(limited)
print(most)

fired = threading.Event()
timer = threading.Timer(0.05, fired.set)
timer.start()
print(fired.wait(0.01), fired.wait(2))
timer = threading.Timer(0.05, print, ["never"])
timer.start()
timer.cancel()
timer.join()

lock = threading.Lock()
lock.acquire()
start = time.monotonic()
print(lock.acquire(timeout=0.1), time.monotonic() - start >= 0.1, lock.acquire(False))
lock.release()
try:
    lock.release()
except RuntimeError as error:
    print(error)
again = threading.RLock()
with again, again:
    print("twice")

title("queue")
jobs = queue.Queue(1)


def drain():
    while (job := jobs.get()) is not None:
        print("job", job)
        jobs.task_done()


thread = threading.Thread(target=drain)
thread.start()
for i in range(3):
    jobs.put(i)
jobs.join()
jobs.put(None)
thread.join()
simple = queue.SimpleQueue()
threading.Timer(0.02, simple.put, ["late"]).start()
print(simple.get(timeout=1))
try:
    simple.get(timeout=0.02)
except queue.Empty:
    print("empty")

title("pool")
with concurrent.futures.ThreadPoolExecutor(3) as pool:
    print(list(pool.map(lambda x: x * x, range(5))))
    futures = {pool.submit(time.sleep, s): s for s in (0.1, 0.02)}
    print([futures[f] for f in concurrent.futures.as_completed(futures)])
    print(repr(pool.submit(int, "x").exception()))

title("garbage")


def litter(done):
    for _ in range(30_000):
        cycle = []
        cycle.append([cycle])
    done.wait()


done, here = threading.Event(), threading.Event()
threads = [threading.Thread(target=litter, args=[done]) for _ in range(2)]
for thread in threads:
    thread.start()
here.set()
litter(here)
print(gc.collect() >= 0, sys.settrace(None))
done.set()
for thread in threads:
    thread.join()
print(gc.isenabled(), gc.collect() >= 0)

title("a race")
counter = 0


def add():
    global counter
    for _ in range(3):
        seen = counter
        time.sleep(0.01)
        counter = seen + 1


threads = [threading.Thread(target=add) for _ in range(2)]
for thread in threads:
    thread.start()
print(threading.active_count())
for thread in threads:
    thread.join()
print(
    3 <= counter < 6,
    threading.active_count(),
    threading.get_ident() == threading.main_thread().ident,
)
print(sys.getswitchinterval(), [t.name for t in threading.enumerate()])
background = threading.Thread(target=time.sleep, args=[60], daemon=True)
background.start()
print("the program ends, whatever its daemon does", background.daemon)
