"""Exceptional events of the period: what they are, and the assessment with and without them."""

from __future__ import annotations

import datetime as dt

from dashboards.phase.assessed import with_region
from dashboards.phase.content import CODE, DATE, TEXT, Column, Table
from dashboards.phase.core import sources_of
from dashboards.phase.gathered import Gathered
from dashboards.phase.measures import CITY, CITY_FAMILY, DAY, GOOD_RATIO, INDEX, ITEM_FAMILY, PERCENT
from dashboards.phase.question import REGION
from dashboards.phase.tabled import Rows
from standards.assessment.exceptional import ExceptionalEvent, assess_with_events
from standards.editions import edition_named
from standards.pollutants import ITEMS

SHOWN = ("pm25", "pm10")


def events(gathered: Gathered) -> Table | None:
    """List the events of the period."""
    columns = [
        Column("event_kind", CODE, family="phase.event."), Column("event_first", DATE), Column("event_last", DATE),
        Column("event_cities", CODE, family=CITY_FAMILY),
        Column("event_items", CODE, family=ITEM_FAMILY), Column("event_source", TEXT),
    ]  # fmt: skip
    rows = Rows("events", columns)
    for kind, first, last, cities, items, source in _within(gathered):
        told = {
            "event_kind": kind,
            "event_first": first,
            "event_last": last,
            "event_items": items,
            "event_source": source,
        }
        rows.add(told | {"event_cities": cities})
    return rows.table(sources=("events.toml",))


def both(gathered: Gathered) -> Table | None:
    """Give concentrations, good days and index with the events and without them, for the cities that have any."""
    mine = _within(gathered)
    if not mine:
        return None
    question, cities = gathered.question, gathered.cities
    given = [
        ExceptionalEvent(
            kind, dt.date.fromisoformat(first), dt.date.fromisoformat(last), source, tuple(items.split(",")),
            tuple(cities.index(code) for code in where.split(",")),
        )
        for kind, first, last, where, items, source in mine
    ]  # fmt: skip
    edition = edition_named(question.edition)
    found = assess_with_events(
        gathered.now.values, gathered.now.first_day, gathered.period, given, edition=edition, on_bad="missing"
    )
    now, without = (
        with_region(each, cities, region=question.region) for each in (found.with_events, found.without_events)
    )
    columns = [CITY]
    for item in SHOWN:
        decimals = now.rules.statistic_decimals[ITEMS.index(item)]
        columns += [Column(f"{item}{end}_ugm3", unit="µg/m³", decimals=decimals) for end in ("_mean", "_without")]
        columns.append(Column(f"excluded_{item}_days", unit=DAY))
    columns += [GOOD_RATIO.column(now), Column("good_ratio_without_pct", unit=PERCENT, decimals=1)]
    columns += [INDEX.column(now), Column("index_without", decimals=now.rules.index_decimals)]
    rows, touched = Rows("exceptional", columns), {code for row in mine for code in str(row[3]).split(",")}
    for at, place in enumerate(now.places):
        if place != REGION and place not in touched:
            continue
        values = {"city": place, "good_ratio_pct": now.good_ratio_pct[at], "ranking_index": now.index[at]}
        values |= {"good_ratio_without_pct": without.good_ratio_pct[at], "index_without": without.index[at]}
        for item in SHOWN:
            i = ITEMS.index(item)
            left_out = found.excluded[i].sum() if place == REGION else found.excluded[i, at]
            values |= {f"{item}_mean_ugm3": now.mean[i, at], f"{item}_without_ugm3": without.mean[i, at]}
            values[f"excluded_{item}_days"] = left_out
        rows.add(values, "region_has_no_index" if place == REGION else "no_days")
    return rows.table(notes=("exceptional_both",), sources=("环办监测〔2016〕120号", *sources_of(question.edition)))


def _within(gathered: Gathered) -> list[tuple]:
    first, last = gathered.period.first_date.isoformat(), gathered.period.last_date.isoformat()
    return [row for row in gathered.events if str(row[1]) <= last and str(row[2]) >= first and row[3]]
