"""Draw what asyncio did: the picture of a trace that was recorded.

    python draw_timeline.py trace.json                     an SVG
    python draw_timeline.py trace.json --table             the same in words
    python draw_timeline.py trace.json --page -o run.html  one file to share

The trace is what record_timeline.py writes. The picture needs no script,
takes its colours from the page that it is in, light or dark, and is the
same to the byte whenever and wherever it is drawn.

Its time axis is elastic. A step of a task takes microseconds, a wait
takes milliseconds: so each step is as wide as the number of the line at
which it stopped, and the time between steps shares the rest of the width
in proportion.
"""

import argparse
import hashlib
import json
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

Trace = dict[str, Any]
Event = dict[str, Any]

BLOCKS = 20_000  # microseconds: a longer step blocks the loop
GAP = 1_000  # microseconds: shorter pauses between steps are left out
ALIKE = 12  # more tasks than this of one kind become a group
WIDTH, TOP = 700, 26  # pixels: of the picture, of its row of ticks
ADVANCE = {  # pixels: a letter of each kind of text, at its widest
    "name": 6.7,
    "note": 5.5,
    "why": 5.5,
    "stop": 5.2,
    "end": 5.8,
    "tick": 5.8,
    "bar": 5.6,
    "hot": 6.0,
}
WORDS = {
    "run": "runs{at}",
    "block": "blocks the loop{at}",
    "other": "runs {label}",
    "thread": "runs {label}() for {by}{at}",
    "wait": "waits for {waited}{at}",
    "created": "is created by {by}, waits for its turn",
    "ready": "is woken by {by}, waits for its turn",
    "again": "is ready again, waits for its turn",
    "late": "is overdue: {label} is over, but the loop is blocked",
    "pause": "stands aside for an eager task that it creates",
    "idle": "sleeps, nobody is ready",
    "cancel": "is told to cancel by {by}{at}",
    "returned": "returned {detail}",
    "raised": "raised {detail}{at}",
    "cancelled": "was cancelled",
    "lost": "never ended: {detail}",
    "print": "prints: {text}",
}
LEGEND = {
    "run": "runs on the CPU",
    "other": "a callback, or a task of a library",
    "thread": "runs in another thread",
    "wait": "waits, for what is written above",
    "ready": "ready, waits for its turn",
    "late": "overdue: its wait is over, the loop is blocked",
    "block": "blocks the loop",
    "pause": "stands aside for an eager task",
    "idle": "idle: nobody is ready",
    "born": "created",
    "woke": "woken by",
    "cancel": "cancel() was called",
    "returned": "returned",
    "raised": "raised",
    "cancelled": "cancelled",
    "lost": "never ended",
}
SIGNS = {
    "returned": "m-3 0l2.2 2.6 4-5",
    "raised": "m-2.7-2.7l5.4 5.4m0-5.4l-5.4 5.4",
    "cancelled": "m-4 4l8-8",
    "lost": "m-3 0h6",
}
COLOURS = (
    "#3f51b5,#8c9eff #00796b,#4dd0bf #c2410c,#ff9e66 #a21caf,#f08cff",
    "#4d7c0f,#a6d65c #0277bd,#64c3ff #6a3de8,#b9a1ff #7a5c50,#c9a893",
)
STYLE = """
svg:root{color-scheme:light dark;background:var(--bg)}
.timeline-picture{
--fg:var(--ink,light-dark(#1d2b30,#e3eaea));
--bg:var(--paper,light-dark(#fff,#131b1f));
--soft:var(--md-default-fg-color--light,light-dark(#52636a,#a9b8ba));
--faint:var(--rule,light-dark(#d9e0e0,#2c3a40));
--amber:light-dark(#b26a00,#ffca28);--bad:light-dark(#c62828,#ff6e66);
--warn:light-dark(#bf4300,#ffa04d);--good:light-dark(#2e7d32,#7bd17f);
--mono:var(--md-code-font-family,ui-monospace,"DejaVu Sans Mono",monospace);
font:9.5px/1 var(--md-text-font-family,system-ui,sans-serif);
print-color-adjust:exact;
text{fill:var(--fg)}
.name{font:600 11px var(--mono)}.words{font:600 11.5px system-ui,sans-serif}
.note,.why{font:9px var(--mono);fill:var(--soft)}.tick,.bar{fill:var(--soft)}
.why,.end,.tick{paint-order:stroke;stroke:var(--bg);stroke-width:2.5px}
.hot,.stop{fill:var(--bg);font-weight:600;pointer-events:none}
.stop{font:600 8.5px var(--mono)}
.axis{stroke:var(--faint)}
.run,.thread,.dot,.tip{fill:var(--c)}.thread{stroke:var(--fg)}
.other{fill:var(--soft)}.idle{fill:var(--faint);opacity:.8}
.block{fill:var(--bad)}.veil{fill:var(--bad);opacity:.1}
.wait{fill:var(--hatch)}.hatch{fill:var(--soft);opacity:.6}
.ready{fill:var(--bg);stroke:var(--amber);stroke-width:1.4;
stroke-dasharray:1.5 2}
.late{fill:var(--stripe);stroke:var(--amber)}.stripe{fill:var(--amber)}
.pause{fill:none;stroke:var(--c);stroke-dasharray:4 2}
.born,.woke{fill:none;stroke:var(--soft)}
.woke{stroke:var(--c);stroke-width:1.2;stroke-dasharray:2 2}
.cancel{fill:var(--warn)}
.sign{fill:var(--bg);stroke:var(--c);stroke-width:1.5}
.returned{--c:var(--good)}.raised{--c:var(--bad)}
.cancelled,.lost{--c:var(--warn)}
.end{font:600 9.5px var(--mono);fill:var(--c)}
.area{fill:var(--c);stroke:var(--bg);fill-opacity:.45}
.queue{--c:var(--amber)}
}
"""
PAGE = """
:root{color-scheme:light dark;--ink:light-dark(#1d2b30,#e3eaea);
--paper:light-dark(#fff,#131b1f);--rule:light-dark(#d9e0e0,#2c3a40);
--panel:light-dark(#f5f7f6,#1a2429)}
body{background:var(--paper);color:var(--ink);margin:0;
font:20px/1.5 system-ui,sans-serif}
main{max-width:76rem;margin:auto;padding:.8rem;gap:0 1.4rem;display:grid;
grid-template-columns:minmax(0,1fr)}h1{font-size:1rem;margin:.2rem 0}
pre{margin:0;padding:.5rem 0 .5rem 1.4rem;overflow:auto;font-size:.65rem;
background:var(--panel);max-height:40vh}
.highlight{border:1px solid var(--rule);font-size:.7rem;margin-bottom:.6rem}
.filename{display:block;padding:.2rem .7rem;font-weight:600}
@media(min-width:70rem){main{grid-template-columns:2fr 3fr}
h1{grid-column:1/3}.language-python pre{max-height:60vh}}
"""


class TraceError(ValueError):
    """What was given is not a trace that this can draw."""


@dataclass
class Span:
    """A time, in microseconds, and what a lane did; or a mark, at once."""

    state: str
    start: int
    about: Event
    end: int = -1

    @property
    def lasts(self) -> int:
        """Its length, in microseconds."""
        return self.end - self.start

    @property
    def lines(self) -> list[int]:
        """The lines of the script that it is about, in order."""
        ran, line = self.about.get("lines") or [], self.about.get("line")
        return list(dict.fromkeys(n for n, _ in ran)) or [line] * bool(line)

    @property
    def is_step(self) -> bool:
        """Work of the loop that is the reader's, or long enough to see."""
        own = self.state in ("run", "block") or "line" in self.about
        return self.state != "idle" and (own or self.lasts > GAP)


@dataclass
class Lane:
    """A row of the picture: a task, a thread or an event loop."""

    who: str
    name: str
    note: str = ""
    kind: tuple[str, ...] = ()  # functions: its own, before it its parents'
    parent: str = ""
    colour: int = 0
    spans: list[Span] = field(default_factory=list)
    marks: list[Span] = field(default_factory=list)

    def enter(self, state: str, start: int, about: Event) -> None:
        """Begin a state, and end the one before."""
        self.leave(start)
        self.spans.append(Span(state, start, about))

    def leave(self, end: int) -> None:
        """End the present state, if there is one."""
        if self.spans and self.spans[-1].end < 0:
            self.spans[-1].end = end

    @property
    def fate(self) -> str:
        """How it ended: a key of SIGNS; "" if it was not seen to end."""
        return next((m.state for m in self.marks if m.state in SIGNS), "")

    @property
    def verdict(self) -> str:
        """What is written beside its end: nothing if all is well."""
        if self.fate == "raised":
            return str(self.marks[-1].about["detail"]).split("(")[0]
        return self.fate.replace("returned", "")


class Run:
    """What a trace says, lane by lane."""

    def __init__(self, trace: Trace):
        self.trace = trace
        self.tasks: dict[str, Lane] = {}
        self.threads: dict[str, Lane] = {}
        self.loops = {"loop": Lane("loop", "event loop", "one thread")}
        self.made_by: dict[str, str] = {}
        try:
            if trace["version"] != 1:
                raise TraceError("only version 1 of the format is known")
            for event in trace["events"]:
                self._take(event)
            self._finish()
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise TraceError(f"the trace is damaged: {error!r}") from None

    def _take(self, event: Event) -> None:
        who, ev, t = event["who"], event["ev"], event["t"]
        task = self.trace["tasks"].get(who)
        if ev == "create":
            self.made_by[who] = event["by"]
            if task["shown"]:
                self._add(who, task, event)
        lane = self.tasks.get(who)
        loop = self._loop(task.get("loop", "loop") if task else who)
        stops = ev in ("wait", "pause", "end", "lost")
        if task and ev == "run":
            about = event | {"label": task["name"]}
            loop.enter("run" if lane else "other", t, about)
        elif task and stops and loop.spans:
            if loop.spans[-1].about["who"] == who:
                loop.leave(t)
        elif ev in ("idle", "call"):
            loop.enter("idle" if ev == "idle" else "other", t, event)
            loop.leave(t + event["dur"])
        elif who.startswith("thread ") and event.get("by") in self.tasks:
            thread = self.threads.setdefault(who, Lane(who, who))
            if ev == "run":
                thread.enter("thread", t, event)
            elif ev == "end":
                thread.leave(t)
        if lane and ev in ("run", "wait", "pause"):
            lane.enter(ev, t, event)
        elif lane and ev == "ready" and lane.spans[-1].state != "ready":
            lane.enter("ready", t, event)
        elif lane and ev in ("print", "cancel", "end", "lost"):
            state = str(event.get("how", ev))
            lane.marks.append(Span(state, t, event, t))
            if stops:
                lane.leave(t)

    def _loop(self, who: str) -> Lane:
        if not who.startswith("loop "):
            return self.loops["loop"]
        note = who.removeprefix("loop ")
        return self.loops.setdefault(who, Lane(who, "event loop", note))

    def _add(self, who: str, task: dict[str, Any], event: Event) -> None:
        """A lane for a task: called by its own name, if it has one."""
        by, names = event["by"], [task["name"], task["call"]]
        while by in self.made_by and by not in self.tasks:
            by = self.made_by[by]
        if names[0].removeprefix("Task-").isdigit():
            names.reverse()
        above = self.tasks[by].kind if by in self.tasks else ()
        kind = (*above, task["call"].split("(")[0])
        colour = len(self.tasks) % 8
        lane = Lane(who, names[0], names[1], kind, by, colour)
        self.tasks[who] = lane
        lane.enter("ready", event["t"], event)

    def _finish(self) -> None:
        """Close what is open, and find what blocks and what is overdue."""
        tasks, loops = [*self.tasks.values()], [*self.loops.values()]
        steps = [s for x in (*tasks, *loops) for s in (*x.spans, *x.marks)]
        steps = [s for s in steps if s.about["who"] in self.tasks or s.is_step]
        self.first = min((s.start for s in steps), default=0)
        self.last = max((max(s.start, s.end) for s in steps), default=0)
        for lane in (*tasks, *loops, *self.threads.values()):
            lane.leave(self.last)
            lane.spans = [
                span
                for span in lane.spans
                if span.start <= self.last and span.end >= self.first
            ]
            for span in lane.spans:
                span.end = min(span.end, self.last)
                if span.state in ("run", "other") and span.lasts > BLOCKS:
                    span.state = "block"
        blocks = [s for x in loops for s in x.spans if s.state == "block"]
        self.blocks = blocks
        for lane in tasks:
            lane.spans = [*self._overdue(lane)]

    def _overdue(self, lane: Lane) -> Iterator[Span]:
        """Split off what a wait lasted longer because of a block."""
        for span in lane.spans:
            due = max(span.about.get("until") or span.end, span.start)
            late = span.state == "wait" and due < span.end
            if late and any(
                due < block.end and block.start < span.end for block in self.blocks
            ):
                yield Span("wait", span.start, span.about, due)
                yield Span("late", due, span.about, span.end)
            else:
                yield span

    def family(self, parent: str | None = None) -> list[Lane]:
        """Each task, followed by those that it created."""
        found = []
        for lane in self.tasks.values():
            above = lane.parent if lane.parent in self.tasks else None
            if above == parent:
                found += [lane, *self.family(lane.who)]
        return found

    def rows(self, fold: bool) -> list[list[Lane]]:
        """The tasks, each in a row; alike ones, but for two, in one."""
        lanes, rows = self.family(), list[list[Lane]]()
        many = Counter(lane.kind for lane in lanes)
        kinds: dict[tuple[str, ...], list[list[Lane]]] = {}
        for lane in lanes:
            mine = kinds.setdefault(lane.kind, [])
            if fold and many[lane.kind] > ALIKE and len(mine) == 3:
                mine[2].append(lane)
            else:
                mine.append([lane])
                rows.append(mine[-1])
        return rows

    def name(self, who: str) -> str:
        """What to call whoever made or woke a task."""
        if who in self.tasks:
            return self.tasks[who].name
        if who in self.trace["tasks"]:
            return str(self.trace["tasks"][who]["name"])
        if who in ("timer", "timeout", "socket"):
            return f"a {who}"
        return {"main": "the script", "loop": "the event loop"}.get(who, who)

    def says(self, span: Span) -> str:
        """A span in words, to follow the name of its lane."""
        about, state, where = span.about, span.state, ""
        lines = span.lines
        if state == "block" and about.get("slow"):
            lines = [about["slow"]]
        if lines:
            low, high = min(lines), max(lines)
            where = f", lines {low} to {high}" if low < high else f", line {low}"
        if about["ev"] == "create":
            state = "created"
        elif state == "ready" and about.get("by") == about["who"]:
            state = "again"
        by = self.name(about.get("by") or "somebody")
        fields = {"label": "", "detail": "", **about, "by": by, "at": where}
        return WORDS[state].format(**fields, waited=waited(about)).strip()

    def story(self, lane: Lane) -> str:
        """What a task waited for, and how it ended."""
        waits = [
            f"{waited(span.about)} ({ms(span.lasts)})"
            for span in lane.spans
            if span.state == "wait"
        ]
        if len(waits) > 6:
            waits[6:] = [f"{len(waits) - 6} more"]
        ends = [self.says(m) for m in lane.marks if m.state in SIGNS]
        end = f", and {ends[0]}" if ends else ""
        return f"{lane.name} waited for {', '.join(waits) or 'nothing'}{end}."

    def sentence(self) -> str:
        """How many tasks, how long, how much of it was work."""
        spans = [s for x in self.loops.values() for s in x.spans]
        worked = ms(sum(s.lasts for s in spans if s.state != "idle"))
        threads = len(self.loops) + len(self.threads)
        where, who = "one thread", "the thread"
        if threads > 1:
            where, who = f"{threads} threads", "the loop"
        total = ms(self.last - self.first)
        tasks = count(len(self.tasks), "task")
        return f"{tasks}, {where}, {total}, of which {who} worked {worked}."


def ms(us: float) -> str:
    """Microseconds as the reader's milliseconds."""
    return f"{us / 1000:.0f} ms" if us >= 9950 else f"{us / 1000:.1f} ms"


def count(n: int, what: str) -> str:
    """A number and its noun."""
    return f"{n} {what}{'s' * (n != 1)}"


def waited(about: Event) -> str:
    """What a wait is for: its label, and how many tasks."""
    label, tasks = str(about.get("label", "")), len(about.get("on") or ())
    if not tasks or ": " in label:
        return label
    return f"{label}: {count(tasks, 'task')}"


def shorter(label: str) -> Iterator[str]:
    """A label, and what can stand for it where it is too long."""
    yield label
    yield (bare := label.split(": ")[0])
    yield (name := bare.split("(")[0])
    yield name.split(".")[-1]


def num(x: float) -> str:
    """A coordinate, as short as it can be."""
    return f"{x:.1f}".removesuffix(".0")


def box(x: float, y: float, width: float, height: float) -> str:
    """A rectangle, as a piece of a path."""
    w = num(max(width, 0.6))
    return f"M{num(x)} {num(y)}h{w}v{num(height)}h-{w}z"


def bar(x: float, y: float, width: float, height: float) -> str:
    """A rectangle that leaves a gap to the next, if it is wide enough."""
    return box(x, y, width - (0.5 if width > 3 else 0), height)


def sign(how: str) -> str:
    """The mark of an end, drawn around where the pen is."""
    return "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0m6 0" + SIGNS[how]


class Scale:
    """Time to x: steps can be seen, what is between is in proportion."""

    def __init__(self, run: Run, wanted: float, left: float, right: float):
        edges = Counter[int]()
        for loop in run.loops.values():
            for span in filter(lambda span: span.is_step, loop.spans):
                edges[span.start] += 1
                edges[span.end] -= 1
        points = sorted({*edges, run.first, run.last})
        pieces, depth = list[tuple[int, bool]](), 0
        for a, b in pairwise(points):
            depth += edges[a]
            seen = depth > 0 or b - a >= GAP
            pieces.append((b - a if seen else 0, depth > 0))
        width, steps = right - left, sum(step for _, step in pieces)
        self.least = min(wanted, 0.6 * width / max(1, steps))

        def sizes(k: float) -> list[float]:
            low = self.least
            return [max(low * step, k * d) for d, step in pieces]

        low, high = 0.0, 2 * width / max(1, run.last - run.first)
        for _ in range(60):
            k = (low + high) / 2
            low, high = (k, high) if sum(sizes(k)) < width else (low, k)
        self.widened = self.least / low if low else 0.0
        self.times, self.xs = points, [left]
        for size in sizes(low):
            self.xs.append(self.xs[-1] + size)

    def at(self, t: int) -> float:
        """Where a time is, in pixels."""
        i = bisect_left(self.times, t)
        if i in (0, len(self.times)):
            return self.xs[min(i, len(self.xs) - 1)]
        (a, b), (x, y) = self.times[i - 1 : i + 1], self.xs[i - 1 : i + 1]
        return x + (y - x) * (t - a) / (b - a)

    def knots(self) -> str:
        """Pairs of a time and its x, for who wants to go back."""
        kept = [(self.times[0], self.xs[0])]
        for t, x in zip(self.times[1:], self.xs[1:], strict=True):
            at, left = kept[-1]
            if x - left >= 1 or t - at >= GAP or t == self.times[-1]:
                kept.append((t, x))
        return " ".join(f"{t},{num(x)}" for t, x in kept)


class Canvas:
    """Shapes, and texts on top of them, of which no two overlap."""

    def __init__(self) -> None:
        self.shapes: list[str] = []
        self.texts: list[str] = []
        self.used: set[str] = set()
        self.taken: list[tuple[float, float, float, float]] = []

    def __str__(self) -> str:
        return "".join(self.shapes + self.texts)

    def shape(
        self, cls: str, path: str, tip: str = "", lines: Iterable[int] = ()
    ) -> None:
        """Add a path, with what it says when pointed at, and its lines."""
        self.used |= {*cls.split()}
        data = " ".join(map(str, lines))
        data = f' data-lines="{data}"' if data else ""
        tip = f"<title>{escape(tip, quote=False)}</title>" if tip else ""
        self.shapes.append(f'<path class="{cls}"{data} d="{path}">{tip}</path>')

    def text(self, cls: str, x: float, y: float, room: float, *choices: str) -> None:
        """Write the first of the choices that fits; else the last, cut."""
        fits = int(room / ADVANCE[cls.split()[0]])
        last = choices[-1]
        cut = last[: fits - 1] + "…" if 6 < fits < len(last) else ""
        if cut and cls == "name":  # its end tells it from the others
            cut = f"{last[: fits // 2]}…{last[-((fits - 1) // 2) :]}"
        for text in filter(None, (*choices, cut)):
            width = len(text) * ADVANCE[cls.split()[0]]
            if len(text) <= fits and self.take(x, y - 8, width, 10):
                self._write(cls, x, y, text)
                return

    def label(self, cls: str, a: float, b: float, y: float, *choices: str) -> None:
        """Write the first of the choices that fits between two x, if any."""
        for text in choices:
            width, x = len(text) * ADVANCE[cls], (a + b) / 2
            if width < b - a + 2:
                if self.take(x - width / 2, y - 8, width, 10):
                    self._write(f'{cls}" text-anchor="middle', x, y, text)
                return

    def _write(self, cls: str, x: float, y: float, text: str) -> None:
        at = f'x="{num(x)}" y="{num(y)}"'
        words = escape(text, quote=False)
        self.texts.append(f'<text class="{cls}" {at}>{words}</text>')

    def take(self, x: float, y: float, w: float, h: float) -> bool:
        """Reserve a place; False if some of it is taken."""
        free = all(
            x >= c or a >= x + w or y >= d or b >= y + h for a, b, c, d in self.taken
        )
        if free:
            self.taken.append((x, y, x + w, y + h))
        return free


class Picture:
    """A run, laid out and drawn."""

    def __init__(self, trace: Trace, fold: bool, prefix: str | None):
        self.run = run = Run(trace)
        self.id = prefix or f"t{str(trace.get('sha256'))[:8]}"
        self.id += "" if fold else "-all"
        self.rows = run.rows(fold)
        lanes = [row[0] for row in self.rows if len(row) == 1]
        self.low = len(self.rows) > 9
        self.depth = {who: self._depth(who) for who in run.tasks}
        names = [len(x.name) * 6.7 + 9 * self.depth[x.who] for x in lanes]
        line = max([0, *(n for x in lanes for s in x.spans for n in s.lines)])
        self.step = max(11, 2 + 5.2 * len(str(line)))
        for row in self.rows:
            if len(row) > 1:
                names += [6.7 * len(crowd_name(row))]
                names += [5.5 * len(x) + 40 for x in stack(row)[0]]
        self.left = 24 + min(150, max([84, *names]))
        right = WIDTH - 18.0
        for _ in range(2):  # the second time with room for the verdicts
            self.scale = Scale(run, self.step, self.left, right)
            self.x = self.scale.at
            for lane in (x for x in lanes if x.verdict):
                end = self.x(lane.marks[-1].start) + 18
                right -= max(0, end + 5.8 * len(lane.verdict) - WIDTH)
        self.y, y = dict[str, float](), TOP + 40.0 * len(run.loops) + 6
        for row in self.rows:
            if len(row) == 1:
                self.y[row[0].who] = y + (12 if self.low else 17)
                y += 21 if self.low else 34
            else:
                self.y[f"group {row[0].who}"] = y
                y += max(62, 26 + 13 * len(stack(row)[0]))
        for thread in run.threads.values():
            self.y[thread.who] = y + 13
            y += 24
        self.bottom = y + 4
        self.canvas, self.names = Canvas(), Canvas()
        self._axis()
        for i, loop in enumerate(run.loops.values()):
            self._loop(loop, TOP + 40 * i)
        for lane in lanes:
            self._arrows(lane)
        for row in self.rows:
            if len(row) == 1:
                self._task(row[0])
            else:
                self._group(row)
        for thread in run.threads.values():
            self._thread(thread)

    def _depth(self, who: str) -> int:
        parent = self.run.tasks[who].parent
        return 1 + self._depth(parent) if parent in self.run.tasks else 0

    def svg(self) -> str:
        """The picture."""
        run, p = self.run, self.id
        tasks, total = count(len(run.tasks), "task"), ms(run.last - run.first)
        title = f"What {run.trace['script']} did: {tasks} in {total}"
        if not run.trace["complete"]:
            title += ", incomplete"
        stories = [
            crowd(row) if len(row) > 1 else run.story(row[0]) for row in self.rows
        ]
        pattern = '<pattern id="{0}-{1}" width="{2}" height="{2}" {3}>'.format
        units = 'patternUnits="userSpaceOnUse"'
        turned = f'{units} patternTransform="rotate(45)"'
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" class='
            f'"timeline-picture" viewBox="0 0 {WIDTH} {num(self.bottom)}"'
            f' role="img" aria-labelledby="{p}-title" aria-describedby='
            f'"{p}-desc" style="{self.fills()}" data-knots='
            f'"{self.scale.knots()}"><title id="{p}-title">{escape(title)}'
            f'</title><desc id="{p}-desc">{escape(" ".join(stories))}</desc>'
            f"<style>{style()}</style><defs>{pattern(p, 'hatch', 5, turned)}"
            '<path class="hatch" d="M0 0h2v5h-2z"/></pattern>'
            f"{pattern(p, 'stripe', 4, units)}"
            '<path class="stripe" d="M0 0h2v4h-2z"/></pattern></defs>'
            f'{self.canvas}<g class="timeline-picture" id="{p}-names">'
            f"{self.names}</g></svg>"
        )

    def fills(self) -> str:
        """The patterns, by the names that the style has for them."""
        names = "hatch", "stripe"
        return ";".join(f"--{name}:url(#{self.id}-{name})" for name in names)

    def _axis(self) -> None:
        """Ticks at their true times, and a veil where nothing can run."""
        run, step, path = self.run, 1_000, ""
        while (run.last - run.first) / step > 8:
            step = step * 5 // 2 if str(step)[0] == "2" else step * 2
        for t in range(0, run.last - run.first + 1, step):
            x = self.x(run.first + t)
            path += f"M{num(x)} {TOP - 4}V{num(self.bottom - 2)}"
            if t:
                text = f"{t // 1000}"
                self.canvas.label("tick", x - 15, x + 15, TOP - 9, text)
            else:
                self.canvas.text("tick", x, TOP - 9, 40, "0 ms")
        path += f"M0 {TOP + 40 * len(run.loops)}H{WIDTH}"
        self.canvas.shape("axis", path)
        for span in run.blocks:
            a, b = self.x(span.start), self.x(span.end)
            height = self.bottom - TOP
            self.canvas.shape("veil", box(a, TOP - 2, b - a, height))

    def _loop(self, lane: Lane, y: float) -> None:
        """Who has the thread, by colour; and when nobody has."""
        self.names.text("name words", 8, y + 15, 200, lane.name)
        self.names.text("note", 8, y + 27, self.left - 12, lane.note)
        paths, seen = {"idle": ""}, set[int]()
        for span in lane.spans:
            a, b = self.x(span.start), self.x(span.end)
            task, cls, draw = self.run.tasks.get(span.about["who"]), span.state, bar
            if cls == "idle":
                text, draw = f"idle {ms(span.lasts)}", box
                self.canvas.label("bar", a, b - 6, y + 19.5, text, "idle")
            elif not span.is_step or (b - a < 1 and round(a) in seen):
                continue
            elif task:
                cls = f"run hue{task.colour}"
            elif cls == "block":
                self._blocked(span, y + 19.5)
            seen.add(round(a))
            paths[cls] = paths.get(cls, "") + draw(a, y + 8, b - a, 16)
        for cls, path in paths.items():
            if path:
                self.canvas.shape(cls, path)

    def _blocked(self, span: Span, y: float) -> None:
        """Say which line holds everybody up, and for how long."""
        about = span.about
        line = about.get("slow") or about.get("line")
        who = f"line {line}" if line else about.get("label", "")
        who = f"{who} blocks".strip()
        long = f"{who} the loop: {ms(span.lasts)}"
        a, b = self.x(span.start), self.x(span.end)
        short = f"{who}: {ms(span.lasts)}"
        self.canvas.label("hot", a, b - 6, y, long, short, who, "blocks")

    def _arrows(self, lane: Lane) -> None:
        """Who created it, and who woke it."""
        y = self.y[lane.who]
        for span in lane.spans:
            new, x = span.about["ev"] == "create", self.x(span.start)
            by = lane.parent if new else span.about.get("by")
            if span.state != "ready" or by == lane.who or by not in self.y:
                continue
            start, d = self.y[by], 1 if y > self.y[by] else -1
            task = self.run.tasks.get(by)
            colour = f"hue{task.colour}" if task else "hue5"
            if new:
                path = f"M{num(x)} {num(start)}V{num(y - 4)}"
                self.canvas.shape("born", path)
            else:
                path = f"M{num(x)} {num(start + 8 * d)}V{num(y - 7 * d)}"
                self.canvas.shape(f"woke {colour}", path)
                tip = f"M{num(x - 3)} {num(y - 9 * d)}h6l-3 {4 * d}z"
                self.canvas.shape(f"tip {colour}", tip)

    def _task(self, lane: Lane) -> None:
        """One task: its states, what it waits for, its marks."""
        y, colour, canvas = self.y[lane.who], f"hue{lane.colour}", self.canvas
        half, sink = (6, 4) if self.low else (8, 0)
        left = 8 + 9 * min(self.depth[lane.who], 6)
        room = self.left - left - 14
        dot = f"M{left} {num(y - 4 + sink)}"
        dot += "a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0"
        self.names.shape(f"dot {colour}", dot)
        self.names.text("name", left + 12, y + sink, room, lane.name)
        if not self.low:
            self.names.text("note", left + 12, y + 11, room, lane.note)
        for mark in lane.marks:
            x, tip = self.x(mark.start), f"{lane.name} {self.run.says(mark)}"
            if mark.state == "cancel":
                top = y - half - 8
                canvas.take(x - 4.5, top, 9, 7)
                path = f"M{num(x - 4.5)} {num(top)}h9l-4.5 7z"
                canvas.shape("cancel", path, tip, mark.lines)
            elif mark.state in SIGNS:
                canvas.take(x, y - half, 14, 2 * half)
                path = f"M{num(x + 7)} {num(y)}{sign(mark.state)}"
                canvas.shape(f"sign {mark.state}", path, tip, mark.lines)
                room, cls = WIDTH - x - 16, f"end {mark.state}"
                canvas.text(cls, x + 16, y + 3, room, lane.verdict)
        later = [*lane.spans[1:], None]
        numbered, seen = self.scale.least == self.step, set[tuple[str, int]]()
        for span, after in zip(lane.spans, later, strict=True):
            a, b = self.x(span.start), self.x(span.end)
            tip = f"{lane.name} {self.run.says(span)}: {ms(span.lasts)}"
            state, lines, pixel = span.state, span.lines, (span.state, round(a))
            if b - a < 1 and pixel in seen:
                continue
            seen.add(pixel)
            if state in ("run", "block"):
                stop = after.lines if after and after.state == "wait" else []
                path = bar(a, y - half, b - a, 2 * half)
                canvas.shape(f"{state} {colour}", path, tip, lines or stop)
                if state == "block":
                    self._blocked(span, y + 3.5)
                elif stop and numbered:
                    canvas.label("stop", a, b, y + 3, str(stop[0]))
            elif state == "wait":
                canvas.shape(state, box(a, y - 3, b - a, 6), tip, lines)
                texts = shorter(waited(span.about))
                canvas.text("why", a + 4, y - 5.5, b - a - 6, *texts)
            elif b - a >= 2:
                path = box(a + 0.7, y - 5, b - a - 1.4, 10)
                canvas.shape(f"{state} {colour}", path, tip, lines)

    def _group(self, lanes: list[Lane]) -> None:
        """How many of them are in which state: areas, stacked."""
        y, names = self.y[f"group {lanes[0].who}"], self.names
        room = self.left - 12
        names.text("name", 8, y + 13, room, crowd_name(lanes))
        states, counts = stack(lanes)
        unit = 54 / max(sum(row) for _, row in counts)
        points = {float(round(self.x(t))): row for t, row in counts}
        xs = [*points]
        for i, (state, peak) in enumerate(states.items()):
            over = under = ""
            widest = 0.0, 0.0, 0.0
            low = y + 58
            for a, b in pairwise([*xs, xs[-1]]):
                over += f"H{num(a)}V{num(y + 58 - unit * sum(points[a][: i + 1]))}"
                under = f"V{num(low)}H{num(a)}" + under
                low = y + 58 - unit * sum(points[a][:i])
                if points[a][i] * unit >= 11:
                    middle = low - points[a][i] * unit / 2 + 3
                    widest = max(widest, (b - a, a, middle))
            cls = f"area {'queue' if state == 'ready' else f'hue{(i + 1) % 8}'}"
            path = f"M{num(xs[0])} {num(y + 58)}{over}V{num(low)}{under}z"
            self.canvas.shape(cls, path, f"at most {peak} at once: {state}")
            wide, a, middle = widest
            self.canvas.label("bar", a, a + wide - 6, middle, state)
            base = y + 26 + 13 * i
            names.shape(cls, box(9, base - 8, 10, 9))
            names.text("note", 24, base, room - 14, f"{state} ≤ {peak}")

    def _thread(self, lane: Lane) -> None:
        """What runs in another thread, in the colour of who asked."""
        y, name = self.y[lane.who], lane.name.removeprefix("thread ")
        self.names.text("name", 8, y + 4, self.left - 12, lane.name, name)
        for span in lane.spans:
            a, b = self.x(span.start), self.x(span.end)
            colour = self.run.tasks[span.about["by"]].colour
            tip = f"{lane.name} {self.run.says(span)}: {ms(span.lasts)}"
            path = box(a, y - 7, b - a, 14)
            self.canvas.shape(f"thread hue{colour}", path, tip, span.lines)
            text = f"{span.about['label']}()"
            self.canvas.label("hot", a, b - 6, y + 3.5, text)

    def legend(self) -> str:
        """The marks that occur, as the items of a list."""
        path = dict.fromkeys(LEGEND, "M1 2h20v10h-20z")
        path |= {"born": "M1 7h20", "woke": "M1 7h20", "cancel": "M6 3h10l-5 8z"}
        path |= {"wait": "M1 4h20v6h-20z", "pause": "M1 4h20v6h-20z"}
        path |= {how: f"M11 7{sign(how)}" for how in SIGNS}
        return "".join(
            '<li><svg class="timeline-picture" width="22" height="14"'
            ' aria-hidden="true"><path class="'
            f'{f"sign {name}" if name in SIGNS else f"{name} hue0"}"'
            f' d="{path[name]}"/></svg>'
            f"{words}</li>"
            for name, words in LEGEND.items()
            if name in self.canvas.used
        )


def style() -> str:
    """The style of the picture, on one line."""
    pairs = " ".join(COLOURS).split()
    colours = (f".hue{i}{{--c:light-dark({pair})}}" for i, pair in enumerate(pairs))
    return STYLE.replace("\n", "") + "".join(colours)


def stack(
    lanes: list[Lane],
) -> tuple[dict[str, int], list[tuple[int, list[int]]]]:
    """How many lanes are in which state, from when on.

    Returns the states with the most that were in each at once, fewest
    first, and rows of a time and a number for each of the states.
    """
    changes, peaks, now = [], Counter[str](), Counter[str]()
    for span in (span for lane in lanes for span in lane.spans):
        if span.state in ("wait", "ready", "late"):
            name = str(span.about.get("label", "")).split("(")[0]
            name = name if span.state == "wait" else "ready"
            changes += [(span.start, 1, name), (span.end, -1, name)]
    for _, n, name in sorted(changes):
        now[name] += n
        peaks[name] = max(peaks[name], now[name])
    common = sorted(peaks, key=lambda name: (-peaks[name], name))[:5]
    order = sorted(common, key=lambda name: (name == "ready", peaks[name], name))
    rows = dict[int, list[int]]()
    for t, n, name in sorted(changes):
        now[name] += n
        rows[t] = [now[name] for name in order]
    return {name: peaks[name] for name in order}, [*rows.items()]


def crowd_name(lanes: list[Lane]) -> str:
    """What a group is called."""
    return f"{len(lanes)} more {lanes[0].kind[-1]}()"


def crowd(lanes: list[Lane]) -> str:
    """What a group did, in a sentence."""
    most = [f"{peak} {name}" for name, peak in stack(lanes)[0].items()]
    ends = Counter(lane.fate for lane in lanes)
    how = ", ".join(f"{n} {LEGEND[end]}" for end, n in ends.items() if end)
    return f"{crowd_name(lanes)}: at once at most {', '.join(most)}; {how}."


def svg(trace: Trace, fold: bool = True, prefix: str | None = None) -> str:
    """Draw a trace as one SVG, for a page or as a file of its own.

    With fold=False each task has a lane, however many are alike. The
    prefix begins each id, which must be unique on a page; without one it
    comes from the script's hash. Raises TraceError.
    """
    return Picture(trace, fold, prefix).svg()


def table(trace: Trace, fold: bool = False) -> str:
    """Say in an HTML table what the picture shows; times in milliseconds.

    A row is what a task did for a time, or a mark, in order of time; with
    fold=True a group of alike tasks has one row. Raises TraceError.
    """
    run, rows = Run(trace), list[tuple[int, str, str, int]]()
    lanes = [*run.threads.values()]
    for row in run.rows(fold):
        if len(row) == 1:
            lanes += row
        else:
            who, _, says = crowd(row).partition(": ")
            start = min(lane.spans[0].start for lane in row)
            rows.append((start, who, says, 0))
    for lane in (*lanes, *run.loops.values()):
        for span in (*lane.spans, *lane.marks):
            others = span.about["who"] not in run.tasks and span.is_step
            if lane.who not in run.loops or others:
                says = run.says(span)
                rows.append((span.start, lane.name, says, span.lasts))
    body = "".join(
        f"<tr><td>{(t - run.first) / 1000:.1f}</td><td>{escape(who)}</td>"
        f"<td>{escape(says)}</td><td>{f'{d / 1000:.1f}' if d else ''}</td>"
        "</tr>"
        for t, who, says, d in sorted(rows, key=lambda row: row[0])
    )
    heads = ("at, ms", "who", "does what", "for, ms")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<table class="timeline-table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def figure(
    trace: Trace,
    data: str | None = None,
    unfolded: str | None = None,
    prefix: str | None = None,
) -> str:
    """Make the picture a part of a page: one line of HTML.

    It adds a legend, a sentence on the axis, the table, and the trace for
    the player, unless `data` is the address of its file. If tasks are
    folded, a second picture has a lane for each; `unfolded` may be the
    address of that one, made by svg(trace, fold=False). Raises TraceError.
    """
    picture = Picture(trace, True, prefix)
    run, said = picture.run, [picture.run.sentence()]
    if picture.scale.widened >= GAP:
        said.append(
            "The time axis is stretched where the loop is busy: steps shorter"
            f" than {ms(picture.scale.widened)} are drawn wider than they were."
        )
    if not trace["complete"]:
        said.append("The recording stopped before the script did.")
    if trace.get("error"):
        said.append(f"The script ended with {trace['error']}.")
    said.append(f"Recorded on Python {trace['python']}.")
    more = link = ""
    if any(len(row) > 1 for row in picture.rows):
        more = f'<img src="{escape(unfolded or "")}" alt="" loading="lazy">'
        if unfolded is None:
            more = svg(trace, False, prefix)
        more = (
            f"<details><summary>Each of the {len(run.tasks)} tasks</summary>"
            f'<div class="timeline-frame timeline-all" tabindex="0">{more}'
            "</div></details>"
        )
    script = escape(str(trace["script"]))
    if data:
        link = f' data-trace="{escape(data)}"'
    else:
        link = f' data-recording="{escape(slim(trace))}"'
    gutter, height = num(picture.left), num(picture.bottom)
    return (
        f'<figure class="timeline" data-search-exclude data-script="{script}"'
        f'{link} style="--gutter:{gutter};--width:{WIDTH};{picture.fills()}">'
        f'<div class="timeline-frame" tabindex="0" role="region" aria-label="Timeline'
        f' of {script}"><svg class="timeline-picture timeline-names" viewBox='
        f'"0 0 {gutter} {height}" aria-hidden="true"><use xlink:href='
        f'"#{picture.id}-names"/></svg>{picture.svg()}</div><figcaption>'
        f'<ul class="timeline-legend">{picture.legend()}</ul>'
        f"<p>{escape(' '.join(said))}</p></figcaption>"
        "<details><summary>The same as a table</summary>"
        f'<div class="timeline-frame" tabindex="0">{table(trace, True)}'
        f"</div></details>{more}</figure>"
    )


def slim(trace: Trace) -> str:
    """What of a trace the player needs, as JSON."""
    tasks = {k: v for k, v in trace["tasks"].items() if v["shown"]}
    drop = {"stack", "on", "until", "slow", "with", "detail", "kind"}
    events = [
        {k: v for k, v in event.items() if k not in drop and v is not None}
        for event in trace["events"]
        if event["who"] in tasks or event["who"] not in trace["tasks"]
        if event["ev"] not in ("call", "idle")
    ]
    part = {"script": trace["script"], "tasks": tasks, "events": events}
    return json.dumps(part, separators=(",", ":"), ensure_ascii=False)


def page(trace: Trace, source: str) -> str:
    """Make one HTML file of it all: source, output, picture, player.

    It asks for nothing from anywhere. Without timeline.css and timeline.js
    beside this file it has no player. Raises TraceError.
    """
    script = escape(str(trace["script"]))
    printed = "".join(
        f"{event['text']}\n"
        for event in trace["events"]
        if event["ev"] == "print" and event.get("stream") != "err"
    )
    code = block(script, source, "python", 0)
    if printed:
        code += block("Output", printed, "text", 1)
    css = asset("timeline.css") or ".timeline-names{display:none}"
    js = asset("timeline.js").replace("</", "<\\/")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{script}: what its tasks did</title><style>{PAGE}{css}"
        f"</style></head><body><main><h1>{script}: what its tasks did</h1>"
        f"<div>{code}</div><div>{figure(trace)}</div></main>"
        f'<script type="module">{js}</script></body></html>\n'
    )


def block(title: str, text: str, language: str, number: int) -> str:
    """Code as a page of the site has it: each line has an id."""
    lines = "".join(
        f'<span id="__span-{number}-{n}">{escape(line)}\n</span>'
        for n, line in enumerate(text.splitlines(), 1)
    )
    return (
        f'<div class="language-{language} highlight"><span class="filename">'
        f'{title}</span><pre tabindex="0"><code>{lines}</code></pre></div>'
    )


def asset(name: str) -> str:
    """A file of the player, beside this one or on the site; or nothing."""
    here = Path(__file__).resolve().parent
    kind = name.rpartition(".")[2]
    for folder in (here, here.parent.parent / "docs" / "assets" / kind):
        if (folder / name).is_file():
            return (folder / name).read_text("utf-8")
    return ""


def load(path: Path) -> Trace:
    """Read a trace. Raises TraceError, which says what is wrong."""
    try:
        trace = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise TraceError(f"{path}: {error.strerror}") from None
    except ValueError:
        trace = None
    if not isinstance(trace, dict) or "events" not in trace:
        raise TraceError(f"{path} is not a trace made by record_timeline.py")
    return trace


def source_of(trace: Trace, path: Path) -> str:
    """Read the script that a trace is of, from the folder of the trace.

    Raises TraceError if it is not there, or not the same any more.
    """
    script = path.parent / str(trace["script"])
    try:
        source = script.read_bytes()
    except OSError:
        missing = f"the page needs {script}, which is not there"
        raise TraceError(missing) from None
    if hashlib.sha256(source).hexdigest() != trace["sha256"]:
        raise TraceError(f"{script} has changed since it was recorded")
    return source.decode("utf-8")


def main() -> None:
    """Draw what the command line names."""
    parser = argparse.ArgumentParser(description="Draw a recorded timeline.")
    parser.add_argument("trace", type=Path, help="from record_timeline.py")
    kinds = parser.add_mutually_exclusive_group()
    for kind in ("svg", "table", "page"):
        flag = {"action": "store_const", "dest": "kind", "const": kind}
        kinds.add_argument(f"--{kind}", **flag)  # type: ignore[arg-type]
    parser.add_argument("-o", dest="out", type=Path, metavar="FILE")
    args = parser.parse_args()
    try:
        trace = load(args.trace)
        if args.kind == "page":
            text = page(trace, source_of(trace, args.trace))
        else:
            text = (table if args.kind == "table" else svg)(trace) + "\n"
        if args.out:
            args.out.write_bytes(text.encode())
        else:
            sys.stdout.buffer.write(text.encode())
    except (TraceError, OSError) as error:
        sys.exit(f"draw_timeline: {error}")


if __name__ == "__main__":
    main()
