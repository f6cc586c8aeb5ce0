"""What a recorded run comes to, in words that are the same in each run."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from programs import Program

Trace = dict[str, Any]
LONG = 400_000  # microseconds


def story(trace: Trace) -> list[str]:
    """What happened to each task, in words without times, and in each thread."""
    tasks = trace["tasks"]

    def name(who: str) -> str:
        return tasks[who]["name"] if who in tasks else who

    told: dict[str, list[str]] = defaultdict(list)
    threads = []
    for e in trace["events"]:
        at = f":{e['line']}" if e.get("line") else ""
        parts = told[e["who"]]
        match e["ev"]:
            case "create":
                parts.append(f"made by {name(e['by'])}{at}")
            case "wait":
                on = ", ".join(name(who) for who in e.get("on", ()))
                parts.append(f"{e['kind']} {e['label']}{at}" + f" [{on}]" * bool(on))
            case "ready" if not parts[-1].startswith("made"):
                error = f" {e['with']}" if "with" in e else ""
                parts[-1] += f" < {name(e['by'])}{at}{error}"
            case "run" if "label" in e:
                threads.append(f"{e['who']}: {e['label']} for {name(e['by'])}{at}")
            case "run" if e.get("eager"):
                parts.append("eager")
            case "pause":
                parts.append("pause")
            case "cancel":
                parts.append(f"cancel by {name(e['by'])}{at}")
            case "end" if "how" in e:
                parts.append(f"{e['how']}{at} {e.get('detail', '')}".strip())
            case "lost":
                parts.append(e["detail"])
            case "print" if e["stream"] == "out":
                parts.append(f"print {e['text']!r}{at}")
                if e["who"] not in tasks:
                    threads.append(f"{e['who']}: print {e['text']!r}{at}")
    lines = [
        f"{task['call']} {task['name']}: " + "; ".join(told[who])
        for who, task in tasks.items()
        if task["shown"]
    ]
    if len(lines) > 50:  # a crowd: how many do the same?
        alike = Counter(re.sub(r"\d+", "N", line) for line in lines)
        lines = sorted(f"{count} x {line}"[:200] for line, count in alike.items())
    return lines + threads


def trace_of(program: Program) -> Trace:
    """What was recorded of a program."""
    return json.loads(program.trace.read_text("utf-8"))


def plot(trace: Trace) -> list[str]:
    """The story of a trace without what differs from run to run.

    That is the number of a port, which of some helper threads took a job, and
    in how many steps a library does what the reader asked for once. A group
    cancels its tasks in the order of a set, so any may be the last to end. Of
    times, only that a task held the thread for long is told.
    """
    lines = [*holds(trace)]
    for line in story(trace):
        text = re.sub(r"127\.0\.0\.1(:|', )\d+", r"127.0.0.1\1PORT", line)
        text = re.sub(r"\basyncio_\d+", "asyncio_N", text)
        before, cancel, after = text.partition("; cancel by ")
        text = (
            before
            + cancel
            + re.sub(r"(; tasks async with [^;<]*) <[^;]*", r"\1", after)
        )
        kept: list[str] = []
        for part in text.split("; "):
            if kept and same_call(part) == same_call(kept[-1]) != "":
                kept.pop()
            kept.append(part)
        lines.append("; ".join(kept))
    return lines


def holds(trace: Trace) -> Iterator[str]:
    """Which steps kept the thread for longer than a busy machine explains."""
    begun: dict[str, int] = {}
    for event in trace["events"]:
        who, ev, t = event["who"], event["ev"], event["t"]
        if who in trace["tasks"] and ev in {"run", "wait", "pause", "end"}:
            if ev != "run" and t - begun[who] > LONG:
                yield f"{trace['tasks'][who]['call']} holds the thread"
            begun[who] = t


def same_call(part: str) -> str:
    """The call in a library that a part of a story is a wait in, or ""."""
    return part.partition(" <")[0] if part.startswith(("library ", "socket ")) else ""
