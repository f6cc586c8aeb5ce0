"""Record what an asyncio program does: which task runs, and when, and
what the others wait for meanwhile.

    python record_timeline.py script.py [arguments]

prints what the script prints, and writes script.timeline.html, a page
with the picture. In a program of your own:

    with Recorder() as recorder:
        asyncio.run(main())
    recorder.trace()                     what happened, ready for JSON

    record("script.py", ["argument"])    the same for a whole script

Each step of a task is one asyncio.Handle: made when the task becomes
ready, run when its turn comes. Hooks on that class see every step, and
tasks, coroutines and tracebacks stay as they are. After a step, the
suspended coroutines tell where the task stopped, and for what it waits.

Trust the order, and durations above a millisecond: recording adds some
ten microseconds to a step. The line that blocks is known exactly from
Python 3.12 on; on 3.11 a thread looks, every five milliseconds. An eager
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
import importlib.util
import inspect
import json
import os
import platform
import re
import sys
import threading
import time
import weakref
from _thread import get_ident
from asyncio import base_events, constants, events, runners
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import thread as executors
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
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

LIMIT = 100_000  # events; then the recorder takes its hooks away
BLOCKING = 20_000_000  # nanoseconds; a longer step blocks the others
MANY = 1000  # the tasks of a wait are named, up to so many
FEW = 16  # ready tasks are looked at for a cancel(), up to so many

HERE = sys._getframe().f_code.co_filename
DEPTH = constants.DEBUG_STACK_DEPTH
PARTS = ("json", "svg", "table")
DRAWING = Path(HERE).with_name("draw_timeline.py")
ASYNCIO = os.path.dirname(asyncio.__file__) + os.sep
CANCELLED = asyncio.CancelledError()
INTERNAL = re.compile(r"(EventLoop|Transport)\.")  # tasks of asyncio itself
PROCESSES = "concurrent.futures.process"
SIMPLE = (str, bytes, int, float, bool, type(None))
COROUTINE = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

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

# What is noted of an event, after its time, whose it is, and its name.
FIELDS = {
    "create": ("by", "line"),
    "ready": ("by", "line", "with"),
    "run": ("eager", "slow", "lines"),
    "pause": (),
    "wait": ("place", "kind", "label", "about", "on", "until"),
    "cancel": ("by", "line"),
    "end": ("how", "detail", "line"),
    "lost": ("detail",),
    "print": ("text", "stream", "line"),
    "call": ("label", "by", "dur", "line"),
    "idle": ("dur",),
    "job": ("label", "by", "line"),
    "done": ("label", "by", "line"),
}


@dataclass(slots=True, eq=False)
class Lane:
    """A task, as far as it must be remembered between two steps."""

    number: int
    call: str
    shown: bool
    maker: "Cause"
    name: str | None = None
    loop: str | None = None
    coro: object = None  # only until there is a task
    ref: Any = bool  # returns the task, or something false
    fresh: bool = True  # it has made no step
    over: bool = False
    cancels: int = 0  # how often cancel() was called: task.cancelling()
    awaited_by: "Lane | None" = None
    woken: Any = None  # the event, if its own step made it ready
    entry: Any = None  # the event of its present step
    line: int | None = None  # where it is in that step
    since: int = 0  # when it came there
    longest: int = 0  # the time at the line that took longest
    slow: int | None = None  # that line
    lines: list[tuple[int, int]] = field(default_factory=list)

    def __str__(self) -> str:
        return f"T{self.number}"


class TaskRef(weakref.ref[Any]):
    """A task, not kept alive, with its lane."""

    __slots__ = "key", "lane"
    key: int
    lane: Lane


class Place(NamedTuple):
    """A place in the program where tasks wait, the same for all waits."""

    kind: str
    label: str  # may have {}: how long, how many, which
    line: int | None
    stack: list[tuple[str, int]]
    look: str  # what else to look at, at each wait: see Recorder._wait()
    depth: int  # in which frame of the task
    codes: list[CodeType]  # kept, so that their ids stay theirs


Trace = dict[str, Any]
Cause = Lane | str
Actor = Lane | tuple[str, Cause]  # what a thread does: a step, a callback


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
        self._log: list[Any] = []  # events: lists, tuples where finished
        self._lanes: list[Lane] = []
        self._by_task: dict[int, Lane] = {}
        self._places: dict[tuple[object, ...], Place] = {}
        self._causes: dict[int, Cause] = {}
        self._turn: dict[Lane, None] = {}  # the lanes that are ready
        self._stacks: dict[int, list[Actor]] = defaultdict(list)
        self._parts: dict[tuple[str, str], tuple[str, int, int | None]] = {}
        self._jobs: Any = weakref.WeakKeyDictionary()
        self._workers: Any = weakref.WeakKeyDictionary()
        self._undo: list[Callable[[], object]] = []
        self._follows = False  # is told each line of a coroutine
        self._read = time.perf_counter_ns
        self._zero = 0

    def __enter__(self) -> "Recorder":
        """Begin to record. Raises RuntimeError inside a running loop."""
        if asyncio._get_running_loop() is not None:
            raise RuntimeError("begin to record before the event loop runs")
        self._zero, self.active = self._read(), True
        self._main = threading.main_thread().ident
        self._hook_handles()
        self._hook_jobs()
        if sys.version_info >= (3, 12):
            self._hook_eager_tasks()
        self._hook_stream(sys.stdout, "out")
        self._hook_stream(sys.stderr, "err")
        self._hook_lines()
        return self

    def __exit__(self, *_: object) -> None:
        """Take the hooks away, and note which tasks have not ended."""
        if self.active:
            self._stop()
            for (who, stream), (text, now, line) in self._parts.items():
                self._log.append((now, who, "print", text, stream, line))
            for lane in self._lanes:
                if not lane.over:
                    self._add(lane, "lost", "still pending")

    def _stop(self, reason: str = "") -> None:
        self.reason = reason
        self.active = False
        while self._undo:
            self._undo.pop()()
        for lane in self._lanes:
            if task := lane.ref():
                lane.name = task.get_name()

    def _failed(self, error: Exception) -> None:
        """Let the program go on without the recorder."""
        self._stop(f"ends where the recorder failed: {error!r}")

    # The hooks. Each calls what it replaces, and notes what happens.

    def _replace(self, owner: Any, name: str, new: Any) -> None:
        old = getattr(owner, name)
        setattr(owner, name, functools.wraps(old)(new))

        def undo() -> None:
            if getattr(owner, name) is new:
                setattr(owner, name, old)

        self._undo.append(undo)

    def _hook_handles(self) -> None:
        """See each step and each callback; this must be quick."""
        init, run = events.Handle.__init__, events.Handle._run
        scheduled, begin, end = self._scheduled, self._begin, self._end

        def hooked_init(
            handle: Any, call: Any, args: Any, loop: Any, context: Any = None
        ) -> None:
            init(handle, call, args, loop, context)
            if self.active:
                try:
                    scheduled(handle, call, args, loop)
                except Exception as error:
                    self._failed(error)

        def hooked_run(handle: Any) -> None:
            step: Any = None
            if self.active:
                try:
                    step = begin(handle)
                except Exception as error:
                    self._failed(error)
            try:
                run(handle)
            finally:
                if step and self.active:
                    try:
                        end(*step)
                    except Exception as error:
                        self._failed(error)
                # An error's traceback keeps this frame, and so the task.
                step = handle = None

        # For leave_us_out(): room for the calls in this file.
        depth: Any = constants
        depth.DEBUG_STACK_DEPTH = DEPTH + 6
        self._undo.append(lambda: setattr(depth, "DEBUG_STACK_DEPTH", DEPTH))
        self._bottom = hooked_run.__code__
        self._replace(events.Handle, "__init__", hooked_init)
        self._replace(events.Handle, "_run", hooked_run)

    def _hook_idle(self, selector: Any) -> None:
        ref = weakref.ref(selector)

        def select(timeout: float | None = None) -> Any:
            idle: Any = None
            if self.active and (timeout is None or timeout > 0):
                idle = self._add(self._who("loop"), "idle", 0)
            try:
                selector: Any = ref()
                return type(selector).select(selector, timeout)
            finally:
                if idle:
                    idle[3] = self._now() - idle[0]

        selector.select = select
        self._undo.append(lambda: vars(ref() or select).pop("select", None))

    def _hook_eager_tasks(self) -> None:
        """Their first step runs in create_task(), without a Handle."""
        create: Any = base_events.BaseEventLoop.create_task

        def create_task(loop: Any, coro: Any, **options: Any) -> Any:
            may_be = loop.get_task_factory() or "eager_start" in options
            if not (self.active and may_be):
                return create(loop, coro, **options)
            stack = self._stack()
            outer: Any = stack[-1] if stack else None
            lane = self._new_lane(coro, sys._getframe(1))
            lane.coro, lane.line = coro, None
            pause = self._add(outer, "pause")
            lane.entry = self._add(lane, "run", True, None, None)
            lane.since = lane.entry[0]
            stack.append(lane)
            task = None
            try:
                task = create(loop, coro, **options)
            finally:
                lane.coro = None
                eager = isinstance(task, asyncio.Task) and has_begun(coro)
                if eager:
                    lane.fresh = False
                    self._bind(lane, task)
                    self._end(lane, task, stack, lane.entry)
                else:
                    stack.pop()
                    lane.entry[2] = None
                if eager and isinstance(outer, Lane):
                    outer.entry = self._add(outer, "run", None, None, None)
                    outer.since = outer.entry[0]
                else:
                    pause[2] = None
            return task

        self._replace(base_events.BaseEventLoop, "create_task", create_task)

    def _hook_jobs(self) -> None:
        """Note what is handed to a thread, and when the thread does it."""
        init, run = executors._WorkItem.__init__, executors._WorkItem.run

        def hooked_init(item: Any, future: Any, *args: Any) -> None:
            init(item, future, *args)
            call = args[0][0] if isinstance(args[0], tuple) else args[0]
            line = self._line(sys._getframe(1))
            self._jobs[future] = name_of(call), self._cause(), line

        def hooked_run(item: Any, *context: Any) -> None:
            job, who = self._jobs.get(item.future), self._who("main")
            if job is None or not self.active:
                return run(item, *context)
            self._workers[item.future] = who
            self._add(who, "job", *job)
            try:
                run(item, *context)
            finally:
                self._add(who, "done", *job)

        self._replace(executors._WorkItem, "__init__", hooked_init)
        self._replace(executors._WorkItem, "run", hooked_run)

    def _hook_stream(self, stream: Any, name: str) -> None:
        """Note what is written; the stream stays the same object."""
        write: Any = getattr(stream, "write", None)

        def hooked(text: str) -> Any:
            count = write(text)
            if self.active:
                try:
                    self._written(text, name)
                except Exception as error:
                    self._failed(error)
            return count

        if write is not None and hasattr(stream, "__dict__"):
            stream.write = hooked
            self._undo.append(lambda: vars(stream).pop("write", None))

    def _hook_lines(self) -> None:
        """Have someone note at which line a long step is."""
        at_line = self._at_line

        def hooked(code: CodeType, line: int) -> object:
            try:
                return at_line(code, line)
            except Exception as error:
                self._failed(error)
            return None

        if sys.version_info >= (3, 12):
            monitoring = sys.monitoring
            free = [i for i in range(6) if not monitoring.get_tool(i)]
            if free:
                tool, line = free[-1], monitoring.events.LINE
                monitoring.use_tool_id(tool, "record_timeline")
                self._undo.append(lambda: monitoring.free_tool_id(tool))
                monitoring.register_callback(tool, line, hooked)
                monitoring.set_events(tool, line)
                self._undo.append(lambda: monitoring.set_events(tool, 0))
                self._follows = True
        else:
            halt = threading.Lock()
            halt.acquire()
            _thread.start_new_thread(self._watch, (halt,))
            self._undo.append(halt.release)

    def _at_line(self, code: CodeType, line: int) -> object:
        """A line of Python begins; called until it is declined."""
        in_coroutine = code.co_flags & COROUTINE
        if code.co_filename != self.script or not (in_coroutine or self.lines):
            return sys.monitoring.DISABLE  # type: ignore[attr-defined]
        stack = self._stacks[get_ident()]
        lane = stack[-1] if stack else None
        if type(lane) is not Lane:
            return None
        if self._turn:
            self._look_for_cancels(lane)
        now = self._now()
        if self.lines and len(lane.lines) < 200:
            lane.lines.append((line, now))
        if in_coroutine:
            spent = now - lane.since
            if spent > lane.longest:
                lane.longest, lane.slow = spent, lane.line
            lane.line, lane.since = line, now
        return None

    def _watch(self, halt: Any) -> None:
        """In a thread: look at which line a long step is (Python 3.11)."""
        while not halt.acquire(timeout=0.005):
            if not isinstance(time.perf_counter_ns, BuiltinFunctionType):
                continue  # on a virtual clock, nothing takes long
            for ident, stack in list(self._stacks.items()):
                lane = stack[-1] if stack else None
                if type(lane) is not Lane or lane.longest:
                    continue
                if self._now() - lane.since > BLOCKING:
                    frame = sys._current_frames().get(ident)
                    lane.slow = self._line(frame, COROUTINE)
                    lane.longest = sys.maxsize

    # What each hook notes.

    def _scheduled(self, handle: Any, call: Any, args: Any, loop: Any) -> None:
        """A Handle was made."""
        if handle._source_traceback:
            leave_us_out(handle._source_traceback)
        task, stack = task_of(call), self._stacks[get_ident()]
        frame = sys._getframe(2)
        cause: Any = stack[-1] if stack else self._outside()
        by_callback = type(cause) is tuple
        if by_callback:
            cause = cause[1]
        if task is None:
            if isinstance(handle, events.TimerHandle):
                name = name_of(call)
                late = "timeout" in name or "release_waiter" in name
                cause = "timeout" if late else "timer"
            elif frame.f_code.co_name in ("_add_reader", "_add_writer"):
                cause = "socket"
            elif args and args[-1].__class__ is Future:
                cause = self._workers.get(args[-1], cause)
            self._causes[id(handle)] = cause
            selector = getattr(loop, "_selector", None)
            if selector is not None and "select" not in vars(selector):
                self._hook_idle(selector)
            return
        lane = self._by_task.get(id(task)) or self._meet(task, frame)
        itself = lane is cause and not (by_callback or lane.fresh)
        if lane.fresh:
            cause, line = lane.maker, lane.line
        else:
            line = None if by_callback or itself else self._line(frame)
        if task.cancelling() != lane.cancels:
            if any_frame(frame, ON_SIGINT):
                cause, line = "main", None
            self._look_for_cancel(lane, cause, line)
        error = args[0] if args else None
        if error is not None and not isinstance(error, BaseException):
            error = CANCELLED if error.cancelled() else error._exception
        kind = None if error is None else type(error).__name__
        if itself:
            lane.woken = [0, lane, "ready", cause, line, kind]
            return
        self._log.append((self._now(), lane, "ready", cause, line, kind))
        self._turn[lane] = None

    def _begin(self, handle: Any) -> Any:
        """A Handle is about to run; return what to give to _end()."""
        if len(self._log) >= self.limit:
            self._stop(f"ends after {self.limit} events")
            return None
        task, stack = task_of(handle._callback), self._stacks[get_ident()]
        if task is None:
            cause = self._causes.get(id(handle), "loop")
            who, label = self._who("loop"), name_of(handle._callback)
            actor: Actor = who, cause
            code = getattr(function_of(handle._callback), "__code__", None)
            mine = code is not None and code.co_filename == self.script
            line = code.co_firstlineno if code and mine else None
            entry = [self._now(), who, "call", label, cause, 0, line]
            self._log.append(entry)
        else:
            lane = self._by_task.get(id(task)) or self._meet(task, None)
            actor = lane
            if lane.loop is None:
                lane.loop = self._who("loop")
                lane.name = task.get_name()  # it may have come late
                lane.line = None
            self._turn.pop(lane, None)
            if task.cancelling() != lane.cancels:
                self._look_for_cancel(lane, None, None)
            now = self._now()
            lane.fresh, lane.since, lane.longest = False, now, 0
            entry = lane.entry = [now, lane, "run", None, None, None]
            self._log.append(entry)
        stack.append(actor)
        return actor, task, stack, entry

    def _end(self, lane: Any, task: Any, stack: Any, entry: Any) -> None:
        """A Handle has run, or the first step of an eager task."""
        now = self._now()
        stack.pop()
        if self._turn:
            self._look_for_cancels(lane)
        if task is None:
            entry[5] = now - entry[0]
            return
        if now - lane.entry[0] > BLOCKING:
            last = now - lane.since > lane.longest
            lane.entry[4] = lane.line if last else lane.slow
        if self.lines:
            lane.entry[5], lane.lines = lane.lines, []
        if task.cancelling() != lane.cancels:
            self._look_for_cancel(lane, lane, lane.line)
        if task.done():
            self._ended(lane, task, now)
            return
        self._wait(lane, task, now)
        if lane.woken:
            lane.woken[0] = now
            self._log.append(lane.woken)
            self._turn[lane] = lane.woken = None

    def _ended(self, lane: Lane, task: Any, now: int) -> None:
        lane.over, lane.woken, lane.name = True, None, task.get_name()
        how, detail, line = "cancelled", None, None
        if not task.cancelled():
            error = task._exception  # exception() would mark it as seen
            how = "returned" if error is None else "raised"
            detail = brief(task.result() if error is None else error)
            trace = error and error.__traceback__
            while trace:
                if trace.tb_frame.f_code.co_filename == self.script:
                    line = trace.tb_lineno
                trace = trace.tb_next
        self._log.append((now, lane, "end", how, detail, line))

    def _written(self, text: str, stream: str) -> None:
        stack = self._stack()
        top = stack[-1] if stack else None
        who = top[0] if type(top) is tuple else str(top or self._who("main"))
        before = self._parts.pop((who, stream), ("", 0, 0))[0]
        *lines, rest = (before + text).split("\n")
        line, now = self._line(sys._getframe(2)), self._now()
        for one in lines:
            self._log.append((now, who, "print", one, stream, line))
        if rest:
            self._parts[who, stream] = rest, now, line

    def _look_for_cancel(self, lane: Lane | None, by: Any, line: Any) -> None:
        """See whether a task, or one that awaits it, was cancelled.

        Task.cancel() cannot be hooked, but it counts its calls.
        """
        while lane and (task := lane.ref()) and not lane.over:
            count = task.cancelling()
            if count > lane.cancels:
                self._add(lane, "cancel", by, line)
            lane.cancels = count
            lane = lane.awaited_by

    def _look_for_cancels(self, by: Any) -> None:
        """See whether a task that is ready was cancelled."""
        if len(self._turn) <= FEW:
            for lane in [*self._turn]:
                task = lane.ref()
                if task and task.cancelling() != lane.cancels:
                    line = by.line if isinstance(by, Lane) else None
                    cause = by if isinstance(by, Lane) else by[1]
                    self._look_for_cancel(lane, cause, line)

    # Who, when and where.

    def _now(self) -> int:
        """Return the time in nanoseconds since recording began."""
        read = time.perf_counter_ns
        if read is not self._read:  # a virtual clock came or went
            last = self._log[-1][0] if self._log else 0
            self._read, self._zero = read, read() - last
        return read() - self._zero

    def _add(self, who: object, *what: Any) -> list[Any]:
        event = [self._now(), who, *what]
        self._log.append(event)
        return event

    def _stack(self) -> list[Actor]:
        """Return the steps and callbacks that this thread is in."""
        return self._stacks[get_ident()]

    def _who(self, main: str) -> str:
        """Return the name of this thread, or of the loop in it."""
        ident = get_ident()
        if ident == self._main:
            return main
        # Not current_thread(): that adds a thread where there is none.
        thread = threading._active.get(ident)  # type: ignore[attr-defined]
        name = thread.name if thread else str(ident)
        return f"{'loop' if main == 'loop' else 'thread'} {name}"

    def _outside(self) -> str:
        running = asyncio._get_running_loop() is not None
        return self._who("loop" if running else "main")

    def _cause(self) -> Cause:
        """Return who acts now; a callback acts for who scheduled it."""
        stack = self._stack()
        top = stack[-1] if stack else self._outside()
        return top[1] if isinstance(top, tuple) else top

    def _line(self, frame: FrameType | None, flags: int = 0) -> int | None:
        """Return the line of the script at which this frame stands."""
        while frame is not None:
            code = frame.f_code
            mine = code.co_filename == self.script
            if mine and (code.co_flags & flags or not flags):
                return frame.f_lineno
            if code is self._bottom:
                return None
            frame = frame.f_back
        return None

    def _meet(self, task: Any, frame: FrameType | None) -> Lane:
        """Return the lane of a task that was not seen before."""
        leave_us_out(task._source_traceback)
        coro, stack = task.get_coro(), self._stack()
        top = stack[-1] if stack else None
        if isinstance(top, Lane) and top.coro is coro:
            lane = top  # see _hook_eager_tasks()
            lane.fresh = not has_begun(coro)
        else:
            lane = self._new_lane(coro, frame)
        self._bind(lane, task)
        return lane

    def _bind(self, lane: Lane, task: Any) -> None:
        """Know a task by its lane, but do not keep it alive."""
        if not lane.ref():
            lane.ref = TaskRef(task, self._gone)
            lane.ref.key, lane.ref.lane = id(task), lane
            lane.name = task.get_name()
            self._by_task[id(task)] = lane

    def _gone(self, ref: "TaskRef") -> None:
        lane = ref.lane
        if self._by_task.get(ref.key) is lane:
            del self._by_task[ref.key]
        if self.active and not lane.over:
            lane.over = True
            self._turn.pop(lane, None)
            self._add(lane, "lost", "garbage-collected while pending")

    def _new_lane(self, coro: Any, frame: FrameType | None) -> Lane:
        code, call = getattr(coro, "cr_code", None), name_of(coro)
        line, maker = self._line(frame), frame
        while maker and maker.f_code.co_filename.startswith((ASYNCIO, HERE)):
            maker = maker.f_back
        mine = code and code.co_filename == self.script
        if maker and maker.f_code.co_filename == self.script:
            mine = mine or not INTERNAL.search(call)
        if code and not has_begun(coro):
            count = code.co_argcount + code.co_kwonlyargcount
            its = locals_of(coro.cr_frame) if count else {}
            values = [its.get(name) for name in code.co_varnames[:count]]
            simple = [brief(v, 30) for v in values if type(v) in SIMPLE]
            call += f"({', '.join(simple)})"
        lane = Lane(len(self._lanes) + 1, call, bool(mine), self._cause())
        lane.line = line
        self._lanes.append(lane)
        self._add(lane, "create", lane.maker, line)
        return lane

    # For what does a task wait?

    def _wait(self, lane: Lane, task: Any, now: int) -> None:
        """Note for what a task waits that has ended a step."""
        future = task._fut_waiter
        frames = suspended_frames(task.get_coro())
        key: list[object] = [type(future)]
        for frame in frames:
            key.append(id(frame.f_code))
            key.append(frame.f_lasti)
        place = self._places.get(tuple(key))
        if place is None:
            place = self._places[tuple(key)] = self._place(frames, future)
        if self._follows:
            lane.line = place.line
        kind, label, until = place.kind, place.label, None
        about: object = None
        on: tuple[int, ...] = ()
        if place.look:
            its = locals_of(frames[place.depth]) if frames else {}
            if place.look == "sleep":
                about, timer = its["delay"], its.get("h")
                if isinstance(timer, asyncio.TimerHandle):
                    left = timer.when() - its["loop"].time()
                    until = now + int(left * 1e9)
            else:
                kind, label, children = self._futures(place, future, its)
                about = len(children)
                if len(children) <= MANY:
                    on = self._on(children, lane)
                if isinstance(future, asyncio.Task):
                    about = future.get_name()
        event = now, lane, "wait", place, kind, label, about, on, until
        self._log.append(event)

    def _futures(
        self, place: Place, future: Any, its: dict[str, Any]
    ) -> tuple[str, str, list[Any]]:
        """Return kind and label of a wait, and the futures it is for."""
        origin = origin_of(future)
        if isinstance(origin, asyncio.Future):
            return "tasks", "shield(): {}", [origin]
        if origin in self._jobs:
            return "thread", f"{self._jobs[origin][0]}() in a thread", []
        if isinstance(origin, Future) and PROCESSES in sys.modules:
            return "process", "a job in another process", []
        return place.kind, place.label, awaited(future, its)

    def _on(self, children: list[Any], lane: Lane) -> tuple[int, ...]:
        on = []
        for child in children:
            if isinstance(child, asyncio.Task):
                its = self._by_task.get(id(child)) or self._meet(child, None)
                its.awaited_by = lane
                on.append(its.number)
        return tuple(sorted(on))

    def _place(self, frames: list[FrameType], future: Any) -> Place:
        script = [f.f_code.co_filename == self.script for f in frames]
        first = len(script) - script[::-1].index(True) if any(script) else 0
        mine = [f for f, its in zip(frames, script, strict=True) if its]
        known = owner = library = ""
        depth = 0
        for index, frame in enumerate(frames[first:], first):
            name = frame.f_code.co_qualname
            if not frame.f_code.co_filename.startswith(ASYNCIO):
                library = name
                continue
            itself = locals_of(frame).get("self")
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
        if library:
            kind = "library" if kind == "future" else kind
            label = f"{library}()"
        look = "sleep" if known == "sleep" else ""
        if kind in ("tasks", "future", "thread"):
            look = "futures"
        line = mine[-1].f_lineno if mine else None
        stack = [(f.f_code.co_qualname, f.f_lineno) for f in mine]
        codes = [f.f_code for f in frames]
        return Place(kind, label, line, stack, look, depth, codes)

    # The trace.

    def trace(self) -> Trace:
        """Return what was recorded, ready for json.dump().

        Raises RuntimeError if there was a loop that cannot be seen.
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
        tasks = {
            str(lane): {
                "name": lane.name or lane.call,
                "call": lane.call,
                "shown": lane.shown,
                "loop": lane.loop or "loop",
            }
            for lane in self._lanes
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
        t = 0
        for event in sorted(self._log, key=itemgetter(0)):
            begin, who, what, *values = event
            if what is None:  # noted for an eager task that was none
                continue
            its = dict(zip(FIELDS[what], values, strict=True))
            # On a coarse clock, too, each step takes some time.
            t = max(begin // 1000, t + (what in ("run", "wait", "end")))
            if what == "wait":
                place, about = its.pop("place"), its.pop("about")
                if type(about) is int and place.look == "futures":
                    about = f"{about} task{'s'[: about != 1]}"
                elif isinstance(about, (int, float)):
                    about = f"{about:g}"
                its["label"] = its["label"].format(about)
                its |= {"line": place.line, "stack": place.stack}
                its["on"] = [f"T{number}" for number in its["on"]] or None
                if its["until"]:
                    its["until"] = its["until"] // 1000
            if "by" in its:
                its["by"] = its["by"] and str(its["by"])
            if "dur" in its:
                its["dur"] = max(0, (begin + its["dur"]) // 1000 - t)
            if "lines" in its:
                its["lines"] = [(n, t // 1000) for n, t in its["lines"] or ()]
            for name in DROPPED:
                if not its.get(name, True):
                    del its[name]
            if what == "call" and its["line"] is None:
                del its["line"]
            what = {"job": "run", "done": "end"}.get(what, what)
            yield {"t": t, "who": str(who), "ev": what, **its}


DROPPED = ("with", "eager", "slow", "lines", "on", "until", "detail")


def task_of(callback: Any) -> Any:
    """Return the task whose step this callback is, or None."""
    if type(callback).__name__ == "TaskStepMethWrapper":
        return callback.__self__
    if getattr(callback, "__name__", "") in STEPS:
        return callback.__self__
    return None


STEPS = {"task_wakeup", "__step", "__wakeup"}


def leave_us_out(stack: Any) -> None:
    """Take this file out of what the debug mode remembers of a call."""
    if stack:
        kept = [entry for entry in stack if entry.filename != HERE]
        stack[:] = kept[-DEPTH:]


def has_begun(coro: Any) -> bool:
    """Has a coroutine made its first step?"""
    if type(coro) is not CoroutineType:
        return False
    return coro.cr_frame is None or coro.cr_suspended or coro.cr_running


def suspended_frames(waiting: Any) -> list[FrameType]:
    """Return the frames of a suspended coroutine, innermost last."""
    frames: list[FrameType] = []
    while len(frames) < 100:
        kind = type(waiting)
        if kind is CoroutineType:
            frame, waiting = waiting.cr_frame, waiting.cr_await
        elif kind is GeneratorType:
            frame, waiting = waiting.gi_frame, waiting.gi_yieldfrom
        elif kind is AsyncGeneratorType:
            frame, waiting = waiting.ag_frame, waiting.ag_await
        elif waiting is None or kind.__name__ == "FutureIter":
            break
        else:  # "async for" hides its generator in an object
            inside = gc.get_referents(waiting)
            inside = [one for one in inside if type(one) in SUSPENDED]
            waiting = inside[0] if inside else None
            continue
        if frame is None:
            break
        frames.append(frame)
    return frames


SUSPENDED = {CoroutineType, GeneratorType, AsyncGeneratorType}


def locals_of(frame: FrameType) -> dict[str, Any]:
    """Return the variables of a frame, and keep none of them alive."""
    its = frame.f_locals
    if its is frame.f_globals or sys.version_info >= (3, 13):
        return dict(its)
    copy = dict(its)
    if frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        its.clear()  # before 3.13 the frame keeps this dict
    return copy


def variable(frames: list[FrameType], value: object) -> str:
    """Return the name that the script has for an object, or ""."""
    if value is None:
        return ""
    for frame in reversed(frames):
        for scope in (locals_of(frame), frame.f_globals):
            for name, its in list(scope.items()):
                if its is value:
                    return name
            for name, its in list(scope.items()):
                with contextlib.suppress(AttributeError):
                    inside = object.__getattribute__(its, "__dict__")
                    if type(inside) is dict and type(its) is not ModuleType:
                        for attribute, one in list(inside.items()):
                            if one is value:
                                return f"{name}.{attribute}"
    return ""


def call_of(name: str, owner: str) -> str:
    """Return what stands in the script: "lock.acquire()" for Lock.acquire."""
    kind, _, method = name.partition(".")
    if name == "sleep":
        return "sleep({})"
    if kind == "TaskGroup":
        return f"async with {owner}: {{}}"
    if kind in ("as_completed", "_AsCompletedIterator"):
        return "as_completed()"
    if method in ("__aenter__", "__aexit__"):
        return f"async with {owner}"
    if method == "__anext__":
        return f"async for ... in {owner}"
    if method:
        return f"{owner}.{method}()"
    return "wait(): {}" if name == "wait" else f"{name}()"


def origin_of(future: Any) -> Any:
    """Return what a future stands for: a shielded one, a thread's."""
    for callback, _ in getattr(future, "_callbacks", None) or ():
        name = getattr(callback, "__qualname__", "")
        if name.startswith(("shield.", "_chain_future.")):
            names = callback.__code__.co_freevars
            for name, cell in zip(names, callback.__closure__, strict=True):
                if name in ("inner", "source"):
                    return cell.cell_contents
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


def any_frame(frame: FrameType | None, code: CodeType) -> bool:
    """Is this code running, below this frame?"""
    while frame is not None and frame.f_code is not code:
        frame = frame.f_back
    return frame is not None


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
    elif kind in (list, tuple) and depth:
        inner = ", ".join(brief(one, limit, depth - 1) for one in value[:10])
        text = f"[{inner}]" if kind is list else f"({inner})"
    elif isinstance(value, BaseException) and depth:
        inner = ", ".join(brief(one, limit, depth - 1) for one in value.args)
        text = f"{kind.__name__}({inner})"
    else:
        text = f"<{kind.__qualname__}>"
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def hidden_loop() -> str:
    """Return the name of a kind of event loop without Handles, or ""."""
    kinds = [asyncio.AbstractEventLoop]
    for kind in kinds:
        kinds += kind.__subclasses__()
        known = kind.__module__.startswith("asyncio.")
        if not known and not issubclass(kind, base_events.BaseEventLoop):
            return f"{kind.__module__}.{kind.__qualname__}"
    return ""


ON_SIGINT = runners.Runner._on_sigint.__code__  # type: ignore[attr-defined]


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
    lines = [json.dumps(event) for event in trace["events"]]
    return "\n".join(
        [
            f'{json.dumps(head)[:-1]}, "tasks": {{',
            ",\n".join(tasks),
            '}, "events": [',
            ",\n".join(lines),
            "]}\n",
        ]
    )


def hide_this_file(hook: Any, kind: Any, error: Any, trace: Any) -> None:
    """Print a traceback as it would be without the recorder."""
    errors = [error]
    for one in errors:
        kept: list[Any] = []
        trace = one.__traceback__
        while trace:
            if trace.tb_frame.f_code.co_filename != HERE:
                kept.append(trace)
            trace = trace.tb_next
        for this, following in pairwise([*kept, None]):
            this.tb_next = following
        one.__traceback__ = kept[0] if kept else None
        inside = getattr(one, "exceptions", ())
        for related in (one.__cause__, one.__context__, *inside):
            if related is not None and related not in errors:
                errors.append(related)
    hook(kind, error, error.__traceback__)


def drawing() -> ModuleType:
    """Import draw_timeline.py, which lies beside this file."""
    spec = importlib.util.spec_from_file_location(DRAWING.stem, DRAWING)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(recorder: Recorder, wanted: dict[str, str], source: bytes) -> None:
    """Write the parts of the trace that are wanted, at the end."""
    try:
        trace = recorder.trace()
        for part, path in wanted.items():
            if part == "json":
                text = as_json(trace)
            elif part == "page":
                text = drawing().page(trace, source.decode("utf-8", "replace"))
            else:
                text = getattr(drawing(), part)(trace)
            if path == "-":
                sys.stdout.write(text)
            else:
                Path(path).write_text(text, "utf-8")
    except (OSError, RuntimeError) as error:
        print(f"record_timeline: {error}", file=sys.stderr)
        return
    says = f"The timeline is in {wanted['page']}" if "page" in wanted else ""
    if recorder.reason:
        says = f"{says or 'The trace is written'}; it {recorder.reason}"
    if says:
        print(says, file=sys.stderr)


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
    path = os.path.abspath(options.script)
    wanted = {part: getattr(options, part) for part in PARTS}
    wanted = {part: file for part, file in wanted.items() if file}
    wanted = wanted or {"page": Path(path).stem + ".timeline.html"}
    for part, file in wanted.items():
        if file != "-":
            wanted[part] = os.path.abspath(file)
            if not os.path.isdir(os.path.dirname(wanted[part])):
                sys.exit(f"record_timeline: there is no folder for {file}")
        if part != "json" and not DRAWING.exists():
            sys.exit(f"record_timeline: it needs {DRAWING.name} beside it")
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        said = error.strerror
        sys.exit(f"record_timeline: cannot read {options.script}: {said}")
    recorder = Recorder(path, lines=options.lines)
    process = os.getpid()

    def finish() -> None:
        if os.getpid() == process:
            recorder.__exit__()
            write(recorder, wanted, source)

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
