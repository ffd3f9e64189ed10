"""Parts of each day as stacked bars, as SVG text: what is below nothing goes down, a day without parts is a gap. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from dashboards.figures.axes import Frame, reach, ticks
from dashboards.figures.svg import tag

DAY = dt.timedelta(days=1)
OUTSIDE = 9
"""The colour of the last part, a grey."""


def day_stacks(
    days: Mapping[dt.date, Sequence[float]], names: Sequence[str], first: dt.date, last: dt.date, words: tuple[str, str]
) -> str:
    """Draw the parts of each day from first to last. days: day to its parts in the order of names. words: title, unit."""
    title, unit = words
    count = (last - first) // DAY + 1
    highs = [sum(v for v in parts if v > 0) for parts in days.values()]
    lows = [-sum(v for v in parts if v < 0) for parts in days.values()]
    top, bottom = reach(highs, least=10.0), reach(lows, least=10.0) if any(lows) else 0.0
    frame = Frame((0.0, float(count)), (-bottom, top), width=720, height=260)
    parts = frame.axes("", unit, x_ticks=[], y_ticks=ticks(-bottom, top))
    across = frame.at(1.0, 0.0)[0] - frame.at(0.0, 0.0)[0]
    for i in range(count):
        day = first + i * DAY
        x = frame.at(float(i), 0.0)[0]
        if i % max(1, -(-count // 10)) == 0:
            parts.append(
                tag(
                    "text",
                    text=f"{day:%m-%d}",
                    x=f"{x + across / 2:.0f}",
                    y=f"{frame.height - 25}",
                    text_anchor="middle",
                )
            )
        up = down = 0.0
        for kind, value in enumerate(days.get(day, ())):
            begin = up if value >= 0 else down
            edge = frame.at(0.0, begin + value)[1]
            base = frame.at(0.0, begin)[1]
            up, down = (up + value, down) if value >= 0 else (up, down + value)
            note = tag("title", text=f"{day} {names[kind]} {value:.1f}")
            parts.append(tag("rect", note, x=f"{x + across * 0.1:.1f}", y=f"{min(base, edge):.1f}", width=f"{across * 0.8:.1f}",
                             height=f"{abs(base - edge):.1f}", class_=f"part-{colour(kind, len(names))}"))  # fmt: skip
    return frame.drawing(parts, title)


def colour(place: int, count: int) -> int:
    """Give the colour of a part by its place among so many: the last, what comes from outside, has the same in every figure."""
    return OUTSIDE if place == count - 1 else place % OUTSIDE
