"""Draw what asyncio did: the picture of a trace that was recorded.

    python draw_timeline.py trace.json                     an SVG
    python draw_timeline.py trace.json --table             the same in words
    python draw_timeline.py trace.json --page -o run.html  one file to share

The trace is what record_timeline.py writes. The picture needs no script,
takes its colours from the page that it is in, light or dark, and is the
same to the byte whenever and wherever it is drawn.

A picture is a list of rows. Most are one lane: an event loop, a task, a
thread. Many alike tasks are one band, which counts how many of them run,
wait and are ready; so are those in which a library calls the script.

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
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

Trace = dict[str, Any]
Event = dict[str, Any]
Strip = tuple[float, float, float]  # x, y, and a width

BLOCKS = 20_000  # microseconds: a longer step blocks the loop
GAP = 1_000  # microseconds: shorter pauses between steps are left out
ALIKE = 12  # more tasks than this of one kind become a band
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
BAR = "M1 2h20v10h-20z"
LEGEND = {  # the class of a mark, how it looks, what it means
    "run": (BAR, "runs on the CPU"),
    "other": (BAR, "a callback, or a task of a library"),
    "thread": (BAR, "runs in another thread"),
    "wait": ("M1 4h20v6h-20z", "waits, for what is written above"),
    "ready": (BAR, "ready, waits for its turn"),
    "late": (BAR, "overdue: its wait is over, the loop is blocked"),
    "block": (BAR, "blocks the loop"),
    "pause": ("M1 4h20v6h-20z", "stands aside for an eager task"),
    "idle": (BAR, "idle: nobody is ready"),
    "area": ("M1 12v-4h6v-5h7v3h7v6z", "how many are in which state"),
    "born": ("M1 7h20", "created"),
    "woke": ("M1 7h20", "woken by"),
    "cancel": ("M6 3h10l-5 8z", "cancel() was called"),
    "returned": ("m-3 0l2.2 2.6 4-5", "returned"),
    "raised": ("m-2.7-2.7l5.4 5.4m0-5.4l-5.4 5.4", "raised"),
    "cancelled": ("m-4 4l8-8", "cancelled"),
    "lost": ("m-3 0h6", "never ended"),
}
ENDS = ("returned", "raised", "cancelled", "lost")
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
.run,.other,.idle,.block,.area,.strip{fill:var(--f)}
.run,.thread{--f:var(--c)}.other{--f:var(--soft)}
.idle{--f:var(--faint);opacity:.8}.block{--f:var(--bad)}
.line,.strip{fill:none;stroke:var(--f);stroke-width:16}.strip{stroke-width:7}
.thread,.dot,.tip{fill:var(--c)}.thread{stroke:var(--fg)}
.veil{fill:var(--bad);opacity:.1}
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
.area,.strip{--f:color-mix(in srgb,var(--c) var(--mix,50%),var(--bg))}
.m0{--mix:100%}.m1{--mix:72%}.m2{--mix:52%}.m3{--mix:36%}.m4{--mix:22%}
.queue{--c:var(--amber);--mix:55%}
}
""".replace("\n", "")
STYLE += "".join(
    f".hue{i}{{--c:light-dark({pair})}}"
    for i, pair in enumerate(" ".join(COLOURS).split())
)
DEFS = (
    '<pattern id="{0}-hatch" width="5" height="5" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><path class="hatch" d="M0 0h2v5h-2z"/>'
    '</pattern><pattern id="{0}-stripe" width="4" height="4" patternUnits='
    '"userSpaceOnUse"><path class="stripe" d="M0 0h2v4h-2z"/></pattern>'
)
PAGE = """
:root{color-scheme:light dark;--ink:light-dark(#1d2b30,#e3eaea);
--paper:light-dark(#fff,#131b1f);--rule:light-dark(#d9e0e0,#2c3a40);
--panel:light-dark(#f5f7f6,#1a2429)}
@media print{:root{color-scheme:light}pre{max-height:none!important}}
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


# What happened: the events of a trace, as lanes of spans.


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
    def runs(self) -> bool:
        """Whether it has the thread."""
        return self.state in ("run", "block")

    @property
    def is_step(self) -> bool:
        """Work of the loop that is the reader's, or long enough to see."""
        own = self.runs or "line" in self.about
        return self.state != "idle" and (own or self.lasts > GAP)


@dataclass
class Lane:
    """What a task, a thread or an event loop did, one thing at a time."""

    who: str
    name: str
    note: str = ""
    kind: tuple[str, ...] = ()  # its function, before it its parents'
    own: bool = True  # the reader's, not a library's
    parent: str = ""
    depth: int = 0
    hue: str = ""
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
    def handles(self) -> bool:
        """Whether it is a library's, and calls a function of the reader."""
        return bool(self.kind) and not self.own

    @property
    def fate(self) -> str:
        """How it ended: one of ENDS; "" if it was not seen to end."""
        return next((m.state for m in self.marks if m.state in ENDS), "")

    @property
    def verdict(self) -> str:
        """What is written beside its end: nothing if all is well."""
        if self.fate == "raised":
            return str(self.marks[-1].about["detail"]).split("(")[0]
        return self.fate.replace("returned", "")


@dataclass
class Row:
    """A row of the picture: a lane, or a band that counts many lanes."""

    kind: str  # loop, task, band or thread
    lanes: list[Lane]
    y: float = 0  # of the middle of its bars; of a band's ground

    def __post_init__(self) -> None:
        lane, n = self.lanes[0], len(self.lanes)
        self.lane, self.name, self.each = lane, lane.name, lane.name
        if self.kind == "band":
            self.each = f"{lane.kind[-1].rpartition('<locals>.')[2]}()"
            self.name = f"{n} more {self.each}"
            if not lane.own:
                self.name = f"{self.each}: {count(n, 'task')}"
            self._count()

    def _count(self) -> None:
        """Find how many lanes are in which state, from when on."""
        spans = [span for lane in self.lanes for span in lane.spans]
        waits = Counter[str]()
        for span in (span for span in spans if span.state == "wait"):
            waits[bare(span)] += span.lasts
        self.common = [name for name, _ in waits.most_common(3)]
        self.lines: dict[str, set[int]] = {}
        changes, now, peaks = [], Counter[str](), Counter[str]()
        for span in spans:
            state = self.state(span)
            self.lines.setdefault(state, set()).update(span.lines)
            changes += [(span.start, 1, state), (span.end, -1, state)]
        for _, n, state in sorted(changes):
            now[state] += n
            peaks[state] = max(peaks[state], now[state])
        rank = {"running": -1, "ready": 1}
        order = sorted(peaks, key=lambda s: (rank.get(s, 0), peaks[s], s))
        self.peaks = {state: peaks[state] for state in order}
        self.counts: dict[int, list[int]] = {}
        for t, n, state in sorted(changes):
            now[state] += n
            self.counts[t] = [now[state] for state in order]
        self.most = max(1, *map(sum, self.counts.values()))
        self.room = min(54 if self.lane.own else 32, 8 * self.most)
        self.cls = {
            state: "queue" if state == "ready" else f"{self.lane.hue} m{i}"
            for i, state in enumerate(order, "running" not in peaks)
        }

    def state(self, span: Span) -> str:
        """What a band counts a span as."""
        if span.runs:
            return "running"
        if span.state != "wait":
            return "ready"
        return bare(span) if bare(span) in self.common else "other waits"


class Run:
    """What a trace says, lane by lane."""

    def __init__(self, trace: Trace):
        self.trace = trace
        self.tasks: dict[str, Lane] = {}
        self.threads: dict[str, Lane] = {}
        self.loops = {"loop": Lane("loop", "event loop", "one thread")}
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
        if ev == "create":
            self._create(event)
        elif ev in ("idle", "call"):
            loop = self._loop(who)
            loop.enter("idle" if ev == "idle" else "other", t, event)
            loop.leave(t + event["dur"])
        elif who in self.tasks:
            self._task(self.tasks[who], event)
        elif who.startswith("thread "):
            by = self.tasks.get(str(event.get("by")))
            if ev == "run" and by and by.own:
                thread = self.threads.setdefault(who, Lane(who, who))
                thread.enter("thread", t, event)
            elif ev == "end" and who in self.threads:
                self.threads[who].leave(t)

    def _create(self, event: Event) -> None:
        """A lane for a task: called by its own name, if it has one."""
        who, task = event["who"], self.trace["tasks"][event["who"]]
        names, above = [task["name"], task["call"]], self.tasks.get(event["by"])
        if above and not above.own:  # who made it belongs to somebody
            above = self.tasks.get(above.parent)
        if names[0].removeprefix("Task-").isdigit():
            names.reverse()
        lane = self.tasks[who] = Lane(who, names[0], names[1])
        lane.own = task["shown"]
        if above:
            lane.parent, lane.depth = above.who, above.depth + 1
        if lane.own:
            kind = task["call"].split("(")[0]
            lane.kind = (*(above.kind if above else ()), kind)
        lane.enter("ready", event["t"], event)

    def _task(self, lane: Lane, event: Event) -> None:
        ev, t = event["ev"], event["t"]
        loop = self._loop(self.trace["tasks"][lane.who].get("loop", "loop"))
        if ev == "run":
            loop.enter("run", t, event | {"label": lane.name})
        elif (
            ev in ("wait", "pause", "end", "lost")
            and loop.spans
            and loop.spans[-1].about["who"] == lane.who
        ):
            loop.leave(t)
        if ev in ("run", "wait", "pause"):
            lane.enter(ev, t, event)
            if not lane.own and event.get("stack"):  # it calls the script
                lane.kind = ("", event["stack"][0][0])
        elif ev == "ready" and lane.spans[-1].state != "ready":
            lane.enter("ready", t, event)
        elif ev in ("print", "cancel", "end", "lost"):
            state = str(event.get("how", ev))
            lane.marks.append(Span(state, t, event, t))
            if ev in ("end", "lost"):
                lane.leave(t)

    def _loop(self, who: str) -> Lane:
        if not who.startswith("loop "):
            return self.loops["loop"]
        note = who.removeprefix("loop ")
        return self.loops.setdefault(who, Lane(who, "event loop", note))

    def _finish(self) -> None:
        """Close what is open, and find what blocks and what is overdue."""
        loops = self.loops.values()
        seen = [span for loop in loops for span in loop.spans]
        for span in seen:
            task = self.tasks.get(span.about["who"])
            if task and not task.kind:
                span.state = "other"
        seen = [span for span in seen if span.is_step]
        seen += [s for x in self.family() for s in (*x.spans, *x.marks)]
        self.first = min((s.start for s in seen), default=0)
        self.last = max((max(s.start, s.end) for s in seen), default=0)
        for lane in (*self.tasks.values(), *self.threads.values(), *loops):
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
        spans = [span for loop in loops for span in loop.spans]
        self.blocks = [span for span in spans if span.state == "block"]
        for lane in self.tasks.values():
            lane.spans = [*self._overdue(lane)]

    def _overdue(self, lane: Lane) -> Iterator[Span]:
        """Split off what a wait lasted longer because of a block."""
        for span in lane.spans:
            due = max(span.about.get("until") or span.end, span.start)
            if span.state == "wait" and any(
                due < min(span.end, block.end) and block.start < span.end
                for block in self.blocks
            ):
                yield Span("wait", span.start, span.about, due)
                yield Span("late", due, span.about, span.end)
            else:
                yield span

    def family(self, parent: str = "") -> list[Lane]:
        """The reader's tasks, each followed by those that it created."""
        return [
            member
            for lane in self.tasks.values()
            if lane.own and lane.parent == parent
            for member in (lane, *self.family(lane.who))
        ]

    def rows(self, fold: bool) -> list[Row]:
        """The rows of the picture: alike tasks, but for two, in one."""
        family, kept = self.family(), Counter[Any]()
        many = Counter(lane.kind for lane in family)
        others = [x for x in self.tasks.values() if x.handles and x.spans]
        bands, rows = dict[Any, list[Lane]](), list[tuple[str, list[Lane]]]()
        for lane in family + others:
            kept[lane.kind] += 1
            folds = fold and many[lane.kind] > ALIKE and kept[lane.kind] > 2
            if lane.own and not folds:
                rows.append(("task", [lane]))
            elif lane.kind in bands:
                bands[lane.kind].append(lane)
            else:
                bands[lane.kind] = [lane]
                rows.append(("band", bands[lane.kind]))
        for i, (_, lanes) in enumerate(rows):
            for lane in lanes:
                lane.hue = f"hue{i % 8}"
        rows[:0] = [("loop", [loop]) for loop in self.loops.values()]
        rows += [("thread", [thread]) for thread in self.threads.values()]
        return [Row(kind, lanes) for kind, lanes in rows]

    def name(self, who: str) -> str:
        """What to call whoever made or woke a task."""
        if task := self.tasks.get(who):
            return task.name if task.own else "a library"
        if who in ("timer", "timeout", "socket"):
            return f"a {who}"
        return {"main": "the script", "loop": "the event loop"}.get(who, who)

    def says(self, span: Span) -> str:
        """A span in words, to follow the name of its lane."""
        about, state, lines, at = span.about, span.state, span.lines, ""
        if state == "block" and about.get("slow"):
            lines = [about["slow"]]
        if lines:
            low, high = min(lines), max(lines)
            at = f", lines {low} to {high}" if low < high else f", line {low}"
        if about["ev"] == "create":
            state = "created"
        elif state == "ready" and about.get("by") == about["who"]:
            state = "again"
        by = self.name(about.get("by") or "somebody")
        fields = {"label": "", "detail": "", **about, "by": by, "at": at}
        return WORDS[state].format(**fields, waited=waited(about)).strip()

    def story(self, row: Row) -> str:
        """What a task waited for, and how it ended; or a whole band."""
        lane = row.lane
        if row.kind == "band":
            most = [f"{peak} {state}" for state, peak in row.peaks.items()]
            fates = Counter(lane.fate for lane in row.lanes)
            how = [f"{n} {LEGEND[end][1]}" for end, n in fates.items() if end]
            end = f"; {', '.join(how)}" if how else ""
            return f"{row.name}: at once at most {', '.join(most)}{end}."
        waits = [
            f"{waited(span.about)} ({ms(span.lasts)})"
            for span in lane.spans
            if span.state == "wait"
        ]
        if len(waits) > 6:
            waits[6:] = [f"{len(waits) - 6} more"]
        ends = [self.says(mark) for mark in lane.marks if mark.state in ENDS]
        end = f", and {ends[0]}" if ends else ""
        return f"{lane.name} waited for {', '.join(waits) or 'nothing'}{end}."


# Words: what a picture shows, said.


def ms(us: float) -> str:
    """Microseconds as the reader's milliseconds."""
    return f"{us / 1000:.0f} ms" if us >= 9950 else f"{us / 1000:.1f} ms"


def count(n: int, what: str) -> str:
    """A number and its noun."""
    return f"{n} {what}{'s' * (n != 1)}"


def waited(about: Event) -> str:
    """What a wait is for: its label, and how many tasks."""
    label, tasks = str(about.get("label", "")), len(about.get("on") or ())
    if tasks < 2 or ": " in label:
        return label
    return f"{label}: {count(tasks, 'task')}"


def bare(span: Span) -> str:
    """What a wait is for, without arguments: for a band."""
    return str(span.about.get("label", "")).split("(")[0]


def shorter(label: str) -> Iterator[str]:
    """A label, and what can stand for it where it is too long."""
    yield label
    yield (bare := label.split(": ")[0])
    yield (name := bare.split("(")[0])
    yield name.split(".")[-1]


# Where it goes: times to pixels, and paper on which no two texts overlap.


class Scale:
    """Time to x: steps can be seen, what is between is in proportion."""

    def __init__(self, run: Run, wanted: float, left: float, right: float):
        edges = Counter[int]()
        for loop in run.loops.values():
            for span in filter(lambda span: span.is_step, loop.spans):
                edges[span.start] += 1
                edges[span.end] -= 1
        self.times = sorted({*edges, run.first, run.last})
        pieces, depth = list[tuple[int, bool]](), 0
        for a, b in pairwise(self.times):
            depth += edges[a]
            seen = depth > 0 or b - a >= GAP
            pieces.append((b - a if seen else 0, depth > 0))
        width, steps = right - left, sum(step for _, step in pieces)
        self.least = min(wanted, 0.6 * width / max(1, steps))

        def sizes(k: float) -> list[float]:
            return [max(self.least * step, k * d) for d, step in pieces]

        low, high = 0.0, 2 * width / max(1, run.last - run.first)
        for _ in range(60):
            k = (low + high) / 2
            low, high = (k, high) if sum(sizes(k)) < width else (low, k)
        self.widened = self.least / low if low else 0.0
        self.xs = [*accumulate(sizes(low), initial=left)]

    def __call__(self, t: int) -> float:
        """Where a time is, in pixels."""
        i = bisect_left(self.times, t)
        if i in (0, len(self.times)):
            return self.xs[min(i, len(self.xs) - 1)]
        (a, b), (x, y) = self.times[i - 1 : i + 1], self.xs[i - 1 : i + 1]
        return x + (y - x) * (t - a) / (b - a)

    def knots(self) -> str:
        """Pairs of a time and its x: as few as lead to each place."""
        kept = [(self.times[0], self.xs[0])]
        for t, x in zip(self.times, self.xs, strict=True):
            if x - kept[-1][1] >= 3 or t == self.times[-1] > kept[-1][0]:
                kept.append((t, x))
        return " ".join(f"{t - self.times[0]},{x:.1f}" for t, x in kept)


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
        self,
        cls: str,
        path: str,
        tip: str = "",
        lines: Iterable[int] = (),
        more: str = "",
    ) -> None:
        """Add a path, with what it says when pointed at, and its lines.

        more: further attributes, as they stand in the SVG.
        """
        self.used |= {*cls.split()}
        data = " ".join(map(str, lines))
        data = f' data-lines="{data}"' if data else ""
        tip = f"<title>{escape(tip, quote=False)}</title>" if tip else ""
        self.shapes.append(f'<path class="{cls}"{more}{data} d="{path}">{tip}</path>')

    def text(
        self,
        cls: str,
        a: float,
        b: float,
        y: float,
        *choices: str,
        middle: bool = False,
    ) -> None:
        """Write the first of the choices that fits from a to b, if any."""
        letter = ADVANCE[cls.split()[0]]
        cut = clip(choices[-1], int((b - a) / letter))
        for text in (*choices, "" if middle else cut):
            width = len(text) * letter
            x = (a + b - width) / 2 if middle else a
            fits = text and x >= a - 1 and x + width <= b + 1
            if fits and self.take(x, y - 8, width, 10):
                at = f'x="{num(x)}"'
                if middle:
                    at = f'x="{num((a + b) / 2)}" text-anchor="middle"'
                words = f'y="{num(y)}">{escape(text, quote=False)}'
                self.texts.append(f'<text class="{cls}" {at} {words}</text>')
                return

    def take(self, x: float, y: float, w: float, h: float) -> bool:
        """Reserve a place; False if some of it is taken."""
        free = all(
            x >= c or a >= x + w or y >= d or b >= y + h for a, b, c, d in self.taken
        )
        if free:
            self.taken.append((x, y, x + w, y + h))
        return free


def clip(text: str, fits: int) -> str:
    """A text, cut in its middle if it is too long: both ends tell most."""
    if len(text) <= fits or fits < 7:
        return text if len(text) <= fits else ""
    return f"{text[: fits // 2]}…{text[-((fits - 1) // 2) :]}"


def num(x: float) -> str:
    """A coordinate, to half a pixel."""
    return f"{round(2 * x) / 2:g}"


def box(x: float, y: float, width: float, height: float) -> str:
    """A rectangle, as a path; it leaves a gap to the next, if it can."""
    w = num(max(width - 0.5 * (width > 3), 0.6))
    return f"M{num(x)} {num(y)}h{w}v{num(height)}h-{w}z"


def line(pieces: Iterable[Strip]) -> str:
    """Level lines, as one path: each begins where the one before ended."""
    path, x, y = "M0 0", 0.0, 0.0
    for a, b, width in pieces:
        a, width = round(a, 1), round(width, 1)
        path += f"m{num(a - x)} {num(b - y)}h{num(width)}"
        x, y = a + width, b
    return path


def sign(how: str, at: str) -> tuple[str, str]:
    """The class and the path of a mark of the legend."""
    path = LEGEND[how][0]
    if how in ENDS:
        path = "m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0m6 0" + path
    return f"sign {how}" if how in ENDS else how, at + path


# The picture: rows, one below the other, each drawn as its kind.


class Picture:
    """A run, laid out and drawn."""

    def __init__(self, trace: Trace, fold: bool = True, prefix: str = ""):
        self.run = Run(trace)
        self.id = prefix or f"t{str(trace.get('sha256'))[:8]}"
        self.rows = self.run.rows(fold)
        self.bands = [row for row in self.rows if row.kind == "band"]
        self.canvas, self.names = Canvas(), Canvas()
        self._scale()
        self._stack()
        self._axis()
        for row in self.rows:
            if row.kind == "task":
                self._arrows(row.lane)
        for row in self.rows:
            if row.kind == "loop":
                self._loop(row.lane, row.y)
            elif row.kind == "band":
                self._band(row)
            else:
                self._lane(row.lane, row.y)

    def _scale(self) -> None:
        """Divide the width: names, time, and how tasks ended."""
        lanes = [row.lane for row in self.rows if row.kind == "task"]
        names = [6.7 * len(x.name) + 9 * x.depth for x in lanes]
        for band in self.bands:
            names += [6.7 * len(band.name)]
            names += [5.5 * len(state) + 40 for state in band.peaks]
        self.left = 24 + min(150, max([84, *names]))
        line = max([0, *(n for x in lanes for s in x.spans for n in s.lines)])
        self.step = max(11, 2 + 5.2 * len(str(line)))
        right = WIDTH - 18.0
        for _ in range(2):  # the second time with room for the verdicts
            self.x = Scale(self.run, self.step, self.left, right)
            for lane in (x for x in self.run.family() if x.verdict):
                end = self.x(lane.marks[-1].start) + 18
                right -= max(0, end + 5.8 * len(lane.verdict) - WIDTH)

    def _stack(self) -> None:
        """Divide the height."""
        self.y, y = dict[str, float](), float(TOP)
        for row in self.rows:
            middle, height = (16, 40) if row.kind == "loop" else (23, 34)
            if row.kind == "band":
                middle = 12 + row.room
                height = max(middle + 6, 26 + 13 * len(row.peaks))
            else:
                self.y[row.lane.who] = y + middle
            row.y = y + middle
            y += height
        self.bottom = y + 10

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
                self.canvas.text("tick", x - 15, x + 15, TOP - 9, text, middle=True)
            else:
                self.canvas.text("tick", x, x + 40, TOP - 9, "0 ms")
        path += f"M0 {TOP + 40 * len(run.loops)}H{WIDTH}"
        self.canvas.shape("axis", path)
        for span in run.blocks:
            a, b = self.x(span.start), self.x(span.end)
            height = self.bottom - TOP
            self.canvas.shape("veil", box(a, TOP - 2, b - a, height))

    def _loop(self, lane: Lane, y: float) -> None:
        """Who has the thread, by colour; and when nobody has."""
        self.names.text("name words", 8, 208, y - 1, lane.name)
        self.names.text("note", 8, self.left - 4, y + 11, lane.note)
        strips, drawn = dict[str, list[Strip]]({"idle": []}), 0.0
        for span in lane.spans:
            a, b = self.x(span.start), self.x(span.end)
            task, cls = self.run.tasks.get(span.about["who"]), span.state
            if cls == "idle":
                text = f"idle {ms(span.lasts)}"
                self.canvas.text("bar", a, b - 6, y + 3.5, text, "idle", middle=True)
            elif not span.is_step or b - drawn < 1:
                continue
            elif task and task.kind:
                cls = f"run {task.hue}"
            elif cls == "block":
                self._blocked(span, y + 3.5)
            if cls != "idle":
                a, drawn = max(a, drawn), b
                b -= 0.5 * (b - a > 3)
            strips.setdefault(cls, []).append((a, y, b - a))
        for cls, pieces in strips.items():
            if pieces:
                self.canvas.shape(f"line {cls}", line(pieces))

    def _blocked(self, span: Span, y: float) -> None:
        """Say which line holds everybody up, and for how long."""
        about, long = span.about, ms(span.lasts)
        line = about.get("slow") or about.get("line")
        who = f"line {line}" if line else about.get("label", "")
        who = f"{who} blocks".strip()
        texts = f"{who} the loop: {long}", f"{who}: {long}", who, "blocks"
        a, b = self.x(span.start), self.x(span.end)
        self.canvas.text("hot", a, b - 6, y, *texts, middle=True)

    def _arrows(self, lane: Lane) -> None:
        """Who created it, and who woke it."""
        y = self.y[lane.who]
        for span in lane.spans:
            new, x = span.about["ev"] == "create", num(self.x(span.start))
            by = lane.parent if new else span.about.get("by")
            if span.state != "ready" or by == lane.who or by not in self.y:
                continue
            start, d = self.y[by], 1 if y > self.y[by] else -1
            waker = self.run.tasks.get(by, lane)  # a thread woke its own
            if new:
                path = f"M{x} {num(start)}V{num(y - 4)}"
                self.canvas.shape("born", path)
            else:
                path = f"M{x} {num(start + 8 * d)}V{num(y - 7 * d)}"
                self.canvas.shape(f"woke {waker.hue}", path)
                tip = f"M{x} {num(y - 5 * d)}l-3 {-4 * d}h6z"
                self.canvas.shape(f"tip {waker.hue}", tip)

    def _lane(self, lane: Lane, y: float) -> None:
        """One task or thread: its states, what it waits for, its marks."""
        left, right = 8 + 9 * min(lane.depth, 6), self.left - 4
        if lane.kind:
            dot = f"M{left} {num(y - 4)}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0"
            self.names.shape(f"dot {lane.hue}", dot)
            left += 12
        short = lane.name.removeprefix("thread ")
        self.names.text("name", left, right, y, lane.name, short)
        self.names.text("note", left, right, y + 11, lane.note)
        for mark in lane.marks:
            self._mark(lane, mark, y)
        seen = set[tuple[str, int]]()
        for span, after in pairwise([*lane.spans, None]):
            assert span
            pixel = span.state, round(self.x(span.start))
            if self.x(span.end) - self.x(span.start) >= 1 or pixel not in seen:
                self._span(lane, span, after, y)
            seen.add(pixel)

    def _mark(self, lane: Lane, mark: Span, y: float) -> None:
        """Who was told to cancel, and how it ended."""
        x, tip = self.x(mark.start), f"{lane.name} {self.run.says(mark)}"
        if mark.state == "cancel":
            self.canvas.take(x - 4.5, y - 16, 9, 7)
            path = f"M{num(x - 4.5)} {num(y - 16)}h9l-4.5 7z"
            self.canvas.shape("cancel", path, tip, mark.lines)
        elif mark.state in ENDS:
            self.canvas.take(x, y - 8, 14, 16)
            cls, path = sign(mark.state, f"M{num(x + 7)} {num(y)}")
            self.canvas.shape(cls, path, tip, mark.lines)
            cls = f"end {mark.state}"
            self.canvas.text(cls, x + 16, WIDTH, y + 3, lane.verdict)

    def _span(self, lane: Lane, span: Span, after: Span | None, y: float) -> None:
        """A state of a lane; a step has the number of the line after it."""
        a, b, state = self.x(span.start), self.x(span.end), span.state
        path, lines = box(a, y - 8, b - a, 16), span.lines
        stop = after.lines if after and after.state == "wait" else []
        if state == "run":
            lines = lines or stop
            if stop and self.x.least == self.step:
                self.canvas.text("stop", a, b, y + 3, str(stop[0]), middle=True)
        elif state == "block":
            lines = lines or stop
            self._blocked(span, y + 3.5)
        elif state == "thread":
            text = f"{span.about['label']}()"
            self.canvas.text("hot", a, b - 6, y + 3.5, text, middle=True)
        elif state == "wait":
            path = box(a, y - 3, b - a, 6)
            texts = shorter(waited(span.about))
            self.canvas.text("why", a + 4, b - 2, y - 5.5, *texts)
        elif b - a < 2:
            return
        else:  # ready, late or pause
            path = box(a + 0.7, y - 5, b - a - 1.4, 10)
        who = span.about["by"] if state == "thread" else lane.who
        tip = f"{lane.name} {self.run.says(span)}: {ms(span.lasts)}"
        self.canvas.shape(f"{state} {self.run.tasks[who].hue}", path, tip, lines)

    def _band(self, row: Row) -> None:
        """How many of the tasks are in which state, one above the other."""
        rows = {round(self.x(t)): counts for t, counts in row.counts.items()}
        top = row.y - row.room
        self.names.text("name", 8, self.left - 4, top + 8, row.name)
        states = [*enumerate(row.peaks.items())]
        for i, (state, peak) in states:
            base = top + 21 + 13 * i
            self.names.shape(f"area {row.cls[state]}", box(9, base - 8, 10, 9))
            texts = (f"{part} ≤ {peak}" for part in shorter(state))
            self.names.text("note", 24, self.left - 4, base, *texts)
        for i, (state, peak) in reversed(states):  # the lower cover them
            path, x, height = f"M{min(rows)} 0", min(rows), 0
            for at, counts in rows.items():
                if (now := sum(counts[: i + 1])) != height:
                    path += f"h{at - x}v{now - height}"
                    x, height = at, now
            unit = f"{row.room / row.most:.3g}"
            self.canvas.shape(
                f"area {row.cls[state]}",
                f"{path}h0V0z",
                f"{row.name}: at most {peak} {state} at once",
                sorted(row.lines[state]),
                f' data-band="{row.lane.who} {escape(state)}" '
                f'transform="translate(0 {num(row.y)}) scale(1 -{unit})"',
            )

    def unfolded(self, row: Row) -> str:
        """What opens a band: a strip for each task, its name, its end."""
        canvas, names = Canvas(), ""
        strips = dict[str, list[tuple[int, Strip]]]()
        for y, lane in zip(range(7, 99999, 11), row.lanes, strict=False):
            names += f'<tspan x="8" dy="11">{escape(clip(lane.name, 26))}</tspan>'
            for turn, span in enumerate(lane.spans):
                state = row.state(span)
                a, b = round(self.x(span.start)), round(self.x(span.end))
                if b - a > (state == "ready"):
                    piece = (turn, (a, y, b - a))
                    strips.setdefault(state, []).append(piece)
            if lane.verdict:
                x = self.x(lane.marks[-1].start) + 4
                canvas.text(f"end {lane.fate}", x, WIDTH, y + 3, lane.verdict)
        for state, pieces in strips.items():  # those alike are side by side
            path = line(piece for _, piece in sorted(pieces))
            canvas.shape(f"strip {row.cls[state]}", path)
        name, p = escape(f"{row.name}, one by one"), f"{self.id}-{row.lane.who}"
        height = 11 * len(row.lanes) + 4
        return (
            f"<details><summary>{name}</summary>{self.frame(p, name, height)}"
            f'<svg class="timeline-picture" viewBox="0 0 {WIDTH} {height}"'
            f' role="img" aria-label="{name}">{canvas}<g class="timeline-picture"'
            f' id="{p}-names"><text class="note" y="-1">{names}</text></g></svg>'
            "</div></details>"
        )

    def svg(self, style: str = "") -> str:
        """The picture, with a style of its own or with that of its page."""
        run, p = self.run, self.id
        tasks, total = count(len(run.family()), "task"), ms(run.last - run.first)
        title = f"What {run.trace['script']} did: {tasks} in {total}"
        if not run.trace["complete"]:
            title += ", incomplete"
        told = [row for row in self.rows if row.kind in ("task", "band")]
        desc = " ".join(map(run.story, told))
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" class='
            f'"timeline-picture" viewBox="0 0 {WIDTH} {num(self.bottom)}"'
            f' role="img" aria-labelledby="{p}-title" aria-describedby='
            f'"{p}-desc" style="{self.fills()}" data-knots='
            f'"{self.x.knots()}"><title id="{p}-title">{escape(title)}'
            f'</title><desc id="{p}-desc">{escape(desc)}</desc>'
            f"{style and f'<style>{style}</style>'}<defs>{DEFS.format(p)}</defs>"
            f'{self.canvas}<g class="timeline-picture" id="{p}-names">'
            f"{self.names}</g></svg>"
        )

    def fills(self) -> str:
        """The patterns, by the names that the style has for them."""
        names = "hatch", "stripe"
        return ";".join(f"--{name}:url(#{self.id}-{name})" for name in names)

    def frame(self, p: str, label: str, height: float) -> str:
        """Begin a frame: names stay in it when the picture scrolls."""
        return (
            '<div class="timeline-frame" tabindex="0" role="region" '
            f'aria-label="{label}"><svg class="timeline-picture '
            f'timeline-names" viewBox="0 0 {num(self.left)} {num(height)}" '
            f'aria-hidden="true"><use xlink:href="#{p}-names"/></svg>'
        )

    def legend(self) -> str:
        """The marks that occur, as the items of a list."""
        return "".join(
            '<li><svg class="timeline-picture" width="22" height="14"'
            ' aria-hidden="true"><path class="{} hue0" d="{}"/></svg>'
            "{}</li>".format(*sign(name, "M11 7" * (name in ENDS)), words)
            for name, (_, words) in LEGEND.items()
            if name in self.canvas.used
        )

    def sentence(self) -> str:
        """How many tasks, how long, how far to trust widths."""
        run, trace = self.run, self.run.trace
        spans = [s for x in run.loops.values() for s in x.spans]
        worked = ms(sum(s.lasts for s in spans if s.state != "idle"))
        others = sum(not x.own and x.spans != [] for x in run.tasks.values())
        threads, total = len(run.loops) + len(run.threads), run.last - run.first
        said = count(len(run.family()), "task")
        said += f" and {others} of a library" if others else ""
        said += f", {threads} threads" if threads > 1 else ", one thread"
        who = "the loop" if threads > 1 else "the thread"
        said += f", {ms(total)}, of which {who} worked {worked}."
        if self.x.widened >= GAP:
            said += " The time axis is stretched where the loop is busy: steps"
            said += (
                f" shorter than {ms(self.x.widened)} are drawn wider than they were."
            )
        if not trace["complete"]:
            said += " The recording stopped before the script did."
        if trace.get("error"):
            said += f" The script ended with {trace['error']}."
        return f"{said} Recorded on Python {trace['python']}."

    def recording(self) -> str:
        """What the player needs of the trace, as JSON; bands as counts.

        An event has the microseconds since the one before it; a line of it,
        those since the event.
        """
        before, events = self.run.first, list[Event]()
        rows = [row for row in self.rows if row.kind != "loop"]
        ids = {lane.who: row.lane.who for row in rows for lane in row.lanes}
        keep = {"ev", "label", "how", "text", "stream", "line"}
        for event in self.run.trace["events"]:
            who, ev, by = event["who"], event["ev"], event.get("by")
            if ev != "print" and (who not in self.y or who in self.run.loops):
                continue
            kept = {k: v for k, v in event.items() if k in keep and v}
            kept |= {"after": event["t"] - before, "who": ids.get(who, who)}
            before = event["t"]
            if by:
                of_library = by in self.run.tasks and by not in ids
                kept["by"] = "a library" if of_library else ids.get(by, by)
            if event.get("lines"):
                kept["lines"] = [[n, t - before] for n, t in event["lines"]]
            events.append(kept)
        rows = [row for row in rows if row.kind != "thread"]
        tasks = {row.lane.who: [row.each, row.lane.hue] for row in rows}
        part = {"tasks": tasks, "events": events}
        return json.dumps(part, separators=(",", ":"), ensure_ascii=False)


# The page: the picture with all that goes with it.


def svg(trace: Trace, fold: bool = True) -> str:
    """Draw a trace as one SVG, as a file of its own.

    With fold=False each of the reader's tasks has a lane, however many
    are alike. Raises TraceError.
    """
    return Picture(trace, fold).svg(STYLE)


def table(trace: Trace, fold: bool = False) -> str:
    """Say in an HTML table what the picture shows; times in milliseconds.

    A row is what a task did for a time, or a mark, in order of time; with
    fold=True a band of alike tasks has one row. Raises TraceError.
    """
    run, rows = Run(trace), list[tuple[int, str, str, int]]()
    for row in run.rows(fold):
        spans = [*row.lane.spans, *row.lane.marks]
        if row.kind == "band":
            start = min(lane.spans[0].start for lane in row.lanes)
            says = run.story(row).removeprefix(f"{row.name}: ")
            rows.append((start, row.name, says, 0))
            spans = []
        for span in spans:
            others = span.is_step and span.about["who"] not in run.tasks
            if row.kind != "loop" or others:
                says = run.says(span)
                rows.append((span.start, row.name, says, span.lasts))
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


def figure(trace: Trace, prefix: str = "") -> str:
    """Make the picture a part of a page: one line of HTML.

    It adds what unfolds the bands, a legend, a sentence on the axis, the
    table, and what the player needs of the trace. The page must have
    STYLE, which all its pictures share. The prefix begins each id, which
    must be unique on a page; without one it comes from the script's hash.
    Raises TraceError.
    """
    picture = Picture(trace, prefix=prefix)
    more = [picture.unfolded(row) for row in picture.bands if row.lane.own]
    script = escape(str(trace["script"]))
    recording = escape(picture.recording(), quote=False).replace("'", "&#39;")
    return (
        f'<figure class="timeline" data-search-exclude data-script="{script}"'
        f" data-recording='{recording}' style=\"--gutter:"
        f'{num(picture.left)};--width:{WIDTH};{picture.fills()}">'
        f"{picture.frame(picture.id, f'Timeline of {script}', picture.bottom)}"
        f"{picture.svg()}</div>{''.join(more)}<figcaption>"
        f'<ul class="timeline-legend">{picture.legend()}</ul>'
        f"<p>{escape(picture.sentence())}</p></figcaption>"
        "<details><summary>The same as a table</summary>"
        f'<div class="timeline-frame" tabindex="0">{table(trace, True)}'
        "</div></details></figure>"
    )


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
        f"<title>{script}: what its tasks did</title><style>{STYLE}{PAGE}{css}"
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
