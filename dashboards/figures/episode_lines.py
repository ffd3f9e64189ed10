"""The cities of an episode hour by hour as SVG text: a line each, named at its end, over the limit. Pure."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from dashboards.figures.axes import Frame, reach, ticks
from dashboards.figures.svg import tag
from dashboards.moment import beijing

Line = tuple[int, str, Sequence[float]]
"""Kind, name, and values from the first hour on; NaN is a gap."""
HOUR = dt.timedelta(hours=1)


def episode_lines(
    lines: Sequence[Line], limits: Sequence[float], start: dt.datetime, words: tuple[str, str, str, str]
) -> str:
    """Draw lines from start (naive UTC) on. words: title, both axes, what the limit is called."""
    title, x_label, y_label, limit = words
    last = max(len(limits) - 1, 1)
    top = reach([*limits, *(v for *_, values in lines for v in values)], least=10.0)
    frame = Frame((0.0, float(last)), (0.0, top), width=720, height=280, right=64)
    parts = [*frame.axes(x_label, y_label, x_ticks=[], y_ticks=ticks(0.0, top))]
    parts.append(frame.line(list(enumerate(limits)), "limit"))
    if limits:
        x, y = frame.at(0.0, limits[0])
        parts.append(tag("text", text=limit, x=f"{x + 4:.0f}", y=f"{y - 4:.0f}", class_="beside"))
    ends: list[float] = []
    for kind, name, values in lines:
        parts.append(frame.line(list(enumerate(values)), f"curve kind-{kind % 6}"))
        known = [k for k, v in enumerate(values) if math.isfinite(v)]
        if known:
            x, y = frame.at(float(known[-1]), values[known[-1]])
            while any(abs(y - other) < 11 for other in ends):
                y -= 11
            ends.append(y)
            parts.append(tag("text", text=name, x=f"{x + 4:.0f}", y=f"{y + 4:.0f}", class_=f"beside name-{kind % 6}"))
    return frame.drawing([*parts, *_hours(frame, last, start)], title)


def _hours(frame: Frame, last: int, start: dt.datetime) -> list[str]:
    step = next(each for each in (6, 12, 24, 48, 96, 240) if last / each <= 8 or each == 240)
    made = []
    for k in range(0, last + 1, step):
        x, y = frame.at(float(k), 0.0)
        made.append(tag("text", text=beijing(start + k * HOUR)[5:13] + ":00", x=f"{x:.0f}", y=f"{y + 15:.0f}",
                        text_anchor="middle"))  # fmt: skip
    return made
