"""Threads, and what every blocking call comes down to: `wait`.

With stack switching (JSPI) each thread has a WebAssembly stack of its own, and
gives way where it blocks and, as under CPython's GIL, every 5 ms. One runs at
a time. Without it a thread runs to its end inside the call that starts it; if
it waits for what another would do, it gets a RuntimeError.
"""

from __future__ import annotations

import _signal
import _thread
import gc
import math
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from itertools import count
from typing import Any

from browser_os import signals

HERE = __file__.removesuffix("threads.py")
SITE = HERE.removesuffix("browser_os/")
MAIN = _thread.get_ident()

worker: Any = None  # the JavaScript side, once there is one
asyncio: Any = None  # and what must not be imported before that
ffi: Any = None
ident = MAIN  # of the thread that runs
alive = 0  # threads beside the main one
switching = False  # between two threads: no time for a signal's handler
_since = time.monotonic()  # when the one that runs got its turn
_used: dict[int, float] = defaultdict(float)  # seconds, by thread
_said: set[str] = set()
_idents = count(MAIN + 1)
_enable_collector = gc.enable


def say(text: str) -> None:
    """Tell the reader, once, what differs here."""
    if text not in _said:
        _said.add(text)
        sys.stdout.flush()
        worker.note(text)


def wait(ready: Callable[[], object], timeout: float | None = None) -> bool:
    """Block this thread until `ready()` or for `timeout` seconds; say which.

    A signal's handler runs meanwhile, and may raise.
    """
    end = math.inf if timeout is None else time.monotonic() + timeout
    while not ready():
        if end == math.inf and ident != MAIN and not alive:
            raise RuntimeError("in line, a thread cannot wait for another one")
        left = end - time.monotonic()
        if left <= 0:
            return False
        if alive:
            stop = suspend(worker.until(left * 1000).promise)
        else:
            _stop_clock()
            stop = worker.sleep(left * 1000)
            start_clock()
        if stop:
            _signal.raise_signal(_signal.SIGINT)
    return True


def suspend(promise: Any) -> Any:
    """Let others run until the JavaScript `promise` is settled; give its value."""
    global ident, switching
    me, switching = ident, True
    # run_sync makes a future of what it gets, on a loop of Pyodide's own: here
    # the promise is to do.
    ensure_future = asyncio.ensure_future

    def promise_only(argument: Any) -> Any:
        asyncio.ensure_future = ensure_future
        return argument

    asyncio.ensure_future = promise_only
    _stop_clock()
    value = ffi.run_sync(promise)
    ident, switching = me, False
    if not alive:
        _enable_collector()
    start_clock()
    signals.deliver_pending()
    return value


def start_clock() -> None:
    """From here on this thread uses the processor."""
    global _since
    _since = time.monotonic()


def _stop_clock() -> None:
    _used[ident] += time.monotonic() - _since


def thread_time() -> float:
    """As time.thread_time: the time that this thread did not wait, in seconds."""
    return _used[ident] + time.monotonic() - _since


def process_time() -> float:
    """As time.process_time: the same for all threads together."""
    return sum(_used.values()) + time.monotonic() - _since


def changed() -> None:
    """Have the other threads look again at what they wait for."""
    if alive:
        worker.wake()


def sleep(seconds: Any, /) -> None:
    """As time.sleep."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if seconds or not alive:
        wait(lambda: False, seconds)
    else:
        suspend(worker.turn().promise)


def preempt(signum: int, frame: Any) -> None:
    """Give way in the middle of the program, as at a GIL's switch interval.

    What stands beside this package, the recorder above all, is not interrupted.
    """
    ours = frame.f_code.co_filename.startswith(SITE)
    if alive and not switching and not ours and ffi.can_run_sync():
        suspend(worker.turn().promise)


class Lock:
    """As _thread.lock."""

    def __init__(self) -> None:
        self._held = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it, waiting at most `timeout` seconds; say whether it was taken."""
        if self._held:
            limit = None if timeout < 0 else timeout
            if not blocking or not wait(lambda: not self._held, limit):
                return False
        self._held = True
        return True

    def release(self) -> None:
        """Let it go. Raises RuntimeError if nobody holds it."""
        if not self._held:
            raise RuntimeError("release unlocked lock")
        self._held = False
        changed()

    def locked(self) -> bool:
        """Whether somebody holds it."""
        return self._held

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _at_fork_reinit(self) -> None:
        self._held = False

    def __repr__(self) -> str:
        state = "locked" if self._held else "unlocked"
        return f"<{state} _thread.lock object at {id(self):#x}>"


class RLock:
    """As _thread.RLock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._owner: int | None = None
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take it once more, waiting if another thread holds it."""
        if self._owner != ident:
            if not self._lock.acquire(blocking, timeout):
                return False
            self._owner = ident
        self._count += 1
        return True

    def release(self) -> None:
        """Let it go once. Raises RuntimeError if another thread holds it."""
        if self._owner != ident:
            raise RuntimeError("cannot release un-acquired lock")
        self._count -= 1
        if not self._count:
            self._owner = None
            self._lock.release()

    def locked(self) -> bool:
        """Whether somebody holds it."""
        return self._lock.locked()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _is_owned(self) -> bool:
        return self._owner == ident

    def _recursion_count(self) -> int:
        return self._count if self._owner == ident else 0

    def _release_save(self) -> tuple[int, int | None]:
        saved = self._count, self._owner
        self._count, self._owner = 0, None
        self._lock.release()
        return saved

    def _acquire_restore(self, saved: tuple[int, int | None]) -> None:
        self._lock.acquire()
        self._count, self._owner = saved

    def _at_fork_reinit(self) -> None:
        self.__init__()  # type: ignore[misc]


class Local:
    """As _thread._local: each thread has its own attributes."""

    __slots__ = ("__dict__", "_made_with", "_of")

    def __new__(cls, *args: Any, **kwargs: Any) -> Local:
        """Keep what each thread's first use calls __init__ with."""
        made = object.__new__(cls)
        object.__setattr__(made, "_made_with", (args, kwargs))
        object.__setattr__(made, "_of", {ident: {}})
        return made

    def __getattribute__(self, name: str) -> Any:
        _show_own(self)
        return object.__getattribute__(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _show_own(self)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        _show_own(self)
        object.__delattr__(self, name)


def _show_own(local: Local) -> None:
    """Have `local` show the attributes of the thread that runs."""
    of = object.__getattribute__(local, "_of")
    new = ident not in of
    object.__setattr__(local, "__dict__", of.setdefault(ident, {}))
    if new:
        args, kwargs = object.__getattribute__(local, "_made_with")
        type(local).__init__(local, *args, **kwargs)


class Handle:
    """As _thread._ThreadHandle: a thread, seen from outside."""

    def __init__(self, ident: int | None = None) -> None:
        self.ident = ident
        self.daemon = True
        self._done = False

    def is_done(self) -> bool:
        """Whether the thread has ended."""
        return self._done

    def _set_done(self) -> None:
        self._done = True
        changed()

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended, at most `timeout` seconds."""
        wait(lambda: self._done, None if timeout is None or timeout < 0 else timeout)


_started: list[Handle] = []


def start(
    function: Callable[[], object], handle: Handle | None = None, daemon: bool = True
) -> Handle:
    """As _thread.start_joinable_thread."""
    global alive
    handle = handle or Handle()
    handle.ident, handle.daemon = next(_idents), daemon
    _started.append(handle)

    def boot() -> None:
        global ident, alive, switching
        before, ident, switching = ident, handle.ident or 0, False
        if parallel:
            start_clock()
        try:
            function()
        finally:
            if parallel:
                _stop_clock()
            alive -= parallel
            handle._set_done()
            ident, switching = before, parallel

    parallel = ffi.can_run_sync()
    if parallel:
        alive += 1
        gc.disable()  # see `alone`
        worker.spawn(ffi.create_once_callable(boot, _may_syncify=True))
    else:
        say(
            "This browser cannot switch stacks: a thread runs in line, to its end,"
            " where it is started."
        )
        boot()
    return handle


def submit(pool: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
    """As ThreadPoolExecutor.submit, in line: its own threads would wait for work."""
    from concurrent.futures import Future
    from threading import Thread

    future: Any = Future()

    def work() -> None:
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)

    Thread(target=work, name=f"{pool._thread_name_prefix}_0").start()
    return future


def start_new(function: Callable[..., object], args: Any, kwargs: Any = {}) -> int:  # noqa: B006
    """As _thread.start_new_thread."""
    return start(lambda: function(*args, **kwargs)).ident or 0


def join_all() -> None:
    """As _thread._shutdown: wait for each thread that is no daemon."""
    for handle in _started:
        if not handle.daemon and handle.ident != ident:
            handle.join()


def alone(function: Any, instead: Any = None) -> Any:
    """As `function`, but it gives `instead` while there are several threads.

    It reads the stacks of all of them, and only that of one is in place.
    """
    return lambda *args, **kwargs: instead if alive else function(*args, **kwargs)


def install() -> None:
    """Take the places in `_thread`."""
    gc.collect = alone(gc.collect, 0)
    for owner, names in {
        gc: ("enable",),
        sys: ("settrace", "setprofile"),
        sys.monitoring: (  # type: ignore[attr-defined]
            *("set_events", "set_local_events", "free_tool_id"),
        ),
    }.items():
        for name in names:
            setattr(owner, name, alone(getattr(owner, name)))
    time.sleep = sleep
    for clock in thread_time, process_time:
        setattr(time, clock.__name__, clock)
        setattr(time, f"{clock.__name__}_ns", lambda c=clock: int(c() * 1e9))
    places = {
        ("allocate_lock", "allocate", "lock", "LockType"): Lock,
        ("RLock",): RLock,
        ("_local",): Local,
        ("_ThreadHandle", "_make_thread_handle"): Handle,
        ("start_joinable_thread",): start,
        ("start_new_thread", "start_new"): start_new,
        ("get_ident", "get_native_id"): lambda: ident,
        ("_shutdown",): join_all,
    }
    for aliases, value in places.items():
        for name in aliases:
            setattr(_thread, name, value)
    signals.set_system_handler(_signal.SIGUSR1, preempt)
    sys.modules["_queue"] = None  # type: ignore[assignment] # its C would block all
