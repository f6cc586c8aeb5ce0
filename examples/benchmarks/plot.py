"""What was measured, as a table and as a picture.

The picture is SVG, made of lines and text, and needs no script. It takes
its colours from the page that it is in, light or dark. Each metric has a
panel of its own. Where ways were measured with several amounts, a panel has
a line for each way; else each way has a row. A point is the median of the
rounds, and the bar through it leads from the lowest to the highest.
"""

import math
from collections.abc import Callable, Iterator
from html import escape
from typing import NamedTuple

from .harness import Metric, Result, Spread, digits

WIDTH, LEFT, RIGHT = 700, 60, 550  # pixels: of the picture, of its plots
HEIGHT, ROW, HEAD, FOOT = 170, 20, 32, 36  # of a plot, of a row, around them
LETTER = 13  # pixels between two names, at least

COLOURS = [  # for light and for dark
    "#3f51b5,#8c9eff",
    "#00796b,#4dd0bf",
    "#c2410c,#ff9e66",
    "#a21caf,#f08cff",
    "#4d7c0f,#a6d65c",
    "#0277bd,#64c3ff",
    "#6a3de8,#b9a1ff",
    "#7a5c50,#c9a893",
]
MARKS = [
    "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0",
    "m-3.2-3.2h6.4v6.4h-6.4z",
    "m0-4.5l4.5 4.5l-4.5 4.5l-4.5-4.5z",
    "m0-4.5l4 7.5h-8z",
    "m0 4.5l4-7.5h-8z",
    "m-4-1.3h2.7v-2.7h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7z",
    "m-4-2h8v4h-8z",
    "m-2-4h4v8h-4z",
]
STYLE = """
svg:root{color-scheme:light dark;background:var(--bg)}
.plot-picture{
--fg:var(--ink,light-dark(#1d2b30,#e3eaea));
--bg:var(--paper,light-dark(#fff,#131b1f));
--soft:var(--md-default-fg-color--light,light-dark(#52636a,#a9b8ba));
--faint:var(--rule,light-dark(#d9e0e0,#2c3a40));
font:11px/1 var(--md-text-font-family,system-ui,sans-serif);
print-color-adjust:exact;
text{fill:var(--fg)}.head{font-weight:600;font-size:12px}
.tick{fill:var(--soft);font-size:10px}
.grid{stroke:var(--faint)}.lead{stroke:var(--faint);stroke-dasharray:1 2}
.line{fill:none;stroke:var(--c);stroke-width:1.6}
.mark{fill:var(--c);stroke:var(--bg)}COLOURS}
""".replace("\n", "").replace(
    "COLOURS",
    "".join(f".way{i}{{--c:light-dark({pair})}}" for i, pair in enumerate(COLOURS)),
)


# The table


def rows(result: Result) -> list[list[str]]:
    """The head of the table, and a row for each case."""
    metrics = result.benchmark.metrics
    heads = [f"{metric.name} ({metric.unit})" for metric in metrics]
    found = [["Way", result.benchmark.things.capitalize(), *heads]]
    for way, amount in result.cases:
        if failure := result.failure(way, amount):
            cells = [f"failed: {failure}"] + [""] * (len(metrics) - 1)
        else:
            cells = [str(result.spread(metric, way, amount)) for metric in metrics]
        found.append([way, f"{amount:,}", *cells])
    return found


def text_table(rows: list[list[str]]) -> str:
    """The table for a terminal."""
    first, *widths = (max(map(len, column)) for column in zip(*rows, strict=True))
    return "\n".join(
        "  ".join([way.ljust(first), *map(str.rjust, cells, widths)])
        for way, *cells in rows
    )


def html_table(rows: list[list[str]]) -> str:
    """The table for a page."""
    head, *body = ([escape(cell) for cell in row] for row in rows)
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{way}</th><td>{"</td><td>".join(cells)}</td></tr>'
        for way, *cells in body
    )
    parts = f"<thead><tr>{heads}</tr></thead><tbody>{lines}</tbody>"
    return f'<table class="plot-table">{parts}</table>'


# The picture


class Scale(NamedTuple):
    """From numbers to pixels, and where it has ticks."""

    place: Callable[[float], float]
    ticks: list[float]


def logarithmic(numbers: list[float], start: float, end: float) -> Scale:
    """A scale on which ten times as much is always as far."""
    above = [number for number in numbers if number > 0] or [1.0]
    low = math.floor(math.log10(min(above)))
    high = max(math.ceil(math.log10(max(above)) - 1e-9), low + 1)
    ticks = [n * 10.0**p for p in range(low, high) for n in (1, 2, 5)]
    step = (end - start) / (high - low)

    def place(number: float) -> float:
        return start + (math.log10(max(number, 10.0**low)) - low) * step

    return Scale(place, [*(ticks if high - low < 3 else ticks[::3]), 10.0**high])


def linear(numbers: list[float], start: float, end: float) -> Scale:
    """A scale that begins at zero."""
    most = max(numbers) or 1.0
    power = 10.0 ** math.floor(math.log10(most))
    step = next(n * power for n in (0.2, 0.5, 1, 2) if most <= 5 * n * power)
    count = math.ceil(most / step - 1e-9)
    slope = (end - start) / (count * step)
    return Scale(lambda n: start + n * slope, [step * n for n in range(count + 1)])


def apart(places: list[float], room: float, end: float) -> list[float]:
    """Move what lies nearer together than `room`; none beyond `end`, if it can."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + room) if moved else place)
    for number in reversed(range(len(moved))):
        moved[number] = end = min(moved[number], end)
        end -= room
    return moved


def text(x: float, y: float, words: str, cls: str, anchor: str = "start") -> str:
    """Words in the picture."""
    at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{cls}" {at}>{escape(words)}</text>'


def path(cls: str, d: str) -> str:
    """A line in the picture, or an area."""
    return f'<path class="{cls}" d="{d}"/>'


class Picture:
    """The picture of one benchmark."""

    def __init__(self, result: Result):
        self.benchmark, self.result = result.benchmark, result
        cases = [case for case in result.cases if not result.failure(*case)]
        self.metrics = [metric for metric in self.benchmark.metrics if metric.drawn]
        self.amounts = sorted({amount for _, amount in cases})
        self.ways: dict[str, list[int]] = {}
        for way, amount in cases:
            self.ways.setdefault(way, []).append(amount)
        self.has_lines = any(len(amounts) > 1 for amounts in self.ways.values())

    def spreads(self, metric: Metric, way: str) -> list[Spread]:
        """What was measured of a way, by amount."""
        return [self.result.spread(metric, way, n) for n in self.ways[way]]

    def panel(self, metric: Metric, top: float) -> Iterator[str]:
        """The picture of a metric."""
        yield text(0, top + 14, f"{metric.name}, in {metric.unit}", "head")
        spreads = [s for way in self.ways for s in self.spreads(metric, way)]
        numbers = [number for spread in spreads for number in spread]
        scale = logarithmic if metric.drawn == "log" else linear
        top += HEAD
        if self.has_lines:
            yield from self.lines(metric, scale(numbers, top + HEIGHT, top), top)
        else:
            yield from self.rows(metric, scale(numbers, 160, WIDTH - 20), top)

    def lines(self, metric: Metric, up: Scale, top: float) -> Iterator[str]:
        """A line for each way, over the amounts."""
        along = logarithmic([float(n) for n in self.amounts], LEFT, RIGHT)
        foot, names = top + HEIGHT + 16, []
        for tick in up.ticks:
            y = up.place(tick)
            yield path("grid", f"M{LEFT} {y:.1f}H{RIGHT}")
            yield text(LEFT - 8, y + 3.5, digits(tick), "tick", "end")
        for n in self.amounts:
            yield text(along.place(n), foot, f"{n:,}", "tick", "middle")
        yield text(LEFT - 12, foot, self.benchmark.things, "tick", "end")
        for hue, (way, amounts) in enumerate(self.ways.items()):
            bars, points = "", []
            for n, spread in zip(amounts, self.spreads(metric, way), strict=True):
                x, (low, y, high) = along.place(n), map(up.place, spread)
                bars += f"M{x:.1f} {low:.1f}V{high:.1f}"
                points.append(f"{x:.1f} {y:.1f}")
            yield self.way(hue, f"M{'L'.join(points)}{bars}", points)
            names.append((y, hue, way, points[-1]))
        names.sort()
        places = apart([y for y, *_ in names], LETTER, top + HEIGHT)
        for y, (_, hue, way, last) in zip(places, names, strict=True):
            yield path("lead", f"M{last}L{RIGHT + 12} {y:.1f}")
            yield self.way(hue, "", [f"{RIGHT + 18} {y:.1f}"])
            yield text(RIGHT + 26, y + 4, way, "name")

    def rows(self, metric: Metric, along: Scale, top: float) -> Iterator[str]:
        """A row for each way, which has one amount."""
        bottom = top + ROW * len(self.ways)
        for tick in along.ticks:
            x = along.place(tick)
            yield path("grid", f"M{x:.1f} {top}V{bottom}")
            yield text(x, bottom + 14, digits(tick), "tick", "middle")
        for hue, way in enumerate(self.ways):
            y = top + ROW * (hue + 0.5)
            low, x, high = map(along.place, self.spreads(metric, way)[0])
            yield text(150, y + 4, way, "name", "end")
            yield self.way(hue, f"M{low:.1f} {y:.1f}H{high:.1f}", [f"{x:.1f} {y:.1f}"])

    def way(self, hue: int, line: str, points: list[str]) -> str:
        """A line and its points, told by their shape as well as by colour."""
        shape = MARKS[hue % len(MARKS)]
        marks = "".join(path("mark", f"M{point}{shape}") for point in points)
        return f'<g class="way{hue % len(COLOURS)}">{path("line", line)}{marks}</g>'

    def told(self, metric: Metric) -> Iterator[str]:
        """A panel in words: how each line begins, and how it ends."""
        for way, amounts in self.ways.items():
            first, *_, last = [*self.spreads(metric, way)] * 2
            yield f"{way} {digits(first.middle)}" + (
                f" ({amounts[0]:,}) to {digits(last.middle)} ({amounts[-1]:,})"
                if len(amounts) > 1
                else ""
            )

    def svg(self) -> str:
        """The whole picture."""
        step = HEAD + FOOT + (HEIGHT if self.has_lines else ROW * len(self.ways))
        name, about = f"plot-{self.benchmark.name}", escape(self.benchmark.about)
        words = [
            f"{m.name}, in {m.unit}: {'; '.join(self.told(m))}." for m in self.metrics
        ]
        drawn = [p for i, m in enumerate(self.metrics) for p in self.panel(m, i * step)]
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" class="plot-picture" role="img"'
            f' viewBox="0 0 {WIDTH} {step * len(self.metrics)}"'
            f' aria-labelledby="{name}-title" aria-describedby="{name}-desc">'
            f'<style>{STYLE}</style><title id="{name}-title">{about}</title>'
            f'<desc id="{name}-desc">{escape(" ".join(words))}</desc>'
            f"{''.join(drawn)}</svg>"
        )


def caption(result: Result) -> str:
    """How it was measured, and on what, as HTML."""
    data = result.data
    machine = {name: escape(str(value)) for name, value in data["machine"].items()}
    used = ", ".join(f"{name} {version}" for name, version in data["versions"].items())
    return (
        f"Median of {data['rounds']} rounds; the bars lead from the lowest to the"
        f" highest. <code>{data['command']}</code>, {data['date']},"
        f" {machine['cores']} cores ({machine['processor']}),"
        f" {machine['memory_gib']} GiB, {machine['system']}; {used}."
    )


def figure(result: Result) -> str:
    """The picture as a part of a page, with the table."""
    frame = (
        '<div class="plot-frame" tabindex="0" role="region" aria-label="{}">{}</div>'
    )
    picture = frame.format(escape(result.benchmark.about), Picture(result).svg())
    table = frame.format("Table", html_table(rows(result)))
    return (
        f'<figure class="plot" data-search-exclude>{picture}<figcaption>'
        f"{caption(result)}</figcaption><details>"
        f"<summary>The same as a table</summary>{table}</details></figure>\n"
    )
