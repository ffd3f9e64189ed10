"""The last hours as bars: height and colour are the index, a gap is a gap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from dashboards.figures.svg import tag
from dashboards.moment import beijing
from dashboards.theme import ABSENT, fill

HOURS = 24
STEP, HEIGHT, GAP, CAP = 10, 56, 2, 4
LOWEST_TOP = 120
"""The scale never ends below this index, so that a clean day looks low."""


def hour_bars(by_hour: Mapping[dt.datetime, tuple[int | None, bool]], last: dt.datetime | None, title: str) -> str:
    """Draw the index of the 24 hours up to last. by_hour: hour -> (index or None, whether simulated)."""
    hours = [] if last is None else [last - dt.timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    known = [by_hour[hour][0] for hour in hours if hour in by_hour and by_hour[hour][0] is not None]
    top = max([LOWEST_TOP, *known])
    bars = [_bar(i, hour, *by_hour.get(hour, (None, False)), top) for i, hour in enumerate(hours)]
    limit = _y(100, top)
    line = tag("line", x1=0, x2=HOURS * STEP, y1=f"{limit:.1f}", y2=f"{limit:.1f}", class_="limit")
    return tag(
        "svg", *bars, line, viewBox=f"0 0 {HOURS * STEP} {HEIGHT}", preserveAspectRatio="none",
        role="img", aria_label=title, class_="bars",
    )  # fmt: skip


def _bar(place: int, hour: dt.datetime, aqi: int | None, simulated: bool, top: int) -> str:
    """A tinted body under a cap of the full official colour: calm, and still readable from afar."""
    y = HEIGHT - CAP if aqi is None else min(_y(aqi, top), HEIGHT - CAP)
    colour = ABSENT if aqi is None else fill(aqi)
    box = {"x": place * STEP + GAP / 2, "width": STEP - GAP, "fill": colour, "y": f"{y:.1f}"}
    note = tag("title", text=f"{beijing(hour)} AQI {'NA' if aqi is None else aqi}")
    body = tag("rect", class_="body", height=f"{HEIGHT - y:.1f}", **box)
    return tag("g", note, body, tag("rect", class_="cap", height=CAP, **box), class_="sim" if simulated else None)


def _y(aqi: int, top: int) -> float:
    return HEIGHT - aqi / top * (HEIGHT - 2)
