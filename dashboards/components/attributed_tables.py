"""Attributions of days: stacked bars to take away, sums of allocation beside removal, and a line for each day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from dash import html

from dashboards.asked import DAY, Days
from dashboards.components import marks
from dashboards.components.attribution_bars import reasons
from dashboards.components.dossier_tables import wind_words
from dashboards.components.judged_words import number
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import About, Figure, figure
from dashboards.context import Scene
from dashboards.figures.day_stacks import colour, day_stacks
from streams.contributors import OUTSIDE
from streams.store.attribution import contributions_of, unpacked_removal

Row = dict[str, Any]
MOST_PLACES = 8
"""So many cities have a part of their own, by their size over all days; the others are one."""


def name_of(scene: Scene, kind: str, name: str) -> str:
    """Name a sector or a place in the reader's language."""
    if name == OUTSIDE:
        return scene.text("attribution.outside")
    return scene.city_name(name) if kind == "place" else scene.text.of_code("sector.", name)


def stacks(scene: Scene, rows: Mapping[dt.date, Row], kind: str, days: Days) -> html.Div:
    """Draw the parts of each day by sector or by place."""
    text = scene.text
    by_day = {day: parts for day, row in rows.items() if (parts := contributions_of(row)) is not None}
    names = list(dict.fromkeys(name for parts in by_day.values() for name in parts.names(kind)))
    values = {day: dict(zip(parts.names(kind), parts.by(kind), strict=True)) for day, parts in by_day.items()}
    size = {name: sum(each.get(name, 0.0) for each in values.values()) for name in names}
    order = sorted((n for n in names if n != OUTSIDE), key=lambda name: -size[name])
    kept, rest = order[: MOST_PLACES + 1], order[MOST_PLACES + 1 :]
    shown = [name_of(scene, kind, name) for name in kept] + ([text("attribution.other_cities")] if rest else [])
    shown.append(name_of(scene, kind, OUTSIDE))
    lines = {}
    for day, each in values.items():
        other = [sum(each.get(name, 0.0) for name in rest)] if rest else []
        lines[day] = [float(v) for v in (*(each.get(name, 0.0) for name in kept), *other, each.get(OUTSIDE, 0.0))]
    title = text(f"attributed.by_{kind}")
    svg = day_stacks(lines, shown, days.first, days.last, (title, "µg/m³"))
    legend = html.Div(
        [html.Span([html.I(className=f"part-{colour(i, len(shown))}"), name]) for i, name in enumerate(shown)],
        className="legend",
    )
    first = next(iter(rows.values()))
    source = text("attribution.models", models=first["models"] or "—", method=first["method"])
    looks = [(f"part-{colour(i, len(shown))}", name) for i, name in enumerate(shown)]
    about = About(title, scene.city_name(scene.view.city), f"{days.first} – {days.last}", "ug/m3", f"attribution: {source}", "—",
                  any(row["simulated"] for row in rows.values()), (text("attribution.definition"),))  # fmt: skip
    table = [(f"{day}", first["quantity"], *lines[day]) for day in sorted(lines)]
    name = f"attribution-{kind}-{scene.view.city}-{days.first}-{days.last}"
    return html.Div(
        [
            html.H3(title),
            legend,
            figure(scene, "attributed-days", Figure(name, svg, ("day", "quantity", *shown), table, about, looks)),
        ]
    )


def sum_table(scene: Scene, rows: Sequence[Row]) -> html.Div:
    """List means over the days by sector: allocation beside removal; removal is NA where no day tells it."""
    text = scene.text
    parts = [contributions_of(row) for row in rows]
    names = parts[0].names("sector")
    mean = np.mean([each.by("sector") for each in parts], axis=0)
    gone = [unpacked_removal(row["removal"]) for row in rows if row["removal"]]
    removal = np.mean(gone, axis=0) if gone else np.full(len(names), np.nan)
    total = float(mean.sum())
    order = [int(i) for i in np.argsort(-mean[:-1], kind="stable")] + [len(names) - 1]
    heads = [text("attribution.by_sector"), html.Span([text("attributed.allocation"), html.Small("µg/m³")]), "%",
             html.Span([text("attribution.removal"), html.Small("µg/m³")], title=text("attribution.removal_long"))]  # fmt: skip
    body = [
        html.Tr([
            html.Th(name_of(scene, "sector", names[i]), scope="row"), html.Td(number(float(mean[i])), className="number"),
            html.Td(number(100 * float(mean[i]) / total, 0) if total > 0 else "NA", className="number"),
            html.Td(number(-float(removal[i]), signed=True), className="number"),
        ])
        for i in order
    ]  # fmt: skip
    return scrolling(plain_table(heads, body, "sums"))


def day_table(
    scene: Scene, days: Days, rows: Mapping[dt.date, Row], winds: Mapping[dt.date, tuple[float, float]]
) -> html.Div:
    """List the days, the newest first: total, largest sector, wind, tier, confidence and what they rest on."""
    text = scene.text
    heads = [text("attributed.day"), html.Span([text("attributed.total"), html.Small("µg/m³")]), text("attributed.largest"),
             html.Span([text("dossier.wind"), html.Small("m/s")]), text("attributed.tier"),
             text("attribution.confidence")]  # fmt: skip
    body = []
    for back in range(days.count):
        day = days.last - back * DAY
        row, wind = rows.get(day), html.Td(wind_words(scene, winds.get(day)))
        if row is None:
            cells = [
                html.Td("NA", className="number"),
                html.Td("—"),
                wind,
                html.Td(text("attributed.no_row"), colSpan="2"),
            ]
            body.append(html.Tr([html.Th(f"{day}", scope="row"), *cells], className="quiet"))
            continue
        level = html.Span(text(f"attribution.confidence_{row['confidence']}"), className=f"trust trust-{row['confidence']}",
                          title=reasons(scene, row))  # fmt: skip
        trace = text("attribution.models", models=row["models"] or "—", method=row["method"])
        quantity = text(f"attribution.quantity_{row['quantity']}")
        body.append(html.Tr([
            html.Th([f"{day}", html.Small(quantity), marks.simulated(row, text)], scope="row"),
            html.Td(number(row["total"], 0), className="number"), html.Td(_largest(scene, row)), wind,
            html.Td(text.of_code("attribution.tier_", row["tier"].replace(" ", "_"))), html.Td(level),
        ], title=f"{trace} {text('attribution.version', version=row['version'])}"))  # fmt: skip
    return scrolling(plain_table(heads, body, "days"))


def _largest(scene: Scene, row: Row) -> str:
    """Name the largest sector with its interval."""
    parts = contributions_of(row)
    if parts is None:
        return "NA"
    values, (low, high) = parts.by("sector"), parts.interval("sector", signed=row["quantity"] == "o3")
    i = int(np.argmax(values[:-1]))
    name = name_of(scene, "sector", parts.names("sector")[i])
    return f"{name} {number(float(values[i]))} ({number(float(low[i]))} … {number(float(high[i]))})"
