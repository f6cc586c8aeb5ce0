"""asyncio without the waiting: the real scheduler, on a clock that jumps.

When every task waits, the clock jumps to the next timer, so that
asyncio.sleep(3600) takes no time. Loop, tasks, timeouts, queues, sockets
and threads are the real ones: only what lies below asyncio is replaced,
the functions of the time module and select(). A wait that nothing can
end raises DeadlockError, which says which task waits for what, and where.

    python virtual_clock.py script.py       run a script, unchanged
    virtual_clock.run(main())               like asyncio.run(main())
    with VirtualClock() as clock:           around any code
    asyncio.Runner(loop_factory=EventLoop)  while that loop is open

The clock jumps only when it may:

- While a child process runs, or something is connected that lies outside
  this process, it goes at the ordinary pace.
- While a thread works, it stands still, and goes at the ordinary pace
  after GRACE seconds. A thread in time.sleep() waits on this clock too;
  one that waits for another thread holds nobody up.
- While this process has sockets that are connected to each other or
  listen, a jump is preceded by up to SETTLE seconds, in which what is on
  its way arrives. With a socket that listens, or a signal handler of the
  loop, no wait is called a deadlock: somebody may still call.

Trust it for waiting and coordination, not for speed: computing takes no
time. It does not change datetime.now(), time limits of threading and
queue (as in Event.wait(1)), a module that has said "from time import
sleep" before, uvloop, nor other processes. Threads that ran before the
clock did are not waited for. Linux and macOS only.
"""

import asyncio
import builtins
import gc
import itertools
import linecache
import math
import os
import queue
import selectors
import signal
import socket
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from types import AsyncGeneratorType, FrameType, ModuleType, TracebackType
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
Events = list[tuple[selectors.SelectorKey, int]]
Poll = Callable[[float | None], Events]

TICK = 1e-6  # each look at the clock: or equal sleeps end in any order
RESOLUTION = 1e-4  # timers as close as this wake together
GRACE = 0.25  # real seconds for which a thread's work takes no time
SLICE = 0.001  # real seconds between two looks at other threads
SETTLE = 0.05  # real seconds for bytes between two of our sockets

real_sleep, real_monotonic = time.sleep, time.monotonic
real_perf_counter, real_time = time.perf_counter, time.time
real_clock_info = time.get_clock_info

current: "VirtualClock | None" = None


class DeadlockError(RuntimeError):
    """Every task waits, and nothing is left that could wake one."""


class Wait(NamedTuple):
    """What a thread waits for."""

    deadline: float  # a time on the virtual clock, or infinity
    poll: Poll  # waits so many real seconds, returns what happened
    selector: selectors.BaseSelector | None = None
    peers: frozenset[str] = frozenset()  # see peers_of()


class VirtualClock:
    """The clock, in force inside its with block; now is its reading."""

    def __init__(self) -> None:
        """Make a clock that shows 0."""
        self.now = 0.0
        self.epoch = real_time()
        self._users = 0
        self._waiting: dict[int, Wait] = {}
        self._grace = GRACE

    def __enter__(self) -> "VirtualClock":
        """Let time, and all that waits for it, follow this clock."""
        global current
        if os.name == "nt":
            raise RuntimeError("virtual_clock needs Unix (or WSL)")
        if not self._users:
            here = threading.current_thread()
            self._earlier = set(threading.enumerate()) - {here}
            self._saved = [getattr(*place) for place in REPLACED]
            for place, ours in REPLACED.items():
                setattr(*place, ours)
            self._outer, current = current, self
        self._users += 1
        return self

    def __exit__(self, *_: object) -> None:
        """Put back what was replaced."""
        global current
        self._users -= 1
        if not self._users:
            current = self._outer
            for place, original in zip(REPLACED, self._saved, strict=True):
                setattr(*place, original)

    def look(self) -> float:
        """Return the time, in seconds since the clock was made."""
        self.now += TICK
        return self.now

    def wait(self, mine: Wait) -> Events:
        """Let this thread wait, and move the clock if all others do too.

        Returns what mine.poll returned, or [] at mine.deadline.
        Raises DeadlockError when neither can come.
        """
        me = threading.get_ident()
        self._waiting[me] = mine
        try:
            events = mine.poll(0)
            while not events and self.now < mine.deadline:
                events = self._wait_a_little(me, mine)
            return events
        finally:
            self._waiting.pop(me, None)

    def _wait_a_little(self, me: int, mine: Wait) -> Events:
        waiting = self._waiting.copy()
        if me != min(waiting, key=lambda one: waiting[one].deadline):
            return mine.poll(SLICE)  # that thread moves the clock
        left = mine.deadline - self.now
        work = self._at_work(waiting)
        if work:
            begin, now = real_monotonic(), self.now
            real_limit = SLICE if "thread" in work else left
            events = mine.poll(None if real_limit == math.inf else real_limit)
            spent = real_monotonic() - begin
            if "outside" in work or self._grace <= 0:
                self.now = max(self.now, now + min(spent, left))
            else:
                self._grace -= spent
            return events
        # A thread may have sent something, and ended, since the last poll.
        ours = any("ours" in wait.peers for wait in waiting.values())
        events = mine.poll(min(left, SETTLE if ours else 0))
        if events or (ours and self._at_work(waiting)):
            return events
        if left == math.inf:
            if "anyone" in mine.peers:
                return mine.poll(None)
            raise DeadlockError(describe_tasks())
        self._grace = GRACE
        self.now = mine.deadline
        return []

    def _at_work(self, waiting: dict[int, Wait]) -> set[str]:
        """Say what could still happen without the clock.

        "thread": another thread is at work. "outside": a child process
        or something that is connected to one of these waits.
        """
        work = set()
        frames = sys._current_frames()
        for thread in set(threading.enumerate()) - self._earlier:
            if thread.ident not in waiting:
                frame = frames.get(thread.ident or 0)
                if not frame or not waits_for_a_thread(frame):
                    work.add("thread")
                if frame and waits_for_a_child(frame):
                    work.add("outside")
        me = threading.get_ident()
        for one, wait in waiting.items():
            if "outside" in wait.peers:
                work.add("outside")
            if one != me and wait.selector and is_ready(wait.selector):
                work.add("thread")
        if waiting != self._waiting:
            work.add("thread")
        return work


def waits_for_a_thread(frame: FrameType) -> bool:
    """Can only another thread wake the one that stopped in this frame?"""
    for f in filter(None, (frame, frame.f_back)):
        if f.f_code is threading.Thread.join.__code__:
            it = f.f_locals
            alive = it["self"] in threading.enumerate()
            return it["timeout"] is None and alive
    if frame.f_code is threading.Condition.wait.__code__:
        it = frame.f_locals
        notified = it.get("waiter") not in it["self"]._waiters
        return it["timeout"] is None and not notified
    return False


def waits_for_a_child(frame: FrameType) -> bool:
    """Does the thread that stopped in this frame wait for a process?"""
    module = frame.f_globals["__name__"]
    return module in ("subprocess", "asyncio.unix_events")


def select_with(real_select: Callable[..., Events]) -> Callable[..., Events]:
    """Return select() of a selector, with a virtual time limit."""

    def select(self: selectors.BaseSelector, timeout: float | None = None) -> Events:
        if not current or (timeout is not None and timeout <= 0):
            return real_select(self, timeout)

        def poll(limit: float | None) -> Events:
            return real_select(self, limit)

        end = math.inf if timeout is None else current.now + timeout
        return poll(0) or current.wait(Wait(end, poll, self, peers_of(self)))

    return select


def is_ready(selector: selectors.BaseSelector) -> bool:
    """Would this selector of another thread return at once?"""
    with selectors.DefaultSelector() as fresh:
        for key in selector.get_map().values():
            fresh.register(key.fd, key.events)
        return bool(fresh.select(0))


def peers_of(selector: selectors.BaseSelector) -> frozenset[str]:
    """Say who could send something to the files of a selector.

    "ours": another socket of this process. "outside": what is connected
    and not ours. "anyone": a new caller, or a signal.
    """
    peers = set()
    signals = getattr(asyncio._get_running_loop(), "_signal_handlers", ())
    if signals:
        peers.add("anyone")
    if signal.SIGCHLD in signals or signal.SIGALRM in signals:
        peers.add("outside")
    our_ends: set[str] = set()
    for key in selector.get_map().values():
        _, peer = both_ends(key.fd)
        if peer == "anyone":
            peers.add("ours")
        elif peer not in ("pair", "outside"):
            if not our_ends:
                try:
                    files = os.listdir("/dev/fd")
                except OSError:  # no descriptor is left to look with
                    files = []
                our_ends = {both_ends(int(fd))[0] for fd in files}
            peer = "ours" if peer in our_ends else "outside"
        peers.add(peer)
    return frozenset(peers)


def both_ends(fd: int) -> tuple[str, str]:
    """Return the address of a file, and of what it is connected to."""
    try:
        end = socket.socket(fileno=fd)
    except OSError:  # a pipe, a terminal, a child process
        return "", "outside"
    try:
        here = f"{end.type} {end.getsockname()}"
        if end.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            return here, "anyone"
        there = f"{end.type} {end.getpeername()}"
        unnamed = end.family == socket.AF_UNIX and not end.getpeername()
        return here, "pair" if unnamed else there
    except OSError:  # not connected, or not yet
        udp = end.type == socket.SOCK_DGRAM
        return here, "anyone" if udp else "outside"
    finally:
        end.detach()


def sleep(seconds: float) -> None:
    """Block this thread, in virtual time, like time.sleep()."""
    if not current or not seconds > 0:
        return real_sleep(seconds)

    def poll(limit: float | None) -> Events:
        real_sleep(limit or 0)
        return []

    current.wait(Wait(current.now + seconds, poll))
    return None


def monotonic() -> float:
    """Return the virtual time; without a clock, the real one."""
    return current.look() if current else real_monotonic()


def perf_counter() -> float:
    """Return the virtual time; without a clock, the real one."""
    return current.look() if current else real_perf_counter()


def wall_time() -> float:
    """Return the virtual time since 1970, which starts from the real."""
    return current.epoch + current.look() if current else real_time()


def clock_info(name: Any) -> Any:
    """Tell asyncio how close timers must lie to end together."""
    info = real_clock_info(name)
    if current and name == "monotonic":
        info.resolution = RESOLUTION
    return info


REPLACED: dict[tuple[Any, str], object] = {
    (time, "sleep"): sleep,
    (time, "monotonic"): monotonic,
    (time, "monotonic_ns"): lambda: round(monotonic() * 1e9),
    (time, "perf_counter"): perf_counter,
    (time, "perf_counter_ns"): lambda: round(perf_counter() * 1e9),
    (time, "time"): wall_time,
    (time, "time_ns"): lambda: round(wall_time() * 1e9),
    (time, "get_clock_info"): clock_info,
    # in C, waits_for_a_thread() could not see it wait
    (queue, "SimpleQueue"): queue.Queue,
}
for kind in list(vars(selectors).values()):
    if isinstance(kind, type) and "select" in vars(kind):
        REPLACED[kind, "select"] = select_with(vars(kind)["select"])


def forget() -> None:
    """Leave a forked process to the real time."""
    global current
    current = None


os.register_at_fork(after_in_child=forget)


class EventLoop(asyncio.SelectorEventLoop):
    """A loop that brings the clock with it, until it is closed."""

    def __init__(self) -> None:
        """Join the clock in force, or start one."""
        self.clock = (current or VirtualClock()).__enter__()
        super().__init__()

    def close(self) -> None:
        """Close the loop, and leave the clock."""
        if not self.is_closed():
            super().close()
            self.clock.__exit__()


def run(main: Coroutine[Any, Any, T], *, debug: bool | None = None) -> T:
    """Run a coroutine like asyncio.run(), on the virtual clock.

    Returns what main returns, raises what it raises, or DeadlockError.
    """
    with asyncio.Runner(debug=debug, loop_factory=EventLoop) as runner:
        return runner.run(main)


def describe_tasks() -> str:
    """Say of each task of the running loop where it waits."""
    try:
        tasks = list(asyncio.all_tasks())
    except RuntimeError:
        tasks = []
    tasks.sort(key=lambda task: (len(task.get_name()), task.get_name()))
    return "\n  ".join(
        ["nothing is left that could end this wait:"]
        + [describe(task) for task in tasks]
    )


def describe(task: asyncio.Task[Any]) -> str:
    """Say at which line a task waits, and in which library call."""
    stack = list(suspended_frames(task.get_coro()))
    if not stack:
        return f"Task {task.get_name()!r} waits"
    frame = stack[-1]
    call = ""
    for frame in reversed(stack):
        if not frame.f_code.co_filename.startswith(LIBRARY):
            break
        name = frame.f_code.co_name
        private = name.startswith("_") and not name.endswith("__")
        if not call and not private:
            call = f" ({frame.f_code.co_qualname})"
    path, line = frame.f_code.co_filename, frame.f_lineno
    source = linecache.getline(path, line).strip()
    return (
        f"Task {task.get_name()!r} waits at line {line} of "
        f"{os.path.basename(path)} in {frame.f_code.co_name}(): "
        f"{source}{call}"
    )


LIBRARY = (
    os.path.dirname(os.__file__),
    sysconfig.get_path("purelib"),
    sysconfig.get_path("platlib"),
)


def suspended_frames(waiting: Any) -> Iterator[FrameType]:
    """Yield the frames of a suspended coroutine, innermost last."""
    while waiting:
        for kind in "cr", "gi", "ag":
            if frame := getattr(waiting, f"{kind}_frame", None):
                yield frame
                attribute = "yieldfrom" if kind == "gi" else "await"
                waiting = getattr(waiting, f"{kind}_{attribute}")
                break
        else:  # "async for" hides its generator in an object
            hidden = gc.get_referents(waiting)
            waiting = next(
                (one for one in hidden if isinstance(one, AsyncGeneratorType)),
                None,
            )


def hide_this_file(
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Print a traceback as it would be without the virtual clock."""
    kept: list[TracebackType] = []
    while trace:
        if trace.tb_frame.f_code.co_filename != main.__code__.co_filename:
            kept.append(trace)
        trace = trace.tb_next
    for outer, inner in itertools.pairwise([*kept, None]):
        if outer:
            outer.tb_next = inner
    error.__traceback__ = kept[0] if kept else None
    sys.__excepthook__(kind, error, error.__traceback__)


def main(arguments: list[str]) -> None:
    """Run the script that the arguments begin with, as __main__."""
    if not arguments:
        sys.exit("Usage: python virtual_clock.py script.py [arguments]")
    path = os.path.abspath(arguments[0])
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        name, reason = arguments[0], error.strerror
        sys.exit(f"virtual_clock: cannot read {name}: {reason}")
    script = ModuleType("__main__")
    vars(script).update(__file__=path, __builtins__=builtins)
    sys.modules["virtual_clock"] = sys.modules["__main__"]
    sys.modules["__main__"] = script
    sys.argv = arguments
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(path)
    sys.excepthook = hide_this_file
    VirtualClock().__enter__()  # to the end, for threads and atexit too
    exec(compile(source, path, "exec", dont_inherit=True), vars(script))


if __name__ == "__main__":
    main(sys.argv[1:])
