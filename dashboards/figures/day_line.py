"""The index of the last 24 hours as one line over the bands of the levels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from dashboards.figures.pen import path_through
from dashboards.figures.svg import tag
from dashboards.moment import SHANGHAI
from dashboards.theme import LEVELS

HOURS, STEP, HEIGHT, LEFT, FOOT = 24, 14, 120, 28, 16
TEXT = 11
"""Height of a line of text."""
LOWEST_TOP = 150
"""The scale never ends below this index, so that a clean day looks low."""


def day_line(by_hour: Mapping[dt.datetime, int | None], last: dt.datetime, title: str) -> str:
    """Draw the index of the 24 hours up to last (naive UTC). by_hour: hour -> index, None or absent is a gap."""
    hours = [last - dt.timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    values = [by_hour.get(hour) for hour in hours]
    top = max([LOWEST_TOP, *(value for value in values if value is not None)])
    bands = [_band(each, top) for each in LEVELS if each.aqi_from <= top]
    end = values[-1]
    dot = [tag("circle", cx=_x(HOURS - 1), cy=_y(end, top), r=4)] if end is not None else []
    return tag(
        "svg", *bands, tag("path", d=line_path(values, top), class_="line"), *dot, *_hours(hours),
        viewBox=f"0 0 {LEFT + HOURS * STEP} {HEIGHT + FOOT}", role="img", aria_label=title, class_="day-line",
    )  # fmt: skip


def line_path(values: list[int | None], top: int) -> str:
    """Write a line through values as one path; a gap lifts the pen, and a value alone is a dot."""
    return path_through(None if value is None else (_x(at), _y(value, top)) for at, value in enumerate(values))


def _band(level, top: int) -> str:
    upper = min(level.aqi_to, top)
    y, foot = _y(upper, top), _y(max(level.aqi_from - 1, 0), top)
    shape = tag("rect", x=0, y=y, width=5, height=foot - y, class_=f"level-{level.level}")
    rule = tag("path", d=f"M5 {y}H{LEFT + HOURS * STEP}", class_="rule")
    # The uppermost end is written only where it stands clear of the limit below it.
    clear = upper == level.aqi_to or foot - y >= TEXT
    return shape + rule + (tag("text", text=str(upper), x=LEFT - 3, y=y + 9) if clear else "")


def _hours(hours: list[dt.datetime]) -> list[str]:
    return [
        tag("text", text=f"{(hour + SHANGHAI).hour}", x=_x(at) + 4, y=HEIGHT + FOOT - 3)
        for at, hour in enumerate(hours)
        if (hour + SHANGHAI).hour % 6 == 0
    ]


def _x(at: int) -> int:
    return LEFT + at * STEP + STEP // 2


def _y(value: int, top: int) -> int:
    return round(HEIGHT - value / top * (HEIGHT - 4))
