"""Tables of days and months: the calendar, the path through the period, what is there and what was replaced."""

from __future__ import annotations

import numpy as np

from dashboards.phase.content import CODE, Column, Table
from dashboards.phase.core import items_of, sources_of
from dashboards.phase.gathered import ABSENT, REVIEWED, Days, Gathered
from dashboards.phase.measures import CITY, DATE_COLUMN, DAY, ITEM_FAMILY, LEVEL, PERCENT, PRIMARY, STATION, UNITS
from dashboards.phase.tabled import Rows
from standards.assessment.compliance import rate_pct
from standards.assessment.period_values import select_days
from standards.assessment.periods import Period, month
from standards.assessment.rules import rules_of
from standards.days import date_of_day
from standards.editions import edition_named, edition_runs
from standards.exact_means import averageable, mean_of_steps, to_steps
from standards.index.aqi import daily_aqi
from standards.pollutants import ITEMS, POLLUTANTS
from standards.rounding import round_half_even

STANDINGS = (None, "provisional", "reviewed")
PM25 = ITEMS.index("pm25")
ANY_ITEM = "standing"


def index_of(days: Days) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give index, level and primary pollutants (place, day), each day under the edition in force on it."""
    shape = days.values.shape[1:]
    aqi, level, primary = np.full(shape, np.nan), np.zeros(shape, int), np.zeros(shape, int)
    values = averageable(days.values)
    for part, edition in edition_runs(days.first_day, days.n_days):
        report = daily_aqi(values[..., part], edition=edition)
        aqi[..., part], level[..., part], primary[..., part] = report.aqi, report.level, report.primary
    return aqi, level, primary


def calendar(gathered: Gathered) -> Table | None:
    """Give each day of each city: index, level, primary pollutants, its values and how it stands."""
    days, decimals = gathered.now, rules_of(edition_named(gathered.question.edition)).statistic_decimals
    names = [f"{item}_day" for item in ITEMS]
    values = [
        Column(n, unit=UNITS[POLLUTANTS[i].unit], decimals=d) for n, i, d in zip(names, ITEMS, decimals, strict=True)
    ]
    columns = [
        CITY,
        DATE_COLUMN,
        Column("aqi"),
        LEVEL,
        PRIMARY,
        *values,
        Column("standing", CODE, family="phase.standing."),
    ]
    rows, (aqi, level, primary) = Rows("days", columns), index_of(days)
    shown = [round_half_even(row, places) for row, places in zip(averageable(days.values), decimals, strict=True)]
    dates = [date_of_day(days.first_day + at).isoformat() for at in range(days.n_days)]
    for place, city in enumerate(gathered.cities):
        for at, date in enumerate(dates):
            known = {
                "city": city, "date": date, "aqi": aqi[place, at], "primary": items_of(primary[place, at]),
                "level": str(level[place, at]) if level[place, at] else None,
                "standing": STANDINGS[days.standing[place, at]],
            }  # fmt: skip
            there = days.standing[place, at] != ABSENT
            rows.add(known | {n: row[place, at] for n, row in zip(names, shown, strict=True)}, _why_day(there))
    return rows.table(notes=("days_edition_of_day", "ozone_mda8"), sources=sources_of(gathered.question.edition))


def months(gathered: Gathered) -> Table | None:
    """Give the path through the period: each calendar month in it with its PM2.5, and both from the beginning up to its end."""
    of, days, period = gathered.question.edition, gathered.now, gathered.period
    parts = months_in(period)
    if len(parts) < 2:
        return None
    rules = rules_of(edition_named(of))
    fine, rate = rules.statistic_decimals[PM25], rules.rate_decimals
    columns = [
        CITY, Column("month", "text"), Column("month_days", unit=DAY),
        Column("pm25_mean_ugm3", unit="µg/m³", decimals=fine), Column("pm25_to_date_ugm3", unit="µg/m³", decimals=fine),
        Column("good_ratio_pct", unit=PERCENT, decimals=rate), Column("good_ratio_to_date_pct", unit=PERCENT, decimals=rate),
        Column("heavy_days", unit=DAY),
    ]  # fmt: skip
    rows = Rows("months", columns)
    for place, city in enumerate(gathered.cities):
        for name, part in parts:
            to_date = Period("campaign", name, period.first_day, part.last_day)
            here, total = (_of_days(days, place, span, of) for span in (part, to_date))
            values = {"pm25_mean_ugm3": here[0], "pm25_to_date_ugm3": total[0], "good_ratio_pct": here[1]}
            values |= {"good_ratio_to_date_pct": total[1], "heavy_days": here[2], "month_days": part.n_days}
            rows.add(values | {"city": city, "month": name}, "no_days")
    return rows.table(notes=("months_cut",), sources=sources_of(of))


def months_in(period: Period) -> list[tuple[str, Period]]:
    """Give the calendar months that a period touches, cut to it."""
    found, first = [], period.first_date
    each = month(first.year, first.month)
    while each.first_day <= period.last_day:
        cut = Period("campaign", each.name, max(each.first_day, period.first_day), min(each.last_day, period.last_day))
        found.append((each.name, cut))
        after = date_of_day(each.last_day + 1)
        each = month(after.year, after.month)
    return found


def _of_days(days: Days, place: int, span: Period, edition: str) -> tuple[float, float, float]:
    """Give mean of PM2.5, share of good days and heavy days of a place in some days."""
    rules = rules_of(edition_named(edition))
    values = averageable(select_days(days.values[:, place], days.first_day, span))
    steps, present = to_steps(values[PM25])
    mean, _ = mean_of_steps(steps.sum()[None], present.sum()[None], 1)
    aqi = daily_aqi(values, edition=edition_named(edition)).aqi
    known, good = np.isfinite(aqi).sum(), (aqi <= rules.good_days_aqi_to).sum()
    heavy = float((aqi > rules.heavy_days_aqi_above).sum()) if known else np.nan
    fine = round_half_even(mean, rules.statistic_decimals[PM25])[0]
    return float(fine), float(rate_pct(good, known, decimals=rules.rate_decimals)), heavy


def coverage(gathered: Gathered) -> Table | None:
    """Give how many days of each item each city and station has, and what share of the days is reviewed or published as such."""
    shares = [Column(f"{item}_valid_days", unit=DAY) for item in ITEMS]
    columns = [
        Column("place", CODE, family="city."), STATION, *shares, Column("period_days", unit=DAY),
        Column("reviewed_days", unit=DAY), Column("provisional_days", unit=DAY), Column("published_days", unit=DAY),
        Column("simulated_days", unit=DAY),
    ]  # fmt: skip
    rows = Rows("coverage", columns)
    cities = [(city, None) for city in gathered.cities]
    for days, places in ((gathered.now, cities), (gathered.station_now, [(c, s) for s, c in gathered.stations])):
        present = np.isfinite(averageable(days.values)).sum(axis=-1)
        for at, (city, station) in enumerate(places):
            if station is not None and not present[:, at].any():
                continue
            values = {f"{item}_valid_days": present[i, at] for i, item in enumerate(ITEMS)}
            values |= {"place": city, "station": station, "period_days": days.n_days}
            values |= {
                "reviewed_days": (days.standing[at] == REVIEWED).sum(),
                "provisional_days": ((days.standing[at] != REVIEWED) & (days.standing[at] != ABSENT)).sum(),
                "published_days": days.published[at].sum() if station is None else 0,
                "simulated_days": days.simulated[at].sum(),
            }
            rows.add(values, {"station": "whole_city"})
    return rows.table(notes=("published_days",), sources=("air_city_day", "air_station_day"))


def revisions(gathered: Gathered) -> Table | None:
    """Count the rows of days of the period that were replaced, by city and item."""
    columns = [CITY, Column("revised_item", CODE, family=ITEM_FAMILY), Column("replaced_days", unit=DAY)]
    rows = Rows("revisions", columns)
    for city, item, count in gathered.revisions:
        rows.add(
            {"city": city, "revised_item": None if item == ANY_ITEM else item, "replaced_days": count}, "standing_alone"
        )
    return rows.table(sources=("row_history",))


def _why_day(there: bool) -> str:
    return "not_enough_hours" if there else "no_row"
