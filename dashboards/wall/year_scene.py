"""Scene 6: the year so far against its path: mean of PM2.5 and share of good days, against targets, else against the limits."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from typing import Any

import numpy as np
from dash import html

from dashboards.components.drawing import Drawing
from dashboards.context import Scene
from dashboards.figures.spark import spark
from dashboards.moment import SHANGHAI
from dashboards.phase.targets import GOOD_DAYS, PM25_MEAN, Target, by_place, mean_left, targets_at
from dashboards.queries.wall import YearSoFar, year_so_far
from dashboards.wall.tiles import DAILY, absent, scene_of, tile
from standards.assessment.assess import PeriodAssessment, assess_period
from standards.assessment.periods import campaign
from standards.days import day_of_date
from standards.editions import Edition, edition_for, limit
from standards.pollutants import ITEMS

HOUR = dt.timedelta(hours=1)
PM25 = ITEMS.index("pm25")
HEADS = (("city", "", 1), ("pm25_mean", "drawn-head", 2), ("against", "number", 1), ("good_days", "drawn-head", 2),
         ("days_known", "number", 1), ("path", "", 1))  # fmt: skip
"""Key, class and columns of each head."""
EVERY = 14
"""Days between two points of the path."""
SCALE = 1.6
"""Bars end at so many times the limit, or at the highest of the eight where that is more: none is cut off."""


def year(scene: Scene) -> html.Section:
    """Draw the scene. Days that are over count, under the edition of the newest of them."""
    text = scene.text
    if scene.waiting:
        return scene_of(scene, "year", tile(scene, text("wall.year_title"), absent(text("card.awaiting")), DAILY, None))
    today = (scene.moment.hour + SHANGHAI - HOUR).date()
    cities = tuple(scene.registry.cities)
    found = year_so_far(scene.connection, cities, today)
    title = text("wall.year_of", year=today.year)
    if found.last is None:
        return scene_of(scene, "year", tile(scene, title, absent(text("wall.year_none", year=today.year)), DAILY, None))
    edition = edition_for(found.last)
    assessed = assessment(found, edition)
    held = targets_at(scene.folder)
    targets = by_place(held.entries)
    bounds = [_bound(targets, city, found, edition) for city in cities]
    reach = reach_of(assessed.mean[PM25], bounds)
    lines = [_line(scene, city, i, assessed, targets, found, bounds[i], reach) for i, city in enumerate(cities)]
    head = html.Thead(html.Tr([_head(scene, *each) for each in HEADS]))
    of_year = any(key[1] == today.year and key[0] in cities for key in targets)
    said = text("wall.targets_set" if of_year else "wall.targets_none", limit=f"{_limit(edition):.0f}")
    note = text("wall.year_note", first=f"{found.first:%m-%d}", last=f"{found.last:%m-%d}", edition=edition.name)
    content = [
        html.P(said, className="lead"),
        *([html.P(text("wall.targets_trouble", trouble=held.trouble), className="fine")] if held.trouble else []),
        html.Table([head, html.Tbody(lines)], className="year"),
        html.P(note, className="fine"),
    ]
    end = dt.datetime.combine(found.last + dt.timedelta(days=1), dt.time()) - SHANGHAI
    return scene_of(scene, "year", tile(scene, title, content, DAILY, end, simulated=any(found.simulated)))


def _head(scene: Scene, key: str, kind: str, span: int) -> html.Th:
    return html.Th(scene.text(f"wall.{key}"), scope="col", className=kind or None, colSpan=span if span > 1 else None)


def assessment(found: YearSoFar, edition: Edition) -> PeriodAssessment:
    """Assess the days of the year so far as one period (standards.assessment)."""
    period = campaign(f"{found.first.year}", found.first, found.last)
    return assess_period(found.daily, day_of_date(found.first), period, edition=edition, on_bad="missing")


def _limit(edition: Edition) -> float:
    return limit("pm25", "year", edition=edition)


def _line(
    scene: Scene, city: str, at: int, assessed: PeriodAssessment, targets: dict[tuple[str, int, str], Target],
    found: YearSoFar, bound: float, reach: float,
) -> html.Tr:  # fmt: skip
    mean, good = float(assessed.mean[PM25, at]), float(assessed.aqi_days.good_ratio_pct[at])
    days = int(assessed.values.days[PM25, at])
    of = 366 if calendar.isleap(found.first.year) else 365
    wanted = targets.get((city, found.first.year, PM25_MEAN))
    asked_good = targets.get((city, found.first.year, GOOD_DAYS))
    verdict = "" if math.isnan(mean) else "above" if mean > bound else "within"
    against = "NA" if math.isnan(mean) else f"{mean - bound:+.0f}".replace("-", "−")
    good_words = "NA" if math.isnan(good) else f"{good:.1f}%"
    cells: list[Any] = [
        html.Td("NA" if math.isnan(mean) else f"{mean:.0f}", className="number value"),
        html.Td(_bar(mean, bound, reach), className="drawn"), html.Td(against, className=f"number {verdict}".strip()),
        html.Td(good_words, className="number value"),
        html.Td(_share(good, asked_good.value if asked_good else None), className="drawn"),
        html.Td(f"{days}/{assessed.period.n_days}", className="number"),
        html.Td(html.Div([html.Span(_path(scene, wanted, mean, days, of, bound)), *_curve(scene, found, at, bound)],
                         className="way")),
    ]  # fmt: skip
    return html.Tr([html.Th(scene.city_name(city), scope="row"), *cells])


def _path(scene: Scene, wanted: Target | None, mean: float, days: int, of: int, bound: float) -> str:
    """Say what the rest of the year may bring: of the target, or of the limit where none is set."""
    left = mean_left(bound, mean, days, of)
    if left is None:
        return "NA"
    key = "target" if wanted else "limit"
    return scene.text(f"wall.lost_{key}") if left < 0 else scene.text(f"wall.left_{key}", mean=f"{left:.0f}")


def _curve(scene: Scene, found: YearSoFar, at: int, bound: float) -> list[Drawing]:
    """Draw the path of the year: the mean of PM2.5 from its beginning up to each day, against the target or limit."""
    values = np.where(found.daily[PM25, at] >= 0, found.daily[PM25, at], np.nan)
    present = np.isfinite(values)
    if not present.any():
        return []
    counts = np.cumsum(present)
    means = np.cumsum(np.where(present, values, 0.0)) / np.maximum(counts, 1)
    ends = [*range(min(EVERY, len(means)) - 1, len(means) - 1, EVERY), len(means) - 1]
    points = [float(means[i]) if counts[i] else None for i in ends]
    top = max(bound * SCALE, *(p for p in points if p is not None))
    return [Drawing(spark(points, scene.text("wall.path_drawn"), top=top, limit=bound), className="spark-box")]


def _bound(targets: dict[tuple[str, int, str], Target], city: str, found: YearSoFar, edition: Edition) -> float:
    """Give what the mean of a city is held against: its target, or the limit where none is set."""
    wanted = targets.get((city, found.first.year, PM25_MEAN))
    return wanted.value if wanted else _limit(edition)


def reach_of(means: np.ndarray, bounds: list[float]) -> float:
    """Give where bars end, as times what each is held against. Pure; NaN means count for nothing."""
    ratios = np.asarray(means, float) / np.asarray(bounds, float)
    return max(SCALE, float(np.nanmax(ratios))) if np.isfinite(ratios).any() else SCALE


def _bar(mean: float, bound: float, reach: float) -> html.Span:
    width = 0.0 if math.isnan(mean) else mean / bound / reach * 100
    kind = "amount over" if mean > bound else "amount"
    tick = html.I(className="tick", style={"left": f"{100 / reach:.0f}%"})
    return html.Span([html.I(className=kind, style={"width": f"{width:.0f}%"}), tick], className="track")


def _share(good: float, wanted: float | None) -> html.Span:
    width = 0.0 if math.isnan(good) else good
    tick = [] if wanted is None else [html.I(className="tick", style={"left": f"{wanted:.0f}%"})]
    return html.Span([html.I(className="amount good", style={"width": f"{width:.0f}%"}), *tick], className="track")
