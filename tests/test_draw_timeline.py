"""The picture of a trace: what it shows, in drawing and in words."""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import os
import re
import subprocess
import sys
from collections import Counter
from html import unescape
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import markdown
import pytest

import draw_timeline
from draw_timeline import ADVANCE, ALIKE, TraceError, figure, page, svg, table

TOOL = Path(draw_timeline.__file__)
SVG = "{http://www.w3.org/2000/svg}"
ORDINARY = 8 * 1024  # bytes of gzip: a picture with its table, and its trace


def trace(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A trace of these events; its tasks are those that they create."""
    tasks = {
        e["who"]: {
            "name": e.pop("name", f"Task-{e['who'][1:]}"),
            "call": e.pop("call", "main()"),
            "shown": e.pop("shown", True),
        }
        for e in events
        if e["ev"] == "create"
    }
    return {
        "version": 1,
        "python": "3.13.0",
        "script": "story.py",
        "sha256": "0123456789abcdef",
        "complete": True,
        "error": None,
        "tasks": tasks,
        "events": sorted(events, key=lambda event: event["t"]),
    } | more


def on(t: int, who: str, ev: str, **more: Any) -> dict[str, Any]:
    """An event, at a time in tenths of a millisecond."""
    return {"t": t * 100, "who": who, "ev": ev, **more}


def born(t: int, who: str, call: str, **more: Any) -> dict[str, Any]:
    """The event of a task's creation."""
    return on(t, who, "create", **{"by": "main", "line": 1, "call": call} | more)


def sleeps(t: int, who: str, tenths: int, line: int, **more: Any) -> dict[str, Any]:
    """The event of a wait in asyncio.sleep()."""
    label = f"sleep({tenths / 10000:g})"
    until = (t + tenths) * 100
    about = {"kind": "sleep", "label": label, "line": line, "until": until}
    return on(t, who, "wait", **about | more)


def returns(t: int, who: str) -> dict[str, Any]:
    """The event of a task that returned None."""
    return on(t, who, "end", how="returned", detail="None")


ALONE = [
    born(0, "T1", "main()"),
    on(1, "T1", "run", lines=[[3, 150], [4, 160]]),
    on(1, "T1", "print", text="going & <going>", stream="out", line=3),
]
SLEEP = trace(
    *ALONE,
    sleeps(2, "T1", 500, 4),
    on(3, "loop", "idle", dur=49_900),
    on(502, "T1", "ready", by="timer", line=None),
    on(504, "T1", "run"),
    returns(505, "T1"),
)
CHILDREN = trace(
    *ALONE,
    born(2, "T2", "brew('tea', 0.05)", by="T1", line=4),
    born(2, "T3", "serve()", by="T1", name="waiter"),
    on(3, "T1", "wait", kind="tasks", label="gather()", line=9, on=["T2", "T3"]),
    on(4, "T2", "run"),
    sleeps(5, "T2", 500, 12),
    on(5, "T3", "run"),
    on(6, "T3", "wait", kind="event", label="called.wait()", line=14),
    on(7, "loop", "idle", dur=49_800),
    on(505, "T2", "ready", by="timer"),
    on(506, "T2", "run"),
    on(507, "T3", "ready", by="T2", line=13),
    returns(508, "T2"),
    on(509, "T3", "run"),
    on(510, "T3", "end", how="raised", detail="ValueError('cold')", line=15),
    on(511, "T1", "ready", by="T3"),
    on(512, "T1", "run"),
    returns(513, "T1"),
)
CANCELLED = trace(
    *ALONE,
    born(2, "T2", "forever()", by="T1"),
    sleeps(3, "T1", 300, 4),
    on(4, "T2", "run"),
    on(5, "T2", "wait", kind="future", label="a future", line=6),
    on(303, "T1", "ready", by="timer"),
    on(304, "T1", "run"),
    on(305, "T2", "cancel", by="T1", line=7),
    on(305, "T2", "ready", by="T1", **{"with": "CancelledError"}),
    on(306, "T1", "wait", kind="tasks", label="Task-2", line=8, on=["T2"]),
    on(307, "T2", "run"),
    on(308, "T2", "end", how="cancelled"),
    on(309, "T1", "ready", by="T2"),
    on(310, "T1", "run"),
    returns(311, "T1"),
)
BLOCKED = trace(
    *ALONE,
    born(2, "T2", "report()", by="T1"),
    sleeps(3, "T1", 500, 4),
    on(4, "T2", "run", lines=[[7, 410], [8, 420]], slow=8),
    returns(2004, "T2"),
    on(2005, "T1", "ready", by="timer"),
    on(2006, "T1", "run"),
    returns(2007, "T1"),
)
EAGER = trace(
    *ALONE,
    born(2, "T2", "page()", by="T1"),
    on(2, "T1", "pause"),
    on(2, "T2", "run", eager=True),
    sleeps(100, "T2", 400, 6),
    on(100, "T1", "run"),
    on(101, "T1", "wait", kind="tasks", label="async with group", line=7, on=["T2"]),
    on(500, "T2", "ready", by="timer"),
    on(501, "T2", "run"),
    returns(502, "T2"),
    on(503, "T1", "ready", by="T2"),
    on(504, "T1", "run"),
    returns(505, "T1"),
)
THREAD = trace(
    *ALONE,
    on(2, "T1", "wait", kind="thread", label="read() in a thread", line=5),
    on(3, "thread asyncio_0", "run", label="read", by="T1", line=5),
    on(300, "thread asyncio_0", "end", label="read", by="T1", line=5),
    on(301, "T1", "ready", by="thread asyncio_0"),
    on(302, "T1", "run"),
    returns(303, "T1"),
)
YIELDS = trace(
    *ALONE,
    on(2, "T1", "wait", kind="yield", label="sleep(0)", line=4),
    on(2, "T1", "ready", by="T1"),
    on(40, "T1", "run"),
    returns(41, "T1"),
)
LOST = trace(
    *ALONE,
    sleeps(2, "T1", 500, 4),
    on(300, "T1", "lost", detail="garbage-collected while pending"),
)
CALLBACK = trace(
    *ALONE,
    sleeps(2, "T1", 900, 4),
    on(100, "loop", "call", label="heavy", by="T1", dur=300_000, line=9),
    on(3101, "T1", "ready", by="timer"),
    on(3102, "T1", "run"),
    returns(3103, "T1"),
)
TWO_LOOPS = trace(
    *ALONE,
    born(2, "T2", "other()", by="main"),
    on(2, "T2", "run"),
    sleeps(3, "T1", 300, 4),
    sleeps(4, "T2", 200, 5),
    on(5, "loop thread-1", "idle", dur=19_000),
    on(204, "T2", "ready", by="timer"),
    on(205, "T2", "run"),
    returns(206, "T2"),
    on(303, "T1", "ready", by="timer"),
    on(304, "T1", "run"),
    returns(305, "T1"),
)
TWO_LOOPS["tasks"]["T2"]["loop"] = "loop thread-1"


def crowd(n: int, limit: int = 4) -> dict[str, Any]:
    """So many alike tasks; only some at a time get past a semaphore."""
    events = [*ALONE]
    tasks = [f"T{i + 2}" for i in range(n)]
    fetch = [born(2, who, f"fetch({i})", by="T1") for i, who in enumerate(tasks)]
    wait = {"kind": "tasks", "label": "async with group", "line": 9, "on": tasks}
    events += [*fetch, on(3, "T1", "wait", **wait)]
    acquire = {"kind": "semaphore", "label": "limit.acquire()", "line": 6}
    for i, who in enumerate(tasks):
        start, turn = 4 + 2 * i, 600 * (1 + i // limit)
        events.append(on(start, who, "run"))
        if i >= limit:
            events.append(on(start + 1, who, "wait", **acquire))
            begin = turn + 4 * (i % limit)
            events.append(on(begin, who, "ready", by=tasks[i - limit]))
            events.append(on(begin + 1, who, "run"))
            start = begin + 1
        events.append(sleeps(start + 1, who, 580, 7))
        done = turn + 600 + 4 * (i % limit) - 2
        events.append(on(done - 1, who, "ready", by="timer"))
        events += [on(done, who, "run"), returns(done + 1, who)]
    last = events[-1]["t"] // 100
    events += [on(last + 1, "T1", "ready", by=tasks[-1])]
    events += [on(last + 2, "T1", "run"), returns(last + 3, "T1")]
    return trace(*events)


def requests(n: int, limit: int = 10) -> dict[str, Any]:
    """So many requests to a server in the same program, few at a time.

    For each there is a task of the library that calls the reader's handler.
    """
    main = crowd(n, limit)
    events, serves = main["events"], []
    sent = [e for e in events if e["ev"] == "wait" and e["label"].startswith("sleep")]
    for i, event in enumerate(sent):
        who, t = f"S{i}", event["t"] // 100 + i % 3
        answers = {"kind": "sleep", "label": "sleep(0.05)", "line": 16}
        serves += [
            born(t, who, "Server.handle()", by="S-", shown=False, line=None),
            on(t + 1, who, "run"),
            on(t + 1, who, "wait", **answers, stack=[["answer", 16]]),
            on(t + 501 + i % 7, who, "ready", by="timer"),
            on(t + 502 + i % 7, who, "run"),
            on(t + 503 + i % 7, who, "end", how="returned", detail="None"),
        ]
    accept = [
        born(2, "S-", "Server.accept()", by="T1", shown=False),
        on(3, "S-", "run"),
        on(4, "S-", "wait", kind="library", label="accept()", line=None, stack=[]),
    ]
    tasks = trace(*accept, *serves)["tasks"] | main["tasks"]
    return trace(*events, *accept, *serves) | {"tasks": tasks}


TRACES = {
    "sleep": SLEEP,
    "children": CHILDREN,
    "cancelled": CANCELLED,
    "blocked": BLOCKED,
    "eager": EAGER,
    "thread": THREAD,
    "lost": LOST,
    "yields": YIELDS,
    "callback": CALLBACK,
    "two loops": TWO_LOOPS,
    "crowd": crowd(40),
    "a dozen": crowd(ALIKE),
    "requests": requests(100),
    "incomplete": trace(*ALONE, sleeps(2, "T1", 500, 4), complete=False),
    "no task": trace(on(0, "main", "print", text="hi", stream="out", line=1)),
    "nothing": trace(),
}
every_trace = pytest.mark.parametrize("name", TRACES)


def shapes(picture: str, cls: str) -> list[ElementTree.Element]:
    """The shapes of one class, without the legend's."""
    paths = ElementTree.fromstring(picture).iter(f"{SVG}path")
    return [path for path in paths if cls in path.attrib.get("class", "").split()]


def texts(picture: str) -> list[str]:
    """All that is written in a picture."""
    found = ElementTree.fromstring(picture).iter(f"{SVG}text")
    return [text.text or "" for text in found]


def boxes(picture: str) -> list[tuple[float, float, float, float, str]]:
    """Where the texts are, by the width of their letters."""
    found = []
    for text in ElementTree.fromstring(picture).iter(f"{SVG}text"):
        said, x, y = text.text or "", float(text.attrib["x"]), float(text.attrib["y"])
        width = len(said) * ADVANCE[text.attrib["class"].split()[0]]
        if text.attrib.get("text-anchor") == "middle":
            x -= width / 2
        found.append((x, y - 8, x + width, y + 2, said))
    return found


def cells(html: str) -> list[list[str]]:
    """The rows of a table's body."""
    rows = re.findall(r"<tr>(<td>.*?)</tr>", html)
    return [list(map(unescape, re.findall(r"<td>(.*?)</td>", row))) for row in rows]


def left(shape: ElementTree.Element) -> float:
    """Where a bar begins."""
    return float(shape.attrib["d"][1:].split()[0])


def wide(shape: ElementTree.Element) -> float:
    """How wide a bar is."""
    found = re.search(r"h([\d.]+)", shape.attrib["d"])
    assert found
    return float(found[1])


@every_trace
def test_a_picture_is_the_same_to_the_byte(name: str) -> None:
    """Drawn twice, whatever order Python's sets and hashes have."""
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from draw_timeline import *; trace = json.load(sys.stdin)\n"
        "out = figure(trace) + table(trace) + svg(trace, False)\n"
        "sys.stdout.buffer.write(out.encode())"
    )
    drawn = [
        subprocess.run(
            [sys.executable, "-c", code, str(TOOL.parent)],
            input=json.dumps(TRACES[name]).encode(),
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert drawn[0] == drawn[1]
    mine = figure(TRACES[name]) + table(TRACES[name]) + svg(TRACES[name], False)
    assert drawn[0].decode() == mine


@every_trace
@pytest.mark.parametrize("fold", [True, False])
def test_a_picture_is_well_formed(name: str, fold: bool) -> None:
    """A file of its own: XML, with a size, a title, and what was asked for."""
    root = ElementTree.fromstring(svg(TRACES[name], fold))
    assert root.tag == f"{SVG}svg"
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    x, y, width, height = map(float, root.attrib["viewBox"].split())
    assert (x, y) == (0, 0)
    assert width > 0
    assert height > 0


@every_trace
def test_a_figure_is_one_line_that_markdown_leaves_alone(name: str) -> None:
    """A page includes it as it is."""
    html = figure(TRACES[name])
    assert "\n" not in html
    extensions = ["md_in_html", "smarty", "attr_list", "tables", "toc"]
    text = markdown.markdown(f"A.\n\n{html}\n\nB.", extensions=extensions)
    assert text.split("\n", 1)[1].rsplit("\n", 1)[0].strip() == html
    assert " href=" not in html  # a theme rewrites these, and a <use> refuses


@every_trace
def test_ids_are_unique_on_a_page(name: str) -> None:
    """Two scripts' pictures differ by hash, two of one script by prefix."""
    other = TRACES[name] | {"sha256": "fedcba9876543210"}
    same = figure(TRACES[name], prefix="again")
    html = figure(TRACES[name]) + figure(other) + same
    ids = Counter(re.findall(r'\bid="([^"]*)"', html))
    assert max(ids.values()) == 1
    used = re.findall(r"(?:url\(|href=\"|labelledby=\"|describedby=\")#?([\w-]+)", html)
    assert {*used} <= ids.keys()


@every_trace
@pytest.mark.parametrize("fold", [True, False])
def test_no_two_texts_overlap(name: str, fold: bool) -> None:
    """Where there is no room a label is shorter, or is left to the tooltip."""
    found = boxes(svg(TRACES[name], fold))
    for (a, b, c, d, one), (e, f, g, h, other) in combinations(found, 2):
        assert c <= e or g <= a or d <= f or h <= b, (one, other)


def test_no_label_runs_under_a_mark() -> None:
    """cancel() comes while a task waits on: its label gives way."""
    events = [
        *ALONE,
        born(2, "T2", "main()", by="T1"),
        on(3, "T1", "wait", kind="tasks", label="a_long_name.wait()", line=5),
        on(4, "T2", "run"),
        sleeps(5, "T2", 600, 6),
        on(60, "T1", "cancel", by="main"),
        on(606, "T2", "run"),
        returns(607, "T2"),
        on(608, "T1", "run"),
        returns(609, "T1"),
    ]
    later = [event | {"t": 40_000} if event["t"] == 6000 else event for event in events]
    assert "a_long_name.wait()" in texts(svg(trace(*(dict(e) for e in later))))
    (cancel,) = shapes(picture := svg(trace(*events)), "cancel")
    x, y = map(float, re.findall(r"[\d.]+", cancel.attrib["d"])[:2])
    for a, b, c, d, said in boxes(picture):
        assert c <= x or x + 9 <= a or d <= y or y + 7 <= b, said


def test_there_is_room_for_how_a_task_ended() -> None:
    """The picture gives up some width for the words behind the last mark."""
    failed = SLEEP["events"][:-1]
    error = {"how": "raised", "detail": "InvalidStateError('no')", "line": 4}
    failed = trace(*ALONE) | {"events": [*failed, on(505, "T1", "end", **error)]}
    assert "InvalidStateError" in texts(svg(failed))
    assert "lost" in texts(svg(LOST))
    assert wide(shapes(svg(failed), "wait")[0]) < wide(shapes(svg(SLEEP), "wait")[0])


@every_trace
@pytest.mark.parametrize("fold", [True, False])
def test_nothing_leaves_the_picture(name: str, fold: bool) -> None:
    """Each text lies within it, and each name in the column of names."""
    picture = svg(TRACES[name], fold)
    height = float(picture.split('viewBox="0 0 700 ')[1].split('"')[0])
    for x, y, right, bottom, said in boxes(picture):
        assert x >= 0, said
        assert y >= 0, said
        assert right <= 700, said
        assert bottom <= height, said
    gutter = float(figure(TRACES[name]).split("--gutter:")[1].split(";")[0])
    names = picture[picture.index('-names">') :]
    for text in ElementTree.fromstring("<g>" + names.split(">", 1)[1][:-6]):
        if text.tag == "text":
            cls = text.attrib["class"].split()[0]
            end = float(text.attrib["x"]) + ADVANCE[cls] * len(text.text or "")
            assert end <= gutter or not fold


@pytest.mark.parametrize("name", [*TRACES])
def test_a_figure_is_small(name: str) -> None:
    """Picture, legend, table and recording together: 8 KB over the wire."""
    assert len(gzip.compress(figure(TRACES[name]).encode())) <= ORDINARY


STATES = [
    ("sleep", "run", "main() runs, lines 3 to 4: 0.1 ms", "runs on the CPU"),
    ("sleep", "wait", "main() waits for sleep(0.05), line 4: 50 ms", "waits, for"),
    ("sleep", "ready", "main() is woken by a timer, waits for its turn", "ready,"),
    ("sleep", "idle", "", "idle: nobody is ready"),
    ("sleep", "returned", "main() returned None", "returned"),
    ("yields", "ready", "main() is ready again, waits for its turn", "ready,"),
    ("children", "born", "", "created"),
    ("children", "woke", "", "woken by"),
    ("children", "raised", "waiter raised ValueError('cold'), line 15", "raised"),
    ("cancelled", "cancel", "is told to cancel by main(), line 7", "cancel() was"),
    ("cancelled", "cancelled", "forever() was cancelled", "cancelled"),
    ("blocked", "block", "report() blocks the loop, line 8: 200 ms", "blocks the loop"),
    ("blocked", "late", "main() is overdue: sleep(0.05) is over", "overdue:"),
    ("blocked", "veil", "", ""),
    ("eager", "pause", "stands aside for an eager task that it creates", "stands"),
    ("thread", "thread", "asyncio_0 runs read() for main(), line 5", "in another"),
    ("lost", "lost", "never ended: garbage-collected while pending", "never ended"),
    ("callback", "block", "", "blocks the loop"),
]


@pytest.mark.parametrize(("name", "cls", "tip", "key"), STATES)
def test_each_state_and_mark_is_drawn(name: str, cls: str, tip: str, key: str) -> None:
    """With a tooltip in words, and a line in the legend that explains it."""
    picture = svg(TRACES[name])
    found = shapes(picture, cls)
    assert found
    titles = [title.text or "" for shape in found for title in shape]
    assert not tip or any(tip in title for title in titles), titles
    legend = figure(TRACES[name]).split('<ul class="timeline-legend">')[1]
    assert key in legend.split("</ul>")[0]


def test_the_legend_has_only_what_occurs() -> None:
    """Nobody was cancelled here, so the mark of it is not explained."""
    legend = re.findall(r"</svg>([^<]*)</li>", figure(SLEEP))
    assert legend == [
        "runs on the CPU",
        "waits, for what is written above",
        "ready, waits for its turn",
        "idle: nobody is ready",
        "returned",
    ]


ROWS = [
    ("sleep", ["0.0", "main()", "is created by the script, waits for its turn", "0.1"]),
    ("sleep", ["0.1", "main()", "runs, lines 3 to 4", "0.1"]),
    ("sleep", ["0.1", "main()", "prints: going & <going>", ""]),
    ("sleep", ["0.2", "main()", "waits for sleep(0.05), line 4", "50.0"]),
    ("sleep", ["50.2", "main()", "is woken by a timer, waits for its turn", "0.2"]),
    ("sleep", ["50.5", "main()", "returned None", ""]),
    ("children", ["0.3", "main()", "waits for gather(): 2 tasks, line 9", "50.8"]),
    ("children", ["0.6", "waiter", "waits for called.wait(), line 14", "50.1"]),
    ("children", ["51.0", "waiter", "raised ValueError('cold'), line 15", ""]),
    ("cancelled", ["30.5", "forever()", "is told to cancel by main(), line 7", ""]),
    ("cancelled", ["30.8", "forever()", "was cancelled", ""]),
    ("blocked", ["0.4", "report()", "blocks the loop, line 8", "200.0"]),
    ("eager", ["0.2", "main()", "stands aside for an eager task", "9.8"]),
    ("thread", ["0.3", "thread asyncio_0", "runs read() for main(), line 5", "29.7"]),
    ("lost", ["30.0", "main()", "never ended: garbage-collected while pending", ""]),
    ("callback", ["10.0", "event loop", "blocks the loop, line 9", "300.0"]),
]


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_each_state_and_mark_has_a_row(name: str, row: list[str]) -> None:
    """The table says it in words: when, who, what, for how long."""
    rows = cells(table(TRACES[name]))
    assert any(
        (at, who, lasts) == (row[0], row[1], row[3]) and says.startswith(row[2])
        for at, who, says, lasts in rows
    ), rows


@every_trace
def test_the_table_is_in_order_of_time(name: str) -> None:
    """Read from the top it is the story."""
    times = [float(row[0]) for row in cells(table(TRACES[name]))]
    assert times == sorted(times)


@every_trace
def test_the_description_names_what_each_task_waited_for(name: str) -> None:
    """Who cannot see the picture hears it."""
    root = ElementTree.fromstring(svg(TRACES[name], fold=False))
    desc = (root.findtext(f"{SVG}desc") or "") + " "
    for event in TRACES[name]["events"]:
        task = TRACES[name]["tasks"].get(event["who"])
        if event["ev"] == "wait" and task and task["shown"]:
            own = task["name"].startswith("Task-")
            who = task["call"] if own else task["name"]
            says = desc[desc.index(f"{who} waited for ") :].split(". ")[0]
            assert event["label"] in says


def test_the_description_of_many_waits_is_short() -> None:
    """Six are named, the others counted; the table has them all."""
    waits = [
        event
        for i in range(9)
        for event in (on(300 * i + 1, "T1", "run"), sleeps(300 * i + 2, "T1", 290, 4))
    ]
    many = trace(*ALONE, *waits[1:])
    desc = ElementTree.fromstring(svg(many)).findtext(f"{SVG}desc") or ""
    assert desc.count("sleep(0.029)") == 6
    assert "3 more" in desc
    assert table(many).count("sleep(0.029)") == 9
    story = ElementTree.fromstring(svg(SLEEP)).findtext(f"{SVG}desc")
    assert story == "main() waited for sleep(0.05) (50 ms), and returned None."


def test_a_step_shows_the_line_where_it_stopped() -> None:
    """main() stopped at line 9, brew() at 12, the waiter at 14."""
    assert {"9", "12", "14"} <= {*texts(svg(CHILDREN))}


def test_lines_of_a_mark_are_in_its_data() -> None:
    """The player lights up those lines of the program."""
    waits = shapes(svg(CHILDREN), "wait")
    assert sorted(wait.attrib["data-lines"] for wait in waits) == ["12", "14", "9"]
    runs = shapes(svg(SLEEP), "run")
    assert "3 4" in [run.attrib.get("data-lines") for run in runs]


def test_a_block_says_which_line_and_how_long() -> None:
    """Over all lanes lies a veil as wide as the block."""
    picture = svg(BLOCKED)
    assert "line 8 blocks the loop: 200 ms" in texts(picture)
    (block,), (veil,) = shapes(picture, "block"), shapes(picture, "veil")
    assert left(veil) == left(block)
    assert wide(veil) == pytest.approx(wide(block), abs=1)


def test_a_wait_is_overdue_only_while_a_step_holds_the_loop() -> None:
    """A timer that is late on an idle loop is a slow machine's, not a block."""
    late = [*BLOCKED["events"]]
    late[[event["ev"] for event in late].index("end")] = returns(5, "T2")
    picture = svg(trace(*ALONE) | {"tasks": BLOCKED["tasks"], "events": late})
    assert shapes(svg(BLOCKED), "late")
    assert not shapes(picture, "late")
    assert not shapes(picture, "block")
    before = [*BLOCKED["events"]]  # the block is over when the wait should be
    wait = next(e for e in before if e["ev"] == "wait")
    before[before.index(wait)] = wait | {"until": 201_000}
    before[-3:] = [event | {"t": event["t"] + 50_000} for event in before[-3:]]
    picture = svg(BLOCKED | {"events": before})
    assert shapes(picture, "block")
    assert not shapes(picture, "late")


def test_a_step_is_wide_enough_to_see() -> None:
    """0.1 ms beside 50 ms, and yet there is room for the line's number."""
    widths = [
        wide(run)
        for run in shapes(svg(SLEEP), "run")
        if run.find(f"{SVG}title") is not None
    ]
    assert len(widths) == 2
    assert min(widths) > 10


def test_waits_share_the_width_in_proportion() -> None:
    """Three times as long between steps is three times as wide."""
    events = [*SLEEP["events"][:-1]]
    events += [sleeps(505, "T1", 1500, 4), on(2005, "T1", "ready", by="timer")]
    events += [on(2006, "T1", "run"), returns(2007, "T1")]
    one, three = shapes(svg(trace(*ALONE) | {"events": events}), "wait")
    assert wide(three) / wide(one) == pytest.approx(3, rel=0.02)


@every_trace
def test_knots_lead_from_time_to_place_and_back(name: str) -> None:
    """The player finds each time in the picture, and each place in time."""
    root = ElementTree.fromstring(svg(TRACES[name]))
    knots = [knot.split(",") for knot in root.attrib["data-knots"].split()]
    times, places = [int(t) for t, _ in knots], [float(x) for _, x in knots]
    assert times == sorted({*times})
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["children", "cancelled", "crowd"])
def test_knots_lead_to_where_waits_are_drawn(name: str) -> None:
    """To some pixels; between two of them time flows evenly."""
    picture = svg(TRACES[name], fold=False)
    root = ElementTree.fromstring(picture)
    knots = [knot.split(",") for knot in root.attrib["data-knots"].split()]
    points = [(int(t), float(x)) for t, x in knots]
    waits = [e["t"] for e in TRACES[name]["events"] if e["ev"] == "wait"]
    drawn = sorted(map(left, shapes(picture, "wait")))
    for t, x in zip(waits, drawn, strict=True):
        (a, y), (b, z) = next(
            pair for pair in pairwise(points) if pair[0][0] <= t <= pair[1][0]
        )
        assert abs(y + (z - y) * (t - a) / (b - a) - x) < 4


def test_time_begins_with_the_first_event() -> None:
    """Whenever the recorder was started, the figure is the same."""
    later = json.loads(json.dumps(CHILDREN))
    for event in later["events"]:
        event["t"] += 70_000
        for line in event.get("lines", []):
            line[1] += 70_000
        if "until" in event:
            event["until"] += 70_000
    assert figure(later) == figure(CHILDREN)


def test_who_woke_whom_is_an_arrow_between_their_lanes() -> None:
    """brew() woke the waiter, who woke main(); a timer has no lane."""
    picture = svg(CHILDREN)
    woke = {shape.attrib["class"].split()[1] for shape in shapes(picture, "woke")}
    assert woke == {"hue1", "hue2"}
    assert len(shapes(picture, "tip")) == 2


def test_children_stand_below_who_created_them() -> None:
    """Indented, in the order of creation."""
    root = ElementTree.fromstring(svg(CHILDREN))
    names = [
        (text.text, float(text.attrib["x"]))
        for text in root.iter(f"{SVG}text")
        if text.attrib["class"] == "name"
    ]
    assert [name for name, _ in names] == ["main()", "brew('tea', 0.05)", "waiter"]
    assert names[0][1] < names[1][1] == names[2][1]


def test_tasks_of_libraries_have_no_lane() -> None:
    """What they create belongs to the reader's task behind them."""
    hidden = trace(
        *ALONE,
        born(2, "T2", "_helper()", by="T1", shown=False),
        on(3, "T2", "run"),
        born(4, "T3", "mine()", by="T2"),
        on(5, "T2", "wait", kind="future", label="a future"),
    )
    names = texts(svg(hidden))
    assert "mine()" in names
    assert "_helper()" not in names
    assert len(shapes(svg(hidden), "born")) == 1
    assert "_helper()" not in table(hidden)


def test_short_callbacks_of_asyncio_leave_no_trace() -> None:
    """They are not the reader's, and would hide who has the thread."""
    many = crowd(200)
    calls = [
        on(0, "loop", "call", label="_on_completion", by="T1", dur=1) | {"t": e["t"]}
        for e in many["events"]
        if e["ev"] == "ready"
    ]
    events = sorted([*calls, *many["events"]], key=lambda event: event["t"])
    assert svg(many | {"events": events}) == svg(many)


def test_each_loop_has_a_lane() -> None:
    """A second loop, in a thread, is drawn below the first."""
    assert texts(svg(TWO_LOOPS)).count("event loop") == 2
    assert "2 threads" in figure(TWO_LOOPS)


def test_a_dozen_alike_tasks_have_lanes_and_one_more_is_a_band() -> None:
    """Two stay single; the others become an area of how many wait for what."""
    few, many = svg(crowd(ALIKE)), svg(crowd(ALIKE + 1))
    assert not shapes(few, "area")
    assert len(shapes(few, "dot")) == ALIKE + 1
    assert len(shapes(many, "dot")) == 3
    assert f"{ALIKE - 1} more fetch()" in texts(many)


def test_a_limit_shows_as_a_band() -> None:
    """Never more than four of the forty sleep: the rest waits for the limit."""
    picture = svg(crowd(40, limit=4))
    words = texts(picture)
    assert "sleep ≤ 4" in words
    assert "limit.acquire ≤ 36" in words
    assert "4 sleep, 36 limit.acquire" in picture
    assert "38 returned" in picture


def heights(picture: str, who: str) -> dict[str, dict[int, int]]:
    """The upper edges of a band's areas: of each state, from each x on."""
    found = {}
    for area in shapes(picture, "area"):
        band, _, state = area.attrib.get("data-band", "").partition(" ")
        if band == who:
            x, n = int(area.attrib["d"][1:].split()[0]), 0
            found[state] = {x: 0}
            for right, up in re.findall(r"h(\d+)v(-?\d+)", area.attrib["d"]):
                x, n = x + int(right), n + int(up)
                found[state][x] = n
    return found


def test_a_band_counts_who_runs_waits_and_is_ready() -> None:
    """Its areas lie one above the other: the top is how many there are."""
    edges = heights(svg(crowd(40, limit=4)), "T4")
    states = [*edges]
    assert states == ["ready", "limit.acquire", "sleep", "running"]
    assert max(edges["running"].values()) == 1
    assert max(edges["ready"].values()) == 38
    assert max(edges["sleep"].values()) <= 4 + 1  # and the one that runs
    assert [[*edge.values()][-1] for edge in edges.values()] == [0] * 4
    for above, below in pairwise(states):
        for x, n in edges[above].items():
            under = [m for at, m in edges[below].items() if at <= x]
            assert not under or under[-1] <= n, (above, below, x)


def test_waits_beyond_three_are_counted_together() -> None:
    """The three that took longest have an area of their own."""
    many = crowd(ALIKE + 4)
    waits = [e for e in many["events"] if e["ev"] == "wait" and e["who"] != "T1"]
    for i, event in enumerate(waits):
        event["label"] = f"queue_{i % 5}.get()"
    found = [*heights(svg(many), "T4")]
    assert len([name for name in found if name.startswith("queue_")]) == 3
    assert "other waits" in found


def test_tasks_of_a_library_are_a_band_if_they_call_the_script() -> None:
    """The others are counted in the sentence below, and not drawn."""
    words = texts(svg(requests(20)))
    assert "answer(): 20 tasks" in words
    assert "sleep ≤ 10" in words
    assert not [text for text in words if "Server" in text]
    assert words.index("18 more fetch()") < words.index("answer(): 20 tasks")
    caption = figure(requests(20)).split("<figcaption>")[1]
    assert "21 tasks and 21 of a library, one thread" in caption


def test_tasks_of_a_band_have_one_colour_in_the_lane_of_the_loop() -> None:
    """The colour of the band: it tells whose turn it is."""
    picture = svg(requests(20))
    hues = {x.attrib["class"] for x in shapes(picture, "line")}
    assert hues == {"line run hue0", "line run hue1", "line run hue2"} | {
        "line run hue3",  # 18 more fetch()
        "line run hue4",  # answer()
    }
    running = [x.attrib["class"] for x in shapes(picture, "m0")]
    assert {"area hue3 m0", "area hue4 m0"} == {*running}


def test_the_lane_of_the_loop_has_no_more_pieces_than_pixels() -> None:
    """However many steps there are, each paints what none has painted."""
    lines = shapes(svg(crowd(300)), "line")
    pieces = [piece for x in lines for piece in x.attrib["d"].split("m")[1:]]
    wide = [float(piece.split("h")[1]) for piece in pieces]
    assert 100 < len(wide) <= 500
    assert sum(wide) < 500


def test_a_band_of_the_readers_tasks_unfolds() -> None:
    """Each has a strip: its name, when it waited for what, how it ended."""
    many = crowd(ALIKE + 1)
    last = many["tasks"]["T14"]["call"]
    end = next(e for e in many["events"] if e["who"] == "T14" and e["ev"] == "end")
    end |= {"how": "raised", "detail": "OSError('gone')"}
    (each,) = re.findall(
        r"<details><summary>11 more fetch\(\), one by one<.*?</details>", figure(many)
    )
    names = re.findall(r"<tspan[^>]*>([^<]*)</tspan>", each)
    assert names == [f"fetch({i})" for i in range(2, 13)]
    assert names[-1] == last
    assert ">OSError</text>" in each
    sleeps = re.findall(r'class="strip hue3 m1" d="([^"]*)"', each)
    assert sleeps[0].count("h") == 11
    (ready,) = re.findall(r'class="strip queue" d="([^"]*)"', each)
    assert ready.count("h") > 11  # before its first turn, and when woken
    assert "one by one" not in figure(SLEEP)
    assert "one by one" in figure(requests(20))
    assert "answer(): 20 tasks, one by one" not in figure(requests(20))
    assert len(shapes(svg(many, fold=False), "dot")) == 14


def test_a_group_has_one_row_in_the_table_of_a_figure() -> None:
    """The table on its own has a row for each span of each task."""
    many = crowd(40)
    folded = cells(table(many, fold=True))
    assert [row[1] for row in folded if "more" in row[1]] == ["38 more fetch()"]
    assert len(cells(table(many))) > len(folded) + 38 * 4


def test_the_sentence_says_what_the_axis_does() -> None:
    """How many tasks, how long, how much work, and what is drawn wider."""
    said = re.findall(r"<figcaption>.*?<p>(.*?)</p>", figure(BLOCKED))[0]
    assert said.startswith(
        "2 tasks, one thread, 201 ms, of which the thread worked 200 ms. The time"
        " axis is stretched where the loop is busy: steps shorter than "
    )
    assert said.endswith("Recorded on Python 3.13.0.")


def test_an_unfinished_recording_says_so() -> None:
    """In its title and in the sentence below."""
    cut = TRACES["incomplete"]
    assert ", incomplete</title>" in svg(cut)
    assert "The recording stopped before the script did." in figure(cut)
    failed = SLEEP | {"error": "KeyError('tea')"}
    assert "The script ended with KeyError(&#x27;tea&#x27;)." in figure(failed)


def test_a_figure_brings_what_the_player_needs() -> None:
    """The events of each lane, from the start on; of a band what it printed."""
    inside = re.findall(r"data-recording='(.*?)'", figure(SLEEP))
    events = json.loads(html.unescape(inside[0]))["events"]
    assert [event["ev"] for event in events][:3] == ["create", "run", "print"]
    assert [event["after"] for event in events][:2] == [0, 100]
    many = crowd(40)
    printed = on(700, "T30", "print", text="hot", stream="out", line=7)
    many["events"] = sorted([*many["events"], printed], key=lambda e: e["t"])
    (inside,) = re.findall(r"data-recording='(.*?)'", figure(many))
    recording = json.loads(html.unescape(inside))
    assert {e["who"] for e in recording["events"]} == {"T1", "T2", "T3", "T4"}
    of_band = [e for e in recording["events"] if e["who"] == "T4"]
    assert [(e["ev"], e["text"]) for e in of_band] == [("print", "hot")]
    assert recording["tasks"]["T4"] == ["fetch()", "hue3"]


def test_names_and_prints_cannot_become_markup() -> None:
    """Whatever a task is called, printed or raised."""
    evil = "</script><img src=x onerror=alert(1)>"
    events = [
        born(0, "T1", f"main('{evil}')"),
        on(1, "T1", "run"),
        on(1, "T1", "print", text=evil, stream="out", line=1),
        on(2, "T1", "wait", kind="future", label=evil, line=1),
        on(300, "T1", "run"),
        on(301, "T1", "end", how="raised", detail=evil, line=1),
    ]
    html = page(trace(*events, script=f"{evil}.py", error=evil), f"# {evil}")
    assert "<img" not in html
    assert html.count("</script>") == 1


def test_a_page_has_the_output_but_not_the_errors() -> None:
    """What went to standard error is not in the block of the output."""
    warning = on(1, "T1", "print", text="careful", stream="err", line=3)
    html = page(trace(*ALONE, warning), "")
    output = html.split(">Output<")[1].split("</pre>")[0]
    assert "going &amp; &lt;going&gt;" in output
    assert "careful" not in output


@pytest.mark.parametrize("player", [True, False])
def test_a_page_is_one_file(monkeypatch: pytest.MonkeyPatch, player: bool) -> None:
    """It asks nobody for anything, with the player beside it or without."""
    if not player:
        monkeypatch.setattr(draw_timeline, "asset", lambda name: "")
    html = page(SLEEP, "import asyncio\n\nprint(1 < 2)\n")
    assert ("class Timeline" in html) == player
    assert "print(1 &lt; 2)" in html
    assert '<span id="__span-0-3">' in html
    assert "going &amp; &lt;going&gt;" in html
    addresses = {*re.findall(r"https?://[\w./]+", html)}
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.findall(r"<(?:link|img|iframe)\b|\bsrc=|@import|url\((?!#)", html)


def run(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Draw from the command line."""
    return subprocess.run(
        [sys.executable, str(TOOL), *args],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        check=False,
    )


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder with a script and its trace."""
    source = b"import asyncio\n"
    (tmp_path / "story.py").write_bytes(source)
    sha256 = hashlib.sha256(source).hexdigest()
    text = json.dumps(SLEEP | {"sha256": sha256})
    (tmp_path / "story.trace.json").write_text(text, "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("flags", "start"),
    [
        ([], "<svg "),
        (["--svg"], "<svg "),
        (["--table"], "<table "),
        (["--page"], "<!doctype html>"),
    ],
)
def test_the_command_line_writes_each_kind(
    recorded: Path, flags: list[str], start: str
) -> None:
    """To standard output, or with -o to a file, the same."""
    shown = run("story.trace.json", *flags, cwd=recorded)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(start)
    run("story.trace.json", *flags, "-o", "out", cwd=recorded)
    assert (recorded / "out").read_text("utf-8") == shown.stdout


@pytest.mark.parametrize(
    ("text", "flags", "error"),
    [
        (None, [], "story.trace.json: No such file or directory"),
        ("not JSON", [], "story.trace.json is not a trace made by record_timeline.py"),
        ("[1]", [], "story.trace.json is not a trace made by record_timeline.py"),
        ({"version": 2}, [], "only version 1 of the format is known"),
        ({"tasks": {}}, [], "the trace is damaged: "),
        ({"sha256": "0"}, ["--page"], "story.py has changed since it was recorded"),
        ({"script": "x.py"}, ["--page"], "the page needs x.py, which is not there"),
    ],
)
def test_an_error_is_one_sentence(
    recorded: Path, text: Any, flags: list[str], error: str
) -> None:
    """It names what is wrong, without a traceback."""
    file = recorded / "story.trace.json"
    if text is None:
        file.unlink()
    elif isinstance(text, dict):
        file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | text))
    else:
        file.write_text(text)
    done = run("story.trace.json", *flags, cwd=recorded)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"draw_timeline: {error}")
    assert len(done.stderr.splitlines()) == 1


def test_a_damaged_trace_is_an_error_of_its_own() -> None:
    """Not whatever Python happens to raise."""
    for broken in ({}, {"version": 1}, SLEEP | {"events": [{"t": 1}]}):
        with pytest.raises(TraceError):
            svg(broken)
