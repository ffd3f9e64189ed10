"""Section 7: the weather at Chengdu beside what was published."""

from __future__ import annotations

import numpy as np
import pandas as pd

from research.virtual_airshed.reference import weather_reports
from research.virtual_airshed.report import spells
from research.virtual_airshed.report.charts import Key, figure
from research.virtual_airshed.report.dates import days_of_hours
from research.virtual_airshed.report.gather import Gathered
from research.virtual_airshed.report.names import number, season, signed, titled
from research.virtual_airshed.report.palette import ACCENT, REAL, ramp
from research.virtual_airshed.report.panel import Panel, drawing, ends
from research.virtual_airshed.report.svg import tag, text
from research.virtual_airshed.report.words import Both, same, words

MONTHS = np.arange(1, 13)
MONTH_TICKS = [(float(m), same(m)) for m in (1, 3, 5, 7, 9, 11)]
ITEMS = (("temperature_c", "°C", 1.0), ("humidity_pct", "%", 1.0), ("wind_ms", "m/s", 1.0), ("rain_days", "%", 100.0))
ROSE_COLOURS = tuple(ramp("blue", np.linspace(0.3, 1.0, len(spells.ROSE_EDGES_MS) - 1)))
RINGS_PCT = (5, 10, 15)


def weather_figure(g: Gathered) -> str:
    """Show months of temperature, humidity, wind and rain, the wind's day and spells of still days, beside the
    published ones.
    """
    made, seen = spells.describe_site(g.hours, 0), weather_reports.load()
    panels, off = [], {}
    for item, unit, factor in ITEMS:
        a, b = (factor * _column(t, "month", item, MONTHS) for t in (made, seen))
        off[item] = a - b
        panel = Panel(titled(words(f"weather.{item}"), unit), x=(0.5, 12.5), y=ends(a, b)).y_axis().x_axis(MONTH_TICKS)
        panel.line(MONTHS, a, ACCENT).dots(MONTHS, a, ACCENT, radius=2.4)
        panels.append(panel.dots(MONTHS, b, REAL, hollow=True, radius=3.6).svg())
    panels += [_wind_clock(made, seen), _spells(made, seen)]
    keys = [Key(ACCENT, words("weather.simulated"), "line"), Key(REAL, words("weather.published"), "ring")]
    forms = {"temperature_c": "{:+.1f}", "humidity_pct": "{:+.0f}", "wind_ms": "{:+.2f}", "rain_days": "{:+.0f}"}
    said = {item.split("_")[0]: signed(_mean(off[item]), form) for item, form in forms.items()}
    caption = words("weather.caption", wind_warm=signed(_mean(off["wind_ms"][2:8]), "{:+.2f}"), **said)
    return figure("fig-weather", words("weather.title"), panels, caption, keys=keys)


def _mean(values: np.ndarray) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if there.size else float("nan")


def _column(table: pd.DataFrame, statistic: str, item: str, keys: np.ndarray) -> np.ndarray:
    part = table[(table["statistic"] == statistic) & (table["item"] == item)].set_index("key")["value"]
    return part.reindex([str(k) for k in keys]).to_numpy(float)


def _wind_clock(made: pd.DataFrame, seen: pd.DataFrame) -> str:
    clock = np.arange(1, 25)
    a, b = (_column(t, "hour", "wind_ms", clock) for t in (made, seen))
    panel = (
        Panel(titled(words("weather.wind_clock"), "m/s"), x=(1, 24), y=ends(a, b))
        .y_axis()
        .x_axis([(float(h), same(h)) for h in (1, 6, 12, 18, 24)])
    )
    return panel.line(clock, a, ACCENT).dots(clock, b, REAL, hollow=True, radius=3.0).svg()


def _spells(made: pd.DataFrame, seen: pd.DataFrame) -> str:
    lengths = np.arange(1, weather_reports.LONGEST_SPELL + 1)
    a, b = (_column(t, "spells", "per_year", lengths) for t in (made, seen))
    ticks = [(float(n), same(n if n < lengths[-1] else f"≥{n}")) for n in lengths]
    panel = (
        Panel(titled(words("weather.spells"), words("weather.per_year").zh), x=(0.4, lengths[-1] + 0.6), y=ends(a, b))
        .y_axis()
        .x_axis(ticks)
    )
    panel.title = Both(
        f"{words('weather.spells').zh}　{words('weather.per_year').zh}",
        f"{words('weather.spells').en} [{words('weather.per_year').en}]",
    )
    for n, x, y in zip(lengths, a, b, strict=True):
        panel.bar((n - 0.34, n - 0.02), (0.0, float(x)), ACCENT, same(f"{x:.1f}")).bar(
            (n + 0.02, n + 0.34), (0.0, float(y)), REAL, same(f"{y:.1f}")
        )
    return panel.svg()


def rose_figure(g: Gathered) -> str:
    """Show where the wind comes from, by season, and the quadrants beside the published ones."""
    days, _ = days_of_hours(g.hours.first_hour, g.hours.hours)
    u, v = (g.hours.of_weather(n)[0].astype(float) for n in ("wind_u_ms", "wind_v_ms"))
    panels = []
    for name in days.pair():
        inside = days.in_season(name)
        panels.append(_rose(words("weather.rose", season=season(name)), *spells.rose(u[inside], v[inside])))
    made, seen = spells.describe_site(g.hours, 0), weather_reports.load()
    a, b = (100.0 * _column(t, "quadrant", "share", np.array(weather_reports.QUADRANTS)) for t in (made, seen))
    panels.append(_quadrants(a, b))
    edges = spells.ROSE_EDGES_MS
    keys = [
        Key(c, same(f"{lo:g}–{hi:g} m/s" if np.isfinite(hi) else f"≥{lo:g} m/s"))
        for c, lo, hi in zip(ROSE_COLOURS, edges, edges[1:], strict=False)
    ]
    calm = 100.0 * float((np.hypot(u, v) < spells.CALM_MS).mean())
    ne = dict(zip(weather_reports.QUADRANTS, zip(a, b, strict=True), strict=True))["NE"]
    caption = words("weather.rose_caption", calm=number(calm), ne=number(ne[0]), ne_seen=number(ne[1]))
    return figure("fig-rose", words("weather.rose_title"), panels, caption, keys=keys)


def _rose(title: Both, shares: np.ndarray, calm: float) -> str:
    width, height, most = 360.0, 330.0, max(float(shares.sum(axis=1).max()) * 1.1, 5.0)
    cx, cy, radius = width / 2, 182.0, 122.0
    marks = [
        tag("circle", cx=cx, cy=cy, r=radius * ring / most, fill="none", stroke="#dfe5eb")
        for ring in RINGS_PCT
        if ring <= most
    ]
    marks += [
        text(same(f"{ring}%"), cx + 4, cy - radius * ring / most - 2, class_="tick")
        for ring in RINGS_PCT
        if ring <= most
    ]
    for direction in range(spells.ROSE):
        inner = 0.0
        for step, share in enumerate(shares[direction]):
            outer = inner + float(share)
            if share > 0.02:
                marks.append(
                    tag(
                        "path",
                        d=_sector(cx, cy, radius * inner / most, radius * outer / most, direction),
                        fill=ROSE_COLOURS[step],
                    )
                )
            inner = outer
    for name, (x, y) in {
        "north": (cx, cy - radius - 8),
        "east": (cx + radius + 14, cy + 4),
        "south": (cx, cy + radius + 18),
        "west": (cx - radius - 14, cy + 4),
    }.items():
        marks.append(text(words(f"weather.{name}"), x, y, text_anchor="middle", class_="tick"))
    marks.append(
        text(words("weather.calm", share=number(calm)), width - 8, height - 8, text_anchor="end", class_="tick")
    )
    return drawing(marks, title, width=width, height=height)


def _sector(cx: float, cy: float, inner: float, outer: float, direction: int) -> str:
    half = 0.42 * 360.0 / spells.ROSE
    a, b = (np.radians(direction * 360.0 / spells.ROSE + side * half) for side in (-1, 1))
    corners = [(cx + r * np.sin(t), cy - r * np.cos(t)) for r, t in ((inner, a), (outer, a), (outer, b), (inner, b))]
    at = ["{:.1f} {:.1f}".format(*corner) for corner in corners]
    arcs = [f"A{r:.1f} {r:.1f} 0 0 {turn} " for r, turn in ((outer, 1), (inner, 0))]
    return f"M{at[0]}L{at[1]}{arcs[0]}{at[2]}L{at[3]}{arcs[1]}{at[0]}Z"


def _quadrants(made: np.ndarray, seen: np.ndarray) -> str:
    names = weather_reports.QUADRANTS
    panel = Panel(
        titled(words("weather.quadrants"), "%"), x=(-0.6, len(names) - 0.4), y=ends(made, seen), height=330.0
    ).y_axis()
    panel.x_axis([(float(i), words(f"weather.quadrant_{n}")) for i, n in enumerate(names)])
    for i, (x, y) in enumerate(zip(made, seen, strict=True)):
        panel.bar((i - 0.34, i - 0.02), (0.0, float(x)), ACCENT, same(f"{x:.0f} %")).bar(
            (i + 0.02, i + 0.34), (0.0, float(y)), REAL, same(f"{y:.0f} %")
        )
    return panel.svg()
