"""Further tables, each with the reason that is told where it has no data."""

from __future__ import annotations

import datetime as dt

import numpy as np

from dashboards.moment import SHANGHAI
from dashboards.phase import exceptional, scores, target_table, trend
from dashboards.phase.assessed import Statistics
from dashboards.phase.content import CODE, TEXT, Column, Table
from dashboards.phase.gathered import Gathered, base_period, whole_months
from dashboards.phase.measures import CITY, CITY_FAMILY, ITEM, ITEM_FAMILY, PERCENT
from dashboards.phase.tabled import Rows
from standards.exact_means import exact_number, round_fraction

_PARTS = ("weather_observed_ugm3", "without_weather_ugm3", "weather_part_ugm3", "weather_half_ugm3")


def tables(gathered: Gathered, now: Statistics) -> list[tuple[str, Table | None, str]]:
    """Give the tables of targets, events, trend, episodes, scores, attribution and weather."""
    sectors, places = (_attributed(gathered, kind) for kind in ("sector", "place"))
    why = gathered.unattributed or "no_rows"
    years = trend.years_of(gathered, now)
    return [
        ("targets", target_table.targets(gathered), "no_targets"),
        ("events", exceptional.events(gathered), "no_events"),
        ("exceptional", exceptional.both(gathered), "no_events"),
        ("yearly", trend.yearly(gathered, years), "one_year"),
        ("trend", trend.trend(gathered, years), "too_few_years"),
        ("episodes", _episodes(gathered), "none"),
        ("scores", scores.by_lead(gathered), "no_forecasts"),
        ("attribution_sectors", sectors, why),
        ("attribution_places", places, why),
        ("weather", _weather(gathered), _why_no_weather(gathered)),
    ]


def _episodes(gathered: Gathered) -> Table | None:
    columns = [
        Column("episode", TEXT), Column("episode_kind", CODE, family="phase.episode."), Column("start", TEXT),
        Column("peak", TEXT), Column("end", TEXT), Column("phase", CODE, family="phase.phase."),
        Column("peak_value_ugm3", unit="µg/m³"), Column("peak_city", CODE, family=CITY_FAMILY), Column("city_hours", unit="h"),
    ]  # fmt: skip
    rows = Rows("episodes", columns)
    for episode, kind, start, peak, end, phase, value, city, hours, _ in gathered.episodes:
        told = {"episode": episode, "episode_kind": kind, "phase": phase, "peak_value_ugm3": value, "peak_city": city}
        moments = {"start": _beijing(start), "peak": _beijing(peak), "end": _beijing(end)}
        why = {c.key: "not_ended" if c.key == "end" else "peak_unknown" for c in columns}
        rows.add(told | moments | {"city_hours": hours}, why)
    return rows.table(notes=("times_beijing",), sources=("episode_event",))


def _attributed(gathered: Gathered, kind: str) -> Table | None:
    whose = (
        Column("sector", CODE, family="sector.")
        if kind == "sector"
        else Column("source_place", CODE, family=CITY_FAMILY)
    )
    columns = [
        CITY, Column("quantity", CODE, family=ITEM_FAMILY), whose, Column("share_pct", unit=PERCENT, decimals=1),
        Column("low_pct", unit=PERCENT, decimals=1), Column("high_pct", unit=PERCENT, decimals=1),
        Column("attributed_ugm3", unit="µg/m³", decimals=1), Column("attributed_days", unit="d"),
    ]  # fmt: skip
    rows = Rows(f"attribution_{kind}s", columns)
    methods = set()
    for city, quantity, of, name, mean, low, high, total, days, method, _ in gathered.attributed:
        if of != kind or total <= 0:
            continue
        methods.add(str(method))
        shares = {
            key: _tenth(100 * value / total)
            for key, value in (("share_pct", mean), ("low_pct", low), ("high_pct", high))
        }
        told = {
            "city": city,
            "quantity": quantity,
            whose.key: name,
            "attributed_ugm3": _tenth(mean),
            "attributed_days": days,
        }
        rows.add(told | shares)
    return rows.table(notes=("attribution_mean",), sources=tuple(sorted(methods)))


def _weather(gathered: Gathered) -> Table | None:
    """Part the change of whole months into ours and the weather's."""
    columns = [CITY, ITEM]
    columns += [Column(key, unit="µg/m³", decimals=1) for key in _PARTS]
    rows, sources = Rows("weather", [*columns, Column("weather_skill", decimals=2)]), set()
    for city, item, *values, skill, why, model, method, _ in gathered.normalised:
        sources |= {f"{method} ({model})"} if model else set()
        told = {key: np.nan if value is None else _tenth(value) for key, value in zip(_PARTS, values, strict=True)}
        known = np.nan if skill is None else float(round_fraction(exact_number(skill), 2))
        rows.add({"city": city, "item": item, "weather_skill": known} | told, f"weather_{why or 'unknown'}")
    return rows.table(notes=("weather_normalised", "weather_record"), sources=tuple(sorted(sources)))


def _why_no_weather(gathered: Gathered) -> str:
    months = (whole_months(gathered.period), whole_months(base_period(gathered)))
    return "no_normalised" if all(months) else "not_whole_months"


def _tenth(value: float) -> float:
    return float(round_fraction(exact_number(float(value)), 1)) if np.isfinite(value) else np.nan


def _beijing(moment: str | None) -> str | None:
    return None if moment is None else f"{dt.datetime.fromisoformat(moment) + SHANGHAI:%Y-%m-%d %H:%M}"
