"""A chart of hours: lines as SVG, words around it as HTML, so that type keeps its size however wide the chart is drawn."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from dashboards.figures.pen import path_through
from dashboards.figures.scales import round_step
from dashboards.figures.svg import tag
from dashboards.moment import SHANGHAI, beijing

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
WIDE, HIGH = 1000, 300
"""Units of the drawing; it is stretched to its place, lines keep their width."""
STEPS = 4
"""About so many lines across."""


@dataclass(frozen=True)
class Line:
    """A line over hours. x: ends of hours, naive UTC, in order. y: values, None is a gap. notes: what is told of each point."""

    name: str
    x: Sequence[dt.datetime]
    y: Sequence[float | None]
    notes: Sequence[str] = ()
    colour: str = "var(--ink)"
    width: float = 2.5
    opacity: float = 1.0
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """Lines with their unit. mark: an hour that is marked, with its words. empty: said where no line has a value."""

    lines: Sequence[Line]
    unit: str
    title: str
    mark: tuple[dt.datetime, str] | None = None
    empty: str = ""
    decimals: int = 0
    levels: Sequence[tuple[float, str]] = field(default_factory=tuple)
    """Values at which a thin line stands, with its words."""


def drawn(chart: Chart) -> str:
    """Draw a chart as text. assets/chart.js tells the values under the pointer out of the data that stand in it."""
    hours = [x for line in chart.lines for x in line.x]
    values = [y for line in chart.lines for y in line.y if y is not None]
    if not values:
        return tag("p", text=chart.empty, class_="quiet chart-empty")
    first, last = min(hours), max(hours)
    most = max([*values, *(value for value, _ in chart.levels[:1]), 1e-9])
    step = round_step(most / STEPS, slack=1.0)
    top = step * math.ceil(max(values) / step) or step
    across = _Across(first, max(last - first, HOUR))
    grid = [tag("path", d=f"M0 {_y(n * step, top)}H{WIDE}", class_="grid") for n in range(round(top / step) + 1)]
    marked = [tag("path", d=f"M{across(chart.mark[0])} 0V{HIGH}", class_="marked")] if chart.mark else []
    levels = [tag("path", d=f"M0 {_y(v, top)}H{WIDE}", class_="level") for v, _ in chart.levels if v <= top]
    lines = [_line(line, across, top) for line in chart.lines]
    svg = tag(
        "svg", *grid, *levels, *marked, *lines, viewBox=f"0 0 {WIDE} {HIGH}", preserveAspectRatio="none", role="img",
        aria_label=chart.title,
    )  # fmt: skip
    words = [*_scale(step, top), *_days(first, last, across), *_marked(chart, across), *_named_levels(chart, top)]
    plot = tag("div", svg, *words, class_="plot", data_chart=_data(chart, first, last, top))
    return tag("div", _legend(chart), plot, class_="chart")


def standing_chart(chart: Chart) -> str:
    """Draw a chart with its words inside, as one drawing of fixed size: what is taken away; empty where no line has a value."""
    hours = [x for line in chart.lines for x in line.x]
    values = [y for line in chart.lines for y in line.y if y is not None]
    if not values:
        return ""
    first, last = min(hours), max(hours)
    most = max([*values, *(value for value, _ in chart.levels[:1]), 1e-9])
    step = round_step(most / STEPS, slack=1.0)
    top = step * math.ceil(max(values) / step) or step
    across, decimals = _Across(first, max(last - first, HOUR)), max(0, -math.floor(math.log10(step)))
    parts = []
    for n in range(round(top / step) + 1):
        parts.append(tag("path", d=f"M0 {_y(n * step, top)}H{WIDE}", stroke="var(--line)", fill="none"))
        parts.append(tag("text", text=f"{n * step:.{decimals}f}", x=-6, y=_y(n * step, top) + 4, text_anchor="end"))
    for value, word in chart.levels:
        if value <= top:
            parts.append(
                tag("path", d=f"M0 {_y(value, top)}H{WIDE}", stroke="var(--amber)", fill="none", stroke_dasharray="6 4")
            )
            parts.append(tag("text", text=word, x=WIDE, y=_y(value, top) - 4, text_anchor="end", fill="var(--amber)"))
    for day in _midnights(first, last):
        parts.append(tag("text", text=f"{day:%m-%d}", x=across(day - SHANGHAI), y=HIGH + 16, text_anchor="middle"))
    if chart.mark:
        at = across(chart.mark[0])
        parts.append(tag("path", d=f"M{at} 0V{HIGH}", stroke="var(--muted)", fill="none", stroke_dasharray="2 4"))
        parts.append(tag("text", text=chart.mark[1], x=at, y=-5, text_anchor="middle", fill="var(--muted)"))
    parts += [_line(line, across, top) for line in chart.lines]
    legend = [tag("text", text=chart.unit, x=-40, y=-5)]
    for n, line in enumerate(reversed(chart.lines)):
        y = HIGH + 38 + 16 * n
        dashes = "7 5" if line.dashed else None
        legend.append(
            tag(
                "path",
                d=f"M0 {y}h22",
                stroke=line.colour,
                stroke_width=3,
                opacity=line.opacity,
                stroke_dasharray=dashes,
            )
        )
        legend.append(tag("text", text=line.name, x=30, y=y + 4))
    inside = tag("g", *parts, *legend, transform="translate(46 22)")
    return tag(
        "svg",
        inside,
        viewBox=f"0 0 {WIDE + 60} {HIGH + 56 + 16 * len(chart.lines)}",
        role="img",
        aria_label=chart.title,
    )


@dataclass(frozen=True)
class _Across:
    first: dt.datetime
    span: dt.timedelta

    def __call__(self, hour: dt.datetime) -> int:
        return round(WIDE * ((hour - self.first) / self.span))

    def percent(self, hour: dt.datetime) -> str:
        return f"{100 * ((hour - self.first) / self.span):.1f}%"


def _y(value: float, top: float) -> int:
    return round(HIGH * (1 - value / top))


def _line(line: Line, across: _Across, top: float) -> str:
    """Draw a line; between hours that do not follow each other, or around a gap, there is none; an hour alone is a dot."""
    places: list[tuple[float, float] | None] = []
    for at, (x, y) in enumerate(zip(line.x, line.y, strict=True)):
        if at and x - line.x[at - 1] > HOUR:
            places.append(None)
        places.append(None if y is None else (across(x), _y(y, top)))
    return tag(
        "path", d=path_through(places, alone="L{} {}"), class_="dashed" if line.dashed else "line",
        style=f"fill:none;stroke:{line.colour};stroke-width:{line.width}px;opacity:{line.opacity}",
    )  # fmt: skip


def _scale(step: float, top: float) -> list[str]:
    decimals = max(0, -math.floor(math.log10(step)))
    return [
        tag("span", text=f"{n * step:.{decimals}f}", class_="y", style=f"top:{100 * (1 - n * step / top):.1f}%")
        for n in range(round(top / step) + 1)
    ]


def _days(first: dt.datetime, last: dt.datetime, across: _Across) -> list[str]:
    return [
        tag("span", text=f"{day:%m-%d}", class_="x", style=f"left:{across.percent(day - SHANGHAI)}")
        for day in _midnights(first, last)
    ]


def _midnights(first: dt.datetime, last: dt.datetime) -> list[dt.datetime]:
    """Give some eight midnights in Beijing between two hours (naive UTC)."""
    local = (first + SHANGHAI).replace(hour=0, minute=0)
    days = [local + n * DAY for n in range(1, (last - first) // DAY + 2)]
    days = [day for day in days if first <= day - SHANGHAI <= last]
    return days[:: max(1, math.ceil(len(days) / 8))]


def _marked(chart: Chart, across: _Across) -> list[str]:
    if chart.mark is None:
        return []
    return [tag("span", text=chart.mark[1], class_="mark-word", style=f"left:{across.percent(chart.mark[0])}")]


def _named_levels(chart: Chart, top: float) -> list[str]:
    shown = ((value, word) for value, word in chart.levels if value <= top)
    return [tag("span", text=word, class_="level-word", style=f"top:{100 * (1 - v / top):.1f}%") for v, word in shown]


def _legend(chart: Chart) -> str:
    entries = [
        tag("span", tag("i", style=f"border-color:{line.colour};opacity:{line.opacity}", class_="dashed" if line.dashed else ""),
            escape(line.name))
        for line in reversed(chart.lines)
    ]  # fmt: skip
    return tag("div", tag("span", text=chart.unit, class_="unit"), *entries, class_="chart-legend")


def _data(chart: Chart, first: dt.datetime, last: dt.datetime, top: float) -> str:
    """Give what the pointer is told: for each hour of the span its time, and for each line value and note by hour."""
    count = (last - first) // HOUR + 1
    lines = []
    for line in reversed(chart.lines):
        values: list[str | None] = [None] * count
        notes = [""] * count
        for i, (x, y) in enumerate(zip(line.x, line.y, strict=True)):
            if y is not None:
                values[(x - first) // HOUR] = f"{y:.{chart.decimals}f}"
                notes[(x - first) // HOUR] = line.notes[i] if line.notes else ""
        lines.append({"name": line.name, "values": values, "notes": notes})
    return json.dumps(
        {"first": beijing(first), "count": count, "lines": lines}, ensure_ascii=False, separators=(",", ":")
    )
