"""The parts of an episode's dossier: facts, the way of its cities, the runs before it, and its like."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from dash import html

from dashboards.components import marks
from dashboards.components.judged_words import number
from dashboards.components.tables import plain_table, scrolling
from dashboards.components.take import About, Figure, figure
from dashboards.context import Scene
from dashboards.figures.episode_lines import episode_lines
from dashboards.moment import beijing
from dashboards.queries.dossiers import Onset, over
from dashboards.similar import Likeness

Row = dict[str, Any]
HOUR = dt.timedelta(hours=1)
CALM_MS = 0.5
"""A mean wind below has no direction."""
SECTORS_OF_WIND = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def dossier_link(scene: Scene, name: str) -> str:
    """Give the address of an episode's dossier in the present selection."""
    return f"/analysis/episode{scene.view.link()}&{urlencode({'id': name}, safe=':/')}"


def episode_table(scene: Scene, rows: Sequence[Row], link: Callable[[Row], str]) -> html.Div:
    """List episodes, a row each; what is not known is NA."""
    text = scene.text
    heads = [text("dossier.kind"), text("dossier.start"), text("dossier.hours"), text("dossier.phase"),
             html.Span([text("dossier.peak"), html.Small("µg/m³")]), text("dossier.where"),
             html.Span([text("dossier.growth"), html.Small("µg/m³/h")]), text("dossier.cities"),
             text("dossier.city_hours")]  # fmt: skip
    body = []
    for row in rows:
        name = html.A(text.of_code("kind.", row["kind"]), href=link(row), className="to-dossier")
        cells = [
            html.Td(beijing(row["start"])), html.Td(_hours(scene, row), className="number"),
            html.Td(text.of_code("phase.", row["phase"] or "unknown")),
            html.Td(number(row["peak_value_ugm3"], 0), className="number"),
            html.Td(scene.city_name(row["peak_city"]) if row["peak_city"] else "NA"),
            html.Td(number(row["growth_ugm3_per_h"], 1), className="number"),
            html.Td("NA" if row["cities"] is None else len(row["cities"].split()), className="number"),
            html.Td("NA" if row["city_hours"] is None else row["city_hours"], className="number"),
        ]  # fmt: skip
        trace = text("episodes.trace", episode=row["episode"], edition=row["edition"], version=row["version"])
        body.append(html.Tr([html.Th([name, marks.simulated(row, text)], scope="row"), *cells], title=trace))
    return scrolling(plain_table(heads, body, "scores episodes-of-year"))


def facts(scene: Scene, row: Row) -> html.Dl:
    """Tell what, when, where, how high and how fast."""
    text = scene.text
    end = beijing(row["end"]) if row["end"] is not None else "—"
    where = scene.city_name(row["peak_city"]) if row["peak_city"] else "NA"
    peak = f"{number(row['peak_value_ugm3'], 0)} µg/m³"
    told = [
        ("phase", text.of_code("phase.", row["phase"] or "unknown")), ("start", beijing(row["start"])), ("end", end),
        ("hours", _hours(scene, row)), ("peak", f"{peak} · {where}"),
        ("peak_at", beijing(row["peak"]) if row["peak"] is not None else "NA"),
        ("growth", f"{number(row['growth_ugm3_per_h'], 1)} µg/m³/h"),
        ("city_hours", "NA" if row["city_hours"] is None else row["city_hours"]),
    ]  # fmt: skip
    return html.Dl(
        [html.Div([html.Dt(text(f"dossier.{key}")), html.Dd(said)]) for key, said in told], className="dossier-facts"
    )


def series_figure(scene: Scene, row: Row, values: np.ndarray, limits: np.ndarray) -> html.Figure:
    """Draw the means of the cities that took part, over their limit, with all numbers to take away."""
    text, cities = scene.text, list(scene.registry.cities)
    taking_part = [part.partition("@")[0] for part in (row["cities"] or "").split()]
    lines = [
        (i, scene.city_name(c), values[cities.index(c)].tolist()) for i, c in enumerate(taking_part) if c in cities
    ]
    title = text(f"dossier.mean_{row['kind']}")
    svg = episode_lines(
        lines, limits.tolist(), row["start"], (title, text("hour.zone"), "µg/m³", text("dossier.limit"))
    )
    rows = [
        (f"{row['start'] + k * HOUR:%Y-%m-%dT%H:00Z}", *(float(v) for v in values[:, k]), float(limits[k]))
        for k in range(values.shape[1])
    ]
    last = row["start"] + (values.shape[1] - 1) * HOUR
    about = About(f"{title} · {row['episode']}", text("list.comma").join(map(scene.city_name, cities)),
                  f"{beijing(row['start'])} – {beijing(last)}", "ug/m3", "air_city_hour", row["edition"],
                  bool(row["simulated"]))  # fmt: skip
    name = f"episode-{row['episode'].replace('/', '-').replace(':', '')}"
    return figure(scene, "dossier-what", Figure(name, svg, ("hour_end_utc", *cities, "limit"), rows, about))


def onset_table(scene: Scene, found: Sequence[Onset]) -> html.Div:
    """List the cities in the order in which they joined, with the wind before."""
    text = scene.text
    heads = [text("judging.city"), text("dossier.joined"), html.Span([text("dossier.lag"), html.Small("h")]),
             html.Span([text("dossier.peak"), html.Small("µg/m³")]), text("dossier.peak_at"),
             html.Span([text("dossier.above"), html.Small("h")]), html.Span([text("dossier.wind"), html.Small("m/s")]),
             text("dossier.upwind"), html.Span(text("dossier.winds"), title=text("dossier.wind_note"))]  # fmt: skip
    body = []
    for each in found:
        upwind = [f"{scene.city_name(c)} {weight:.0%}" for c, weight in each.upwind.items() if weight >= 0.05][:3]
        cells = [
            html.Td("—" if each.joined is None else beijing(each.joined)[5:]),
            html.Td("—" if each.lag is None else f"+{each.lag}" if each.lag else "0", className="number"),
            html.Td(number(each.peak, 0), className="number"),
            html.Td("NA" if each.peak_at is None else beijing(each.peak_at)[5:]),
            html.Td("NA" if each.above is None else each.above, className="number"),
            html.Td(wind_words(scene, each.wind) if each.joined else "—"),
            html.Td(text("list.comma").join(upwind) or "—"), html.Td(each.winds, className="number"),
        ]  # fmt: skip
        body.append(html.Tr([html.Th(scene.city_name(each.city), scope="row"), *cells]))
    return scrolling(plain_table(heads, body, "scores onsets"))


def wind_words(scene: Scene, wind: tuple[float, float] | None) -> str:
    """Say a mean wind as where it comes from and how strong; NA where it is not known."""
    if wind is None:
        return "NA"
    speed = math.hypot(*wind)
    if speed < CALM_MS:
        return f"{scene.text('dossier.calm')} {speed:.1f}"
    from_ = math.degrees(math.atan2(-wind[0], -wind[1])) % 360.0
    return f"{scene.text(f'dossier.from_{SECTORS_OF_WIND[round(from_ / 45.0) % 8]}')} {speed:.1f}"


def wind_note(scene: Scene) -> html.P:
    """Say what the winds are."""
    return html.P(scene.text("dossier.wind_note"), className="footnote")


def run_table(scene: Scene, row: Row, table: pd.DataFrame) -> html.Div:
    """List the runs that began before an episode, the newest first: how long before, and what they said of its hours."""
    text = scene.text
    units = html.Small("µg/m³")
    names = ("said_mean", "seen_mean", "bias", "error", "persisted_error", "said_peak", "seen_peak")
    heads = [text("dossier.run"), html.Span([text("dossier.ahead"), html.Small("h")]),
             *(html.Span([text(f"dossier.{name}"), units]) for name in names), "n"]  # fmt: skip
    body = []
    for run in sorted(table["run"].unique(), key=lambda each: each.rpartition("/")[2], reverse=True):
        part = table[table["run"] == run].dropna(subset=["observed"])
        ahead = int((row["start"] - _start(table, run)) / HOUR)
        off, base = part["forecast"] - part["observed"], part["persisted"] - part["observed"]
        numbers = (part["forecast"].mean(), part["observed"].mean(), off.mean(), _rms(off), _rms(base),
                   part["forecast"].max(), part["observed"].max())  # fmt: skip
        cells = [html.Td(number(float(v), 0, signed=i == 2), className="number") for i, v in enumerate(numbers)]
        body.append(html.Tr([html.Th(run, scope="row"), html.Td(ahead, className="number"), *cells,
                             html.Td(len(part), className="number")]))  # fmt: skip
    return scrolling(plain_table(heads, body, "scores runs"))


def alike_table(scene: Scene, found: Sequence[Likeness]) -> html.Div:
    """List the episodes most like one, with their distance and what it is made of."""
    text = scene.text
    heads = [text("dossier.start"), text("dossier.distance_head"), html.Span([text("dossier.peak"), html.Small("µg/m³")]),
             html.Span([text("dossier.hours"), html.Small("h")]), html.Span([text("dossier.wind"), html.Small("m/s")]),
             text("dossier.steps")]  # fmt: skip
    body = []
    for each in found:
        one = each.traits
        steps = text("list.comma").join(
            f"{text(f'dossier.step_{term}')} {step:.1f}" for term, step in each.steps.items()
        )
        cells = [
            html.Td(f"{each.distance:.2f}", className="number"), html.Td(number(one.peak, 0), className="number"),
            html.Td(number(one.hours, 0), className="number"), html.Td(wind_words(scene, one.wind)), html.Td(steps),
        ]  # fmt: skip
        name = html.A(beijing(one.start), href=dossier_link(scene, one.name), className="to-dossier")
        body.append(html.Tr([html.Th(name, scope="row"), *cells], title=one.name))
    return scrolling(plain_table(heads, body, "scores alike"))


def _hours(scene: Scene, row: Row) -> str:
    """Tell how many hours an episode has, "NA" where its end is not known and nobody knows whether it goes on."""
    if row["end"] is None and row["phase"] is None:
        return "NA"
    return f"{(over(row, scene.moment.hour) - row['start']) // HOUR + 1}"


def _start(table: pd.DataFrame, run: str) -> dt.datetime:
    first = table[table["run"] == run].iloc[0]
    return first["hour_end"].to_pydatetime() - int(first["lead"]) * HOUR


def _rms(off: pd.Series) -> float:
    return float(np.sqrt((off**2).mean()))
