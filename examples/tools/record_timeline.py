"""Record what an asyncio program does: which task runs, and when, and
what the others wait for meanwhile.

    python record_timeline.py script.py [arguments]

prints what the script prints, and writes script.timeline.html, a page
with the picture. In a program of your own:

    with Recorder() as recorder:
        asyncio.run(main())
    recorder.trace()                     what happened, ready for JSON

    record("script.py", ["argument"])    the same for a whole script

An event loop has a queue of what is ready. Each step of a task goes
through it: put in when the task becomes ready, taken out when its turn
comes. The recorder gives the loop a queue that takes notes; tasks,
coroutines and tracebacks stay as they are. After a step, the suspended
coroutines tell where the task stopped, and for what it waits.

Trust the order, and durations above a millisecond: recording adds some
ten microseconds to a step. The line that blocks is known exactly from
Python 3.12 on; on 3.11 a thread looks, every ten milliseconds. An eager
task that asyncio.Task() made, and not create_task(), is seen from its
second step on. uvloop is not seen.
"""

import _thread
import argparse
import asyncio
import atexit
import builtins
import contextlib
import functools
import gc
import hashlib
import inspect
import json
import linecache
import os
import platform
import runpy
import sys
import threading
import time
import weakref
from asyncio import base_events, events, runners
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import thread as executors
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter, itemgetter
from pathlib import Path
from threading import get_ident
from traceback import walk_stack, walk_tb
from types import (
    AsyncGeneratorType,
    BuiltinFunctionType,
    CodeType,
    CoroutineType,
    FrameType,
    GeneratorType,
    ModuleType,
)
from typing import Any, NamedTuple

LIMIT = 100_000  # events; then the recorder stops
BLOCKING = 20_000_000  # nanoseconds; a longer step blocks the others
MANY = 1000  # the tasks of a wait are named, up to so many
DEPTH = 100  # so many coroutines that wait for one another are looked at
FEW = 16  # ready tasks are looked at for a cancel(), up to so many

HERE = sys._getframe().f_code.co_filename
DRAWING = Path(HERE).with_name("draw_timeline.py")
ASYNCIO = os.path.dirname(asyncio.__file__) + os.sep
PROCESSES = "concurrent.futures.process"
PARTS = ("json", "svg", "table")
SIMPLE = (str, bytes, int, float, bool, type(None))
COROUTINE = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
STEPS = ("task_wakeup", "__step", "__wakeup")
ON_SIGINT = runners.Runner._on_sigint.__code__  # type: ignore[attr-defined]
CODES: dict[type, Any] = {  # what is suspended: its code, for what it waits
    CoroutineType: attrgetter("cr_code", "cr_await"),
    GeneratorType: attrgetter("gi_code", "gi_yieldfrom"),
    AsyncGeneratorType: attrgetter("ag_code", "ag_await"),
}
FRAMES: dict[type, Any] = {
    CoroutineType: attrgetter("cr_frame"),
    GeneratorType: attrgetter("gi_frame"),
    AsyncGeneratorType: attrgetter("ag_frame"),
}
TO_CANCEL = attrgetter("_must_cancel")  # set by cancel() if it is ready
RUN = events.Handle._run.__code__

# For what a task waits, and the classes and functions of asyncio that
# make it wait.
WAITS = {
    "sleep": "sleep",
    "lock": "Lock",
    "semaphore": "Semaphore",
    "event": "Event",
    "condition": "Condition",
    "barrier": "Barrier",
    "queue": "Queue",
    "tasks": "TaskGroup wait wait_for as_completed _AsCompletedIterator",
    "thread": "to_thread",
    "process": "Process create_subprocess_exec create_subprocess_shell",
    "socket": "StreamReader StreamWriter Server start_server open_connection "
    "open_unix_connection BaseEventLoop BaseSelectorEventLoop",
}
KINDS = {name: kind for kind, names in WAITS.items() for name in names.split()}

Trace = dict[str, Any]
About = dict[str, Any]


@dataclass(slots=True, eq=False)
class Lane:
    """A task, as far as it must be remembered between two steps."""

    who: str  # what the trace calls it: T1, T2...
    call: str
    name: str
    shown: bool  # it is the script's, not a library's
    made: About  # by whom, and at which line
    fresh: bool = True  # it has made no step
    loop: str = "loop"
    ref: Callable[[], Any] = bool  # returns the task, or something false
    over: bool = False
    cancels: int = 0  # how often cancel() was called: task.cancelling()
    awaited_by: "Lane | None" = None
    coro: object = None  # of an eager task, until the task is known
    # The present step.
    begun: int = 0
    at: int = 0  # where it stands in the log
    line: int | None = None
    since: int = 0  # when it came to this line
    slow: tuple[int, int | None] = 0, None  # its longest time at a line
    lines: list[tuple[int, int]] = field(default_factory=list)

    @property
    def cause(self) -> str:
        """Whom to put down what it does to."""
        return self.who


class Other(NamedTuple):
    """What is no step of a task: a callback, a loop at rest, other code."""

    who: str
    cause: str  # a callback acts for who scheduled it
    begun: int
    about: About  # empty if it is no callback


class Place(NamedTuple):
    """A place in the program where tasks wait, the same for all waits."""

    about: About  # its label may have {}: how long, how many, which
    known: str  # the function of asyncio that waits, if it is in KINDS
    depth: int  # in which frame of the task
    codes: list[CodeType]  # kept, so that their ids stay theirs


class Ready(deque[Any]):
    """The queue of what is ready to run in a loop; it takes notes.

    What is taken out runs until the next is taken out, or until the loop
    looks at its sockets, or stops.
    """

    def __init__(self, recorder: "Recorder", handles: Iterable[Any]) -> None:
        """Make a queue of handles, one that tells the recorder."""
        super().__init__(handles)
        self.recorder = recorder
        self.rest = Other("loop", "loop", 0, {})
        self.running: Lane | Other = self.rest
        self.task: Any = None  # whose step is running
        self.woken: Any = None  # the handle by which it made itself ready
        self.turn: dict[Any, Lane] = {}  # the tasks that are ready

    def append(self, handle: Any) -> None:
        """Put in what is ready."""
        deque.append(self, handle)
        if self.recorder.active:
            try:
                self.recorder._scheduled(self, handle)
            except Exception as error:
                self.recorder._fails(error)

    def popleft(self) -> Any:
        """Take out what is to run now."""
        handle = deque.popleft(self)
        if self.recorder.active:
            try:
                self.recorder._begin(self, handle)
            except Exception as error:
                self.recorder._fails(error)
        return handle


class Recorder:
    """Records the asyncio programs that run inside its with block."""

    def __init__(
        self,
        script: str | None = None,
        *,
        limit: int = LIMIT,
        lines: bool = False,
    ) -> None:
        """Make a recorder.

        script: path of the file whose lines are meant, as its code
            objects have it; the caller's, if None.
        limit: the recorder stops after so many events.
        lines: note each line that a step executes (Python 3.12).
        """
        self.script = script or sys._getframe(1).f_code.co_filename
        self.limit, self.lines = limit, lines
        self.error: str | None = None  # what left the script
        self.active = False
        self.reason = ""  # why the trace is not complete
        self._log: list[Any] = []  # of each event: when, who, what, more
        self._lanes: list[Lane] = []
        self._by_task: dict[int, Lane] = {}
        self._loops: dict[int, Ready] = {}  # that run, by thread
        self._causes: dict[int, str] = {}  # of callbacks that are ready
        self._places: dict[tuple[object, ...], Place] = {}
        self._unended: dict[tuple[str, str], Any] = {}  # printed lines
        self._jobs: Any = weakref.WeakKeyDictionary()
        self._workers: Any = weakref.WeakKeyDictionary()
        self._undo: list[Callable[[], object]] = []
        self._clock, self._zero = time.perf_counter_ns, 0

    def __enter__(self) -> "Recorder":
        """Begin to record. Raises RuntimeError inside a running loop."""
        if asyncio._get_running_loop() is not None:
            raise RuntimeError("begin to record before the event loop runs")
        self._zero, self.active = self._clock(), True
        self._hook_loops()
        self._hook_executors()
        self._hook_stream(sys.stdout, "out")
        self._hook_stream(sys.stderr, "err")
        if sys.version_info >= (3, 12):
            self._hook_eager_tasks()
            self._hook_lines()
        else:
            halt = threading.Lock()
            halt.acquire()
            _thread.start_new_thread(self._watch, (halt,))
            self._undo.append(halt.release)
        return self

    def __exit__(self, *_: object) -> None:
        """Take the hooks away, and note which tasks have not ended."""
        if self.active:
            self._stop()
            for event in self._unended.values():
                self._log += event
            for lane in self._lanes:
                if not lane.over:
                    self._add(lane.who, "lost", detail="still pending")

    def _stop(self, reason: str = "") -> None:
        """Stop recording; queues of loops that go on are but queues now."""
        self.active, self.reason = False, reason
        while self._undo:
            self._undo.pop()()
        for ready in self._loops.values():
            ready.turn.clear()
        for lane in self._lanes:
            if task := lane.ref():
                lane.name = task.get_name()

    # What is hooked. Each hook calls what it replaces, and then a method
    # that notes what happens.

    def _safely(self, note: Callable[..., Any], *about: Any) -> Any:
        """Note something; if that fails, the program goes on without."""
        if self.active:
            try:
                return note(*about)
            except Exception as error:
                self._fails(error)
        return None

    def _fails(self, error: Exception) -> None:
        self._stop(f"ends where the recorder failed: {error!r}")

    def _replace(self, owner: Any, name: str, new: Any) -> None:
        old = getattr(owner, name)
        setattr(owner, name, functools.wraps(old)(new))

        def undo() -> None:
            if getattr(owner, name) is new:  # and the script left it alone
                setattr(owner, name, old)

        self._undo.append(undo)

    def _hook_loops(self) -> None:
        """Give each loop a queue that takes notes, and see it sleep."""
        init: Any = base_events.BaseEventLoop.__init__
        set_running_loop = events._set_running_loop

        def hooked_init(loop: Any) -> None:
            init(loop)
            loop._ready = Ready(self, loop._ready)

        def hooked_set_running_loop(loop: Any) -> None:
            if loop is None:
                self._safely(self._loop_stops)
            elif isinstance(loop, base_events.BaseEventLoop):
                self._safely(self._loop_starts, loop)
            set_running_loop(loop)

        self._replace(base_events.BaseEventLoop, "__init__", hooked_init)
        self._replace(events, "_set_running_loop", hooked_set_running_loop)

    def _loop_starts(self, loop: Any) -> None:
        ready, selector = loop._ready, loop._selector
        if getattr(ready, "recorder", None) is not self:
            ready = loop._ready = Ready(self, ready)
        name = self._thread_name("loop")
        ready.rest = ready.running = Other(name, name, 0, {})
        self._loops[get_ident()] = ready

        def select(timeout: float | None = None) -> Any:
            self._safely(self._end, ready)
            begin = self._now()
            try:
                return type(selector).select(selector, timeout)
            finally:
                if self.active and (timeout is None or timeout > 0):
                    self._log += begin, name, "idle", {"dur": self._now() - begin}

        selector.select = select

    def _loop_stops(self) -> None:
        loop: Any = asyncio._get_running_loop()
        ready = self._loops.pop(get_ident(), None)
        if ready is not None:
            self._end(ready)
            ready.turn.clear()
            vars(loop._selector).pop("select", None)

    def _hook_eager_tasks(self) -> None:
        """Their first step runs in create_task(), and not from the queue."""
        create: Any = base_events.BaseEventLoop.create_task

        def create_task(loop: Any, coro: Any, **options: Any) -> Any:
            factory = getattr(loop.get_task_factory(), "__qualname__", "")
            eager = options.get("eager_start", "eager_task_factory" in factory)
            ready = self._loops.get(get_ident())
            if not (eager and self.active and ready is not None):
                return create(loop, coro, **options)
            outer, its_task = ready.running, ready.task
            lane = self._new_lane(coro, sys._getframe(1))
            if isinstance(outer, Lane):
                self._add(outer.who, "pause")
            self._begin_step(ready, lane, None)
            lane.coro, self._log[-1] = coro, {"eager": True}
            try:
                task = create(loop, coro, **options)
                ready.task = task
                self._safely(self._bind, lane, task)
                self._safely(self._end, ready)
            finally:
                ready.running, ready.task, lane.coro = outer, its_task, None
                if isinstance(outer, Lane):
                    self._begin_step(ready, outer, its_task)
            return task

        self._replace(base_events.BaseEventLoop, "create_task", create_task)

    def _hook_executors(self) -> None:
        """Note what is handed to a thread, and when the thread does it."""
        init, run = executors._WorkItem.__init__, executors._WorkItem.run

        def hooked_init(item: Any, future: Any, *args: Any) -> None:
            init(item, future, *args)
            call = args[0][0] if isinstance(args[0], tuple) else args[0]
            self._jobs[future] = {
                "label": name_of(call),
                "by": self._running().cause,
                "line": self._line(sys._getframe(1)),
            }

        def hooked_run(item: Any, *context: Any) -> None:
            job, who = self._jobs.get(item.future), self._thread_name("main")
            if job is None or not self.active:
                return run(item, *context)
            self._workers[item.future] = who
            self._add(who, "run", **job)
            try:
                run(item, *context)
            finally:
                self._add(who, "end", **job)

        self._replace(executors._WorkItem, "__init__", hooked_init)
        self._replace(executors._WorkItem, "run", hooked_run)

    def _hook_stream(self, stream: Any, name: str) -> None:
        """Note what is written; the stream stays the same object."""
        write: Any = getattr(stream, "write", None)

        def hooked_write(text: str) -> Any:
            count = write(text)
            self._safely(self._written, text, name, sys._getframe(1))
            return count

        if write is not None and hasattr(stream, "__dict__"):
            stream.write = hooked_write
            self._undo.append(lambda: vars(stream).pop("write", None))

    def _hook_lines(self) -> None:
        """Be told each line of the script that begins (Python 3.12)."""
        monitoring = sys.monitoring  # type: ignore[attr-defined]
        free = [i for i in range(6) if not monitoring.get_tool(i)]
        if not free:
            return
        tool, line = free[-1], monitoring.events.LINE

        def hooked(code: CodeType, number: int) -> object:
            in_coroutine = code.co_flags & COROUTINE
            if code.co_filename != self.script or not (in_coroutine or self.lines):
                return monitoring.DISABLE
            if self.active:
                try:
                    self._at_line(number, in_coroutine)
                except Exception as error:
                    self._fails(error)
            return None

        monitoring.use_tool_id(tool, "record_timeline")
        self._undo.append(lambda: monitoring.free_tool_id(tool))
        monitoring.register_callback(tool, line, hooked)
        monitoring.set_events(tool, line)
        self._undo.append(lambda: monitoring.set_events(tool, 0))

    def _watch(self, halt: Any) -> None:
        """In a thread: look at which line a long step is (Python 3.11)."""
        while not halt.acquire(timeout=0.01):
            if not isinstance(time.perf_counter_ns, BuiltinFunctionType):
                continue  # on a virtual clock, nothing takes long
            for thread, ready in [*self._loops.items()]:
                lane = ready.running
                if not isinstance(lane, Lane) or lane.slow[0]:
                    continue
                if self._now() - lane.since > BLOCKING:
                    frame = sys._current_frames().get(thread)
                    lane.slow = sys.maxsize, self._line(frame, COROUTINE)

    # What is noted.

    def _add(self, who: str, ev: str, **about: Any) -> None:
        self._log += self._now(), who, ev, about

    def _scheduled(self, ready: Ready, handle: Any) -> None:
        """A handle was put into the queue."""
        if handle._source_traceback:
            leave_us_out(handle._source_traceback)
        here = self._loops.get(get_ident())
        task = task_of(handle._callback)
        if task is None:
            self._causes[id(handle)] = self._cause_of(handle, sys._getframe(2))
        elif here is not None and task is here.task:
            here.woken = handle  # once it is known for what it waits
        else:
            self._ready(ready, task, handle, sys._getframe(2))

    def _cause_of(self, handle: Any, frame: FrameType) -> str:
        """Return whom to put a callback down to; frame: who scheduled it."""
        callback, args = handle._callback, handle._args
        if isinstance(handle, events.TimerHandle):
            name = name_of(callback)
            late = "timeout" in name or "release_waiter" in name
            return "timeout" if late else "timer"
        if frame.f_code.co_name == "_add_callback":
            return "socket"
        cause = self._running().cause
        if args and args[-1].__class__ is Future:
            cause = self._workers.get(args[-1], cause)
        return cause

    def _ready(self, ready: Ready, task: Any, handle: Any, frame: FrameType) -> None:
        """A task was made ready, and not by itself."""
        lane, running = self._lane_of(task, frame), self._running()
        if lane is running:  # an eager task, in its first step
            self._loops[get_ident()].woken = handle
            return
        by, line = running.cause, None
        if lane.fresh:
            by, line = lane.made["by"], lane.made["line"]
        elif isinstance(running, Lane) or not running.about:
            line = self._line(frame)
        if task.cancelling() != lane.cancels:
            if any(f.f_code is ON_SIGINT for f, _ in walk_stack(frame)):
                by, line = "main", None
            self._cancelled(lane, by, line)
        self._log += self._now(), lane.who, "ready", because(by, line, handle)
        ready.turn[task] = lane

    def _begin(self, ready: Ready, handle: Any) -> None:
        """A handle was taken out of the queue, and is about to run."""
        self._end(ready)
        if handle._cancelled:
            return
        if len(self._log) >= 4 * self.limit:
            self._stop(f"ends after {self.limit} events")
            return
        callback = handle._callback
        task = task_of(callback)
        if task is not None:
            lane = self._by_task.get(id(task)) or self._lane_of(task, None)
            ready.turn.pop(task, None)
            if task.cancelling() != lane.cancels:
                self._cancelled(lane, None, None)
            self._begin_step(ready, lane, task)
            return
        who, cause = ready.rest.who, self._causes.pop(id(handle), "loop")
        function = function_of(callback)
        about = {"label": name_of(function), "by": cause, "dur": 0}
        code = getattr(function, "__code__", None)
        if code is not None and code.co_filename == self.script:
            about["line"] = code.co_firstlineno
        begun = self._now()
        self._log += begun, who, "call", about
        ready.running = Other(who, cause, begun, about)

    def _begin_step(self, ready: Ready, lane: Lane, task: Any) -> None:
        if lane.fresh:
            lane.fresh, lane.loop, lane.line = False, ready.rest.who, None
            if task is not None:
                lane.name = task.get_name()
        ready.running, ready.task = lane, task
        lane.begun = lane.since = self._clock() - self._zero
        lane.at, lane.slow = len(self._log), (0, None)
        self._log += lane.begun, lane.who, "run", None

    def _end(self, ready: Ready) -> None:
        """What ran in a loop has come to its end."""
        lane, task = ready.running, ready.task
        if lane is ready.rest:
            return
        if ready.turn:
            self._look_for_cancels(ready)
        ready.running, ready.task = ready.rest, None
        now = self._clock() - self._zero
        if isinstance(lane, Other):
            lane.about["dur"] = now - lane.begun
            return
        woken, ready.woken = ready.woken, None
        if lane.lines or now - lane.begun > BLOCKING:
            self._describe(lane, now)
        if task.cancelling() != lane.cancels:
            self._cancelled(lane, lane.who, lane.line)
        if task.done():
            self._ended(lane, task, now)
            return
        self._waits(lane, task, now)
        if woken is not None:
            about = because(lane.who, None, woken) if woken._args else None
            self._log += now, lane.who, "ready", about
            ready.turn[task] = lane

    def _describe(self, lane: Lane, now: int) -> None:
        """Add to a step what is known at its end."""
        about = self._log[lane.at + 3] = self._log[lane.at + 3] or {}
        longest, slow = lane.slow
        slow = lane.line if now - lane.since > longest else slow
        if slow is not None and now - lane.begun > BLOCKING:
            about["slow"] = slow
        if lane.lines:
            about["lines"], lane.lines = lane.lines, []

    def _ended(self, lane: Lane, task: Any, now: int) -> None:
        lane.over, lane.name = True, task.get_name()
        if task.cancelled():
            about: About = {"how": "cancelled", "line": None}
        elif (error := task._exception) is None:  # exception() would mark it
            detail = brief(task.result())
            about = {"how": "returned", "detail": detail, "line": None}
        else:
            lines = [
                number
                for frame, number in walk_tb(error.__traceback__)
                if frame.f_code.co_filename == self.script
            ]
            line = lines[-1] if lines else None
            about = {"how": "raised", "detail": brief(error), "line": line}
        self._log += now, lane.who, "end", about

    def _written(self, text: str, stream: str, frame: FrameType) -> None:
        """Text was written to a stream; each line of it is an event."""
        now, who, line = self._now(), self._running().who, self._line(frame)
        if before := self._unended.pop((who, stream), None):
            text = before[3]["text"] + text
        *lines, rest = text.split("\n")
        for text in lines:
            about = {"text": text, "stream": stream, "line": line}
            self._log += now, who, "print", about
        if rest:
            about = {"text": rest, "stream": stream, "line": line}
            self._unended[who, stream] = now, who, "print", about

    def _at_line(self, line: int, in_coroutine: int) -> None:
        """A line of the script begins."""
        ready = self._loops.get(get_ident())
        if ready is None or not isinstance(lane := ready.running, Lane):
            return
        if ready.turn:
            self._look_for_cancels(ready)
        now = self._clock() - self._zero
        if self.lines and len(lane.lines) < 200:
            lane.lines.append((line, now))
        if in_coroutine:
            if now - lane.since > lane.slow[0]:
                lane.slow = now - lane.since, lane.line
            lane.line, lane.since = line, now

    def _look_for_cancels(self, ready: Ready) -> None:
        """See whether a task that is ready was cancelled.

        Task.cancel() cannot be hooked, but it leaves traces.
        """
        turn, running = ready.turn, ready.running
        if len(turn) <= FEW and any(map(TO_CANCEL, turn)):
            line = running.line if isinstance(running, Lane) else None
            for task, lane in turn.items():
                if task.cancelling() != lane.cancels:
                    self._cancelled(lane, running.cause, line)

    def _cancelled(self, lane: Lane | None, by: str | None, line: int | None) -> None:
        """Note that a task, and maybe who awaits it, was cancelled."""
        while lane and (task := lane.ref()):
            count, before = task.cancelling(), lane.cancels
            if count == before:
                break
            if count > before:
                self._add(lane.who, "cancel", by=by, line=line)
            lane.cancels, lane = count, lane.awaited_by

    # Who, when and where.

    def _now(self) -> int:
        """Return the time in nanoseconds since recording began."""
        clock = time.perf_counter_ns
        if clock is not self._clock:  # a virtual clock came or went
            last = self._log[-4] if self._log else 0
            self._clock, self._zero = clock, clock() - last
        return clock() - self._zero

    def _running(self) -> Lane | Other:
        """Return what runs in this thread."""
        ready = self._loops.get(get_ident())
        if ready is not None:
            return ready.running
        who = self._thread_name("main")
        return Other(who, who, 0, {})

    def _thread_name(self, main: str) -> str:
        """Return the name of this thread, or of the loop in it."""
        thread = threading.current_thread()
        if thread is threading.main_thread():
            return main
        return f"{'loop' if main == 'loop' else 'thread'} {thread.name}"

    def _line(self, frame: FrameType | None, flags: int = 0) -> int | None:
        """Return the line of the script at which this frame stands.

        flags: the code must have one of these, if there are any.
        """
        while frame is not None and frame.f_code is not RUN:
            code = frame.f_code
            its_flags = not flags or code.co_flags & flags
            if code.co_filename == self.script and its_flags:
                return frame.f_lineno
            frame = frame.f_back
        return None

    def _lane_of(self, task: Any, frame: FrameType | None) -> Lane:
        """Return the lane of a task, a new one if it was not seen before.

        frame: of the function that made it, if it is new.
        """
        lane = self._by_task.get(id(task))
        if lane is None:
            leave_us_out(task._source_traceback or [])
            coro, running = task.get_coro(), self._running()
            if isinstance(running, Lane) and running.coro is coro:
                lane = running  # it is eager
            else:
                lane = self._new_lane(coro, frame)
            self._bind(lane, task)
        return lane

    def _bind(self, lane: Lane, task: Any) -> None:
        """Know a task by its lane, but do not keep it alive."""
        if not lane.ref():
            gone = functools.partial(self._gone, id(task), lane)
            lane.ref = weakref.ref(task, gone)
            self._by_task[id(task)] = lane

    def _gone(self, key: int, lane: Lane, _: object) -> None:
        self._by_task.pop(key, None)
        if self.active and not lane.over:
            lane.over = True
            detail = "garbage-collected while pending"
            self._add(lane.who, "lost", detail=detail)

    def _new_lane(self, coro: Any, frame: FrameType | None) -> Lane:
        call, code = name_of(coro), getattr(coro, "cr_code", None)
        begun = False
        if code is not None:
            begun = inspect.getcoroutinestate(coro) != inspect.CORO_CREATED
        if code and not begun:
            count = code.co_argcount + code.co_kwonlyargcount
            its = locals_of(coro.cr_frame) if count else {}
            values = [its.get(name) for name in code.co_varnames[:count]]
            simple = [brief(v, 30) for v in values if type(v) in SIMPLE]
            call += f"({', '.join(simple)})"
        mine = code is not None and code.co_filename == self.script
        shown = mine or (not begun and self._makes(frame, call))
        who = f"T{len(self._lanes) + 1}"
        made = {"by": self._running().cause, "line": self._line(frame)}
        lane = Lane(who, call, call, shown, made, not begun)
        self._lanes.append(lane)
        self._log += self._now(), who, "create", made
        return lane

    def _makes(self, frame: FrameType | None, call: str) -> bool:
        """Does the script make this task, and not a coroutine of asyncio?"""
        while frame and frame.f_code.co_filename.startswith((ASYNCIO, HERE)):
            code = frame.f_code
            passes_on = KINDS.get(code.co_name) == "tasks"  # wait_for()
            if code is RUN or (code.co_flags & COROUTINE and not passes_on):
                return False
            frame = frame.f_back
        its = frame is not None and frame.f_code.co_filename == self.script
        return its and "EventLoop.shutdown_" not in call

    # What it waits for.

    def _waits(self, lane: Lane, task: Any, now: int) -> None:
        """Note for what a task waits that has ended a step."""
        future, coro = task._fut_waiter, task.get_coro()
        key = path_of(coro, future, self.script)
        place = self._places.get(key)
        if place is None:
            frames = suspended_frames(coro)
            place = self._places[key] = self._place(frames, future)
        about = place.about
        if place.known == "sleep":
            frame = suspended_frames(coro)[place.depth]
            about = about | time_left(frame, now, about["label"])
        elif about["kind"] in ("tasks", "future", "thread"):
            frames = suspended_frames(coro)
            its = locals_of(frames[place.depth]) if frames else {}
            about = about | self._futures(lane, future, its, about)
        self._log += now, lane.who, "wait", about

    def _futures(
        self, lane: Lane, future: Any, its: dict[str, Any], about: About
    ) -> About:
        """Return what to say of a wait for tasks and the like.

        its: the variables of the function of asyncio that waits.
        """
        origin, label = origin_of(future), about["label"]
        more: About = {}
        children: list[Any] = []
        if isinstance(origin, asyncio.Future):
            children = [origin]
            label = "shield(): {}"
            more["kind"] = "tasks"
        elif origin in self._jobs:
            label = f"{self._jobs[origin]['label']}() in a thread"
            more["kind"] = "thread"
        elif isinstance(origin, Future) and PROCESSES in sys.modules:
            label = "a job in another process"
            more["kind"] = "process"
        else:
            children = awaited(future, its)
        number = f"{len(children)} task{'s'[: len(children) != 1]}"
        if isinstance(future, asyncio.Task):
            number = future.get_name()
        more["label"] = label.replace("{}", number)
        tasks = [one for one in children if isinstance(one, asyncio.Task)]
        if tasks and len(children) <= MANY:
            lanes = [self._lane_of(task, None) for task in tasks]
            for one in lanes:
                one.awaited_by = lane
            names = [one.who for one in lanes]
            more["on"] = sorted(names, key=lambda who: int(who[1:]))
        return more

    def _place(self, frames: list[FrameType], future: Any) -> Place:
        """Describe a wait, as far as it is the same each time."""
        mine = [f for f in frames if f.f_code.co_filename == self.script]
        first = frames.index(mine[-1]) + 1 if mine else 0
        known = owner = library = ""
        depth = 0
        for index, frame in enumerate(frames[first:], first):
            name = frame.f_code.co_qualname
            itself = locals_of(frame).get("self")
            if not frame.f_code.co_filename.startswith(ASYNCIO):
                method = name.rpartition(".")[2]
                if not library and not method.startswith("__"):
                    its = variable(mine, itself)
                    library = f"{its}.{method}" if its else name
                continue
            owner = owner or variable(mine, itself)
            if known in ("", "wait_for") and name.partition(".")[0] in KINDS:
                known, depth = name, index
                if itself is not None:
                    owner = owner or type(itself).__name__
        kind = KINDS.get(known.partition(".")[0], "future")
        if known:
            label = call_of(known, owner)
        elif isinstance(future, asyncio.Task):
            kind, label = "tasks", "{}"
        elif hasattr(future, "_children"):
            kind, label = "tasks", "gather(): {}"
        else:
            label = variable(mine, future) or "a future"
        if future is None:
            kind = "yield"
            label = label if known else "its next turn"
            line = linecache.getline(self.script, mine[-1].f_lineno) if mine else ""
            if known == "sleep" and "sleep(0)" in line:  # no need to look again
                known, label = "", label.replace("{}", "0")
        if library:
            kind = "library" if kind == "future" else kind
            label = f"{library}()"
        about = {
            "kind": kind,
            "label": label,
            "line": mine[-1].f_lineno if mine else None,
            "stack": tuple((f.f_code.co_qualname, f.f_lineno) for f in mine),
        }
        return Place(about, known, depth, [f.f_code for f in frames])

    # The trace.

    def trace(self) -> Trace:
        """Return what was recorded, ready for json.dump().

        Its times are in microseconds. Raises RuntimeError if there was a
        loop that cannot be seen.
        """
        if not self._lanes and (loop := hidden_loop()):
            raise RuntimeError(
                f"nothing was recorded: {loop} does not show its tasks, "
                "try the event loop of asyncio"
            )
        try:
            digest = hashlib.sha256(Path(self.script).read_bytes()).hexdigest()
        except OSError:  # typed in, say in a notebook
            digest = ""
        keys = ("name", "call", "shown", "loop")
        tasks = {
            lane.who: {key: getattr(lane, key) for key in keys} for lane in self._lanes
        }
        return {
            "version": 1,
            "python": platform.python_version(),
            "script": os.path.basename(self.script),
            "sha256": digest,
            "complete": not self.reason,
            "error": self.error,
            "tasks": tasks,
            "events": list(self._events()),
        }

    def _events(self) -> Iterator[dict[str, Any]]:
        """Yield the events in order, their times in microseconds."""
        t = 0
        fours = zip(*[iter(self._log)] * 4, strict=True)
        for begin, who, ev, about in sorted(fours, key=itemgetter(0)):
            # On a coarse clock, too, each step takes some time.
            t = max(begin // 1000, t + (ev in ("run", "wait", "end")))
            if about is None:
                about = {"by": who, "line": None} if ev == "ready" else {}
            event = {"t": t, "who": who, "ev": ev, **about}
            if "dur" in event:
                event["dur"] = max(0, (begin + event["dur"]) // 1000 - t)
            if "until" in event:
                event["until"] //= 1000
            if "lines" in event:
                event["lines"] = [(n, at // 1000) for n, at in event["lines"]]
            yield event


def because(by: str, line: int | None, handle: Any) -> About:
    """Say why a task is ready: by whom, and which error awaits it."""
    about: About = {"by": by, "line": line}
    if handle._args and (error := thrown(handle._args[0])):
        about["with"] = error
    return about


def time_left(frame: FrameType, now: int, label: str) -> About:
    """Say how long the sleep() of this frame takes, and until when."""
    its = locals_of(frame)
    about: About = {"label": label.replace("{}", rounded(its["delay"]))}
    if timer := its.get("h"):
        left = timer.when() - its["loop"].time()
        about["until"] = now + int(left * 1e9)
    return about


def task_of(callback: Any) -> Any:
    """Return the task whose step this callback is, or None."""
    if type(callback).__name__ == "TaskStepMethWrapper":
        return callback.__self__
    named = getattr(callback, "__name__", "") in STEPS
    return callback.__self__ if named else None


def thrown(argument: Any) -> str:
    """Return the name of the error that a step throws into its task.

    argument: of the step: a future that is done, an error or None.
    """
    if isinstance(argument, asyncio.Future):
        if argument.cancelled():
            return "CancelledError"
        argument = argument._exception
    return "" if argument is None else type(argument).__name__


def leave_us_out(stack: Any) -> None:
    """Take this file out of what the debug mode remembers of a call."""
    stack[:] = [entry for entry in stack if entry.filename != HERE]


def path_of(waiting: Any, future: Any, script: str) -> tuple[object, ...]:
    """Return where a coroutine is suspended: the same each time.

    It looks at no frames of libraries, so it costs little.
    """
    path: list[object] = [type(future)]
    while waiting is not None and len(path) < DEPTH:
        look = CODES.get(type(waiting))
        if look is None:
            waiting = hidden_in(waiting)
            continue
        code, inner = look(waiting)
        path.append(id(code))
        if code.co_filename == script:
            path.append(FRAMES[type(waiting)](waiting).f_lasti)
        waiting = inner
    return tuple(path)


def hidden_in(waiting: Any) -> Any:
    """Return the generator that "async for" hides in an object, or None."""
    inside = gc.get_referents(waiting)
    return next((one for one in inside if type(one) in CODES), None)


def suspended_frames(waiting: Any) -> list[FrameType]:
    """Return the frames of a suspended coroutine, innermost last."""
    frames: list[FrameType] = []
    while waiting is not None and len(frames) < DEPTH:
        look = CODES.get(type(waiting))
        if look is None:
            waiting = hidden_in(waiting)
            continue
        frames.append(FRAMES[type(waiting)](waiting))
        waiting = look(waiting)[1]
    return frames


def locals_of(frame: FrameType) -> dict[str, Any]:
    """Return the variables of a frame, and keep none of them alive."""
    its = frame.f_locals
    copy = dict(its)
    if sys.version_info < (3, 13) and its is not frame.f_globals:
        its.clear()  # before 3.13 the frame keeps this dict
    return copy


def names_in(scope: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield variables, then their attributes, each with its name."""
    yield from scope.items()
    for name, its in scope.items():
        with contextlib.suppress(AttributeError):
            inside = object.__getattribute__(its, "__dict__")
            if type(inside) is dict and type(its) is not ModuleType:
                for attribute, one in list(inside.items()):
                    yield f"{name}.{attribute}", one


def variable(frames: list[FrameType], value: object) -> str:
    """Return the name that the script has for an object, or ""."""
    if value is not None:
        for frame in reversed(frames):
            for scope in (locals_of(frame), dict(frame.f_globals)):
                for name, its in names_in(scope):
                    if its is value:
                        return name
    return ""


def call_of(name: str, owner: str) -> str:
    """Return what stands in the script: "lock.acquire()" for Lock.acquire."""
    kind, _, method = name.partition(".")
    if name in ("sleep", "wait"):
        return "sleep({})" if name == "sleep" else "wait(): {}"
    if kind == "TaskGroup":
        return f"async with {owner}: {{}}"
    if kind in ("as_completed", "_AsCompletedIterator"):
        return "as_completed()"
    if method in ("__aenter__", "__aexit__"):
        return f"async with {owner}"
    if method == "__anext__":
        return f"async for ... in {owner}"
    return f"{owner}.{method}()" if method else f"{name}()"


def origin_of(future: Any) -> Any:
    """Return what a future stands for: a shielded one, a thread's."""
    for callback, _ in getattr(future, "_callbacks", None) or ():
        name = getattr(callback, "__qualname__", "")
        if name.startswith(("shield.", "_chain_future.")):
            its = inspect.getclosurevars(callback).nonlocals
            return its.get("inner", its.get("source"))
    return None


def awaited(future: Any, its: dict[str, Any]) -> list[Any]:
    """Return the futures for which a task still waits.

    its: the variables of the function of asyncio that waits.
    """
    if isinstance(future, asyncio.Task):
        return [future]
    if hasattr(its.get("self"), "_on_completed_fut"):  # TaskGroup
        return list(its["self"]._tasks)
    children = getattr(future, "_children", None) or its.get("fs")
    children = children or getattr(its.get("self"), "_todo", None)
    children = children or filter(asyncio.isfuture, [its.get("fut")])
    return [child for child in children if not child.done()]


def function_of(call: Any) -> Any:
    """Return the function that a partial() calls in the end."""
    while isinstance(call, functools.partial):
        # to_thread() has a context run the function.
        runs = getattr(call.func, "__name__", "") == "run" and call.args
        call = call.args[0] if runs else call.func
    return call


def name_of(call: Any) -> str:
    """Return the name of a function, as of what a partial() calls."""
    call = function_of(call)
    return getattr(call, "__qualname__", type(call).__name__)


def brief(value: Any, limit: int = 200, depth: int = 3) -> str:
    """Return a short repr() that runs no code of the script."""
    kind = type(value)
    if kind in SIMPLE:
        text = repr(value[:limit] if kind in (str, bytes) else value)
        if kind is float:
            text = rounded(value)
    elif kind in (list, tuple) and depth:
        inner = ", ".join(brief(one, limit, depth - 1) for one in value[:10])
        text = f"[{inner}]" if kind is list else f"({inner})"
    elif isinstance(value, BaseException) and depth:
        inner = ", ".join(brief(one, limit, depth - 1) for one in value.args)
        text = f"{kind.__name__}({inner})"
    else:
        text = f"<{kind.__qualname__}>"
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def rounded(number: float) -> str:
    """Return a number, rounded if it has more digits than a person types."""
    text = f"{number:g}"
    return text if len(text) <= 6 else f"{number:.2g}"


def hidden_loop() -> str:
    """Return the name of a kind of event loop without a queue, or ""."""
    kinds = [asyncio.AbstractEventLoop]
    for kind in kinds:
        kinds += kind.__subclasses__()
        known = kind.__module__.startswith("asyncio.")
        if not known and not issubclass(kind, base_events.BaseEventLoop):
            return f"{kind.__module__}.{kind.__qualname__}"
    return ""


# The command line.


def execute(path: str, source: bytes, arguments: Sequence[str]) -> None:
    """Run a script in this interpreter, as __main__."""
    code = compile(source, path, "exec", dont_inherit=True)
    module = ModuleType("__main__")
    vars(module).update(__file__=path, __builtins__=builtins)
    sys.modules["__main__"] = module
    sys.argv = list(arguments)
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(path)
    exec(code, vars(module))


def record(path: str, arguments: Sequence[str] = (), **options: Any) -> Trace:
    """Run a script, and return its trace, whether it fails or not.

    path, arguments: the script, and what follows it on a command line.
    options: those of Recorder. Raises OSError if it cannot be read.
    """
    path = os.path.abspath(path)
    source = Path(path).read_bytes()
    saved = sys.modules["__main__"], sys.argv, sys.path[0]
    recorder = Recorder(path, **options)
    try:
        with recorder:
            execute(path, source, [path, *arguments])
    except BaseException as error:
        recorder.error = brief(error)
    finally:
        sys.modules["__main__"], sys.argv, sys.path[0] = saved
    return recorder.trace()


def as_json(trace: Trace) -> str:
    """Return a trace as JSON, one task and one event a line."""
    head = {k: v for k, v in trace.items() if k not in ("tasks", "events")}
    tasks = [f'"{k}": {json.dumps(v)}' for k, v in trace["tasks"].items()]
    events = [json.dumps(event) for event in trace["events"]]
    return (
        f'{json.dumps(head)[:-1]}, "tasks": {{\n'
        + ",\n".join(tasks)
        + '\n}, "events": [\n'
        + ",\n".join(events)
        + "\n]}\n"
    )


def hide_this_file(hook: Any, kind: Any, error: Any, trace: Any) -> None:
    """Print a traceback as it would be without the recorder."""
    kept: list[Any] = []
    while trace:
        if trace.tb_frame.f_code.co_filename != HERE:
            kept.append(trace)
        trace = trace.tb_next
    for this, following in pairwise([*kept, None]):
        this.tb_next = following
    error.__traceback__ = kept[0] if kept else None
    hook(kind, error, error.__traceback__)


def write(recorder: Recorder, wanted: dict[str, str], source: str) -> None:
    """Write the parts of the trace that are wanted, each to its file."""
    trace = recorder.trace()
    for part, path in wanted.items():
        if part == "json":
            text = as_json(trace)
        else:
            draw = runpy.run_path(str(DRAWING))[part]
            text = draw(trace, source) if part == "page" else draw(trace)
        if path == "-":
            sys.stdout.write(text)
        else:
            Path(path).write_text(text, "utf-8")
    says = f"The timeline is in {wanted['page']}" if "page" in wanted else ""
    if recorder.reason:
        says = f"{says or 'The trace is written'}; it {recorder.reason}"
    if says:
        print(says, file=sys.stderr)


def wanted_of(options: argparse.Namespace) -> dict[str, str]:
    """Return which parts the command line asks for, and into which files.

    Raises SystemExit if one of them cannot be written.
    """
    wanted = {part: getattr(options, part) for part in PARTS}
    wanted = {part: file for part, file in wanted.items() if file}
    wanted = wanted or {"page": Path(options.script).stem + ".timeline.html"}
    for part, file in wanted.items():
        if file != "-":
            wanted[part] = os.path.abspath(file)  # the script may change it
            if not os.path.isdir(os.path.dirname(wanted[part])):
                sys.exit(f"record_timeline: there is no folder for {file}")
        if part != "json" and not DRAWING.exists():
            sys.exit(f"record_timeline: it needs {DRAWING.name} beside it")
    return wanted


def main(arguments: Sequence[str]) -> None:
    """Record the script that the command line names."""
    parser = argparse.ArgumentParser(
        prog="record_timeline.py",
        description="Run a script, and draw what its tasks did.",
    )
    note = "write this part, and no page; - is standard output"
    for part in PARTS:
        parser.add_argument(f"--{part}", metavar="FILE", help=note)
    parser.add_argument(
        "--lines", action="store_true", help="note each line (Python 3.12)"
    )
    parser.add_argument("script")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    wanted = wanted_of(options)
    path = os.path.abspath(options.script)
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        said = error.strerror
        sys.exit(f"record_timeline: cannot read {options.script}: {said}")
    recorder = Recorder(path, lines=options.lines)
    process = os.getpid()

    def finish() -> None:
        if os.getpid() != process:
            return
        recorder.__exit__()
        try:
            write(recorder, wanted, source.decode("utf-8", "replace"))
        except (OSError, RuntimeError) as error:
            print(f"record_timeline: {error}", file=sys.stderr)

    atexit.register(finish)  # so that threads and the traceback are in it
    sys.modules["record_timeline"] = sys.modules["__main__"]
    try:
        recorder.__enter__()
        execute(path, source, [options.script, *options.arguments])
    except BaseException as error:
        recorder.error = brief(error)
        sys.excepthook = functools.partial(hide_this_file, sys.excepthook)
        raise


if __name__ == "__main__":
    main(sys.argv[1:])
