"""The same days of several years under one edition, and the trend over them where there are years enough."""

from __future__ import annotations

import numpy as np

from dashboards.phase.assessed import Statistics, statistics_of
from dashboards.phase.content import CODE, TEXT, Column, Table
from dashboards.phase.core import sources_of
from dashboards.phase.gathered import Gathered
from dashboards.phase.measures import CITY, CONCENTRATIONS, GOOD_RATIO, HEAVY, INDEX, Measure
from dashboards.phase.question import year_before
from dashboards.phase.tabled import Rows
from standards.assessment.trends import FALLING, NOT_SIGNIFICANT, RISING, SPEARMAN_CRITICAL, spearman, theil_sen

MEASURES = (*CONCENTRATIONS, GOOD_RATIO, HEAVY, INDEX)
Years = list[tuple[int, Statistics]]
VERDICTS = {FALLING: "falling", NOT_SIGNIFICANT: "level", RISING: "rising"}


def yearly(gathered: Gathered, years: Years) -> Table | None:
    """Give the statistics of each year; None where only this one is known."""
    now = years[-1][1]
    if len(years) < 2:
        return None
    rows = Rows("yearly", [CITY, Column("year", TEXT), *(m.column(now) for m in MEASURES)])
    for at, place in enumerate(gathered.cities):
        for year, of in years:
            values = {m.key: _valid(m, of)[at] for m in MEASURES}
            rows.add(values | {"city": place, "year": str(year)}, "not_valid")
    return rows.table(notes=("trend_one_edition",), sources=sources_of(now.edition))


def trend(gathered: Gathered, years: Years) -> Table | None:
    """Give the trend of each measure of each city over its valid years; None where nobody has five."""
    columns = [
        CITY, Column("measure", CODE, family="phase.measure."), Column("first_year", TEXT), Column("trend_years"),
        Column("r_s", decimals=3), Column("critical", decimals=3),
        Column("trend_verdict", CODE, family="phase.trend."), Column("slope_per_year", decimals=2),
    ]  # fmt: skip
    rows = Rows("trend", columns)
    for at, place in enumerate(gathered.cities):
        for measure in MEASURES:
            series = np.array([_valid(measure, of)[at] for _, of in years])
            known = [year for (year, _), value in zip(years, series, strict=True) if np.isfinite(value)]
            if len(known) < min(SPEARMAN_CRITICAL):
                continue
            found, slope = spearman(series), theil_sen(series, np.array([year for year, _ in years], float))
            told = {"city": place, "measure": measure.key, "first_year": str(known[0]), "trend_years": found.n}
            told |= {"r_s": round(found.r_s, 3), "critical": found.critical, "slope_per_year": round(slope.slope, 2)}
            rows.add(told | {"trend_verdict": VERDICTS[found.verdict]})
    return rows.table(notes=("trend_spearman", "trend_one_edition", "slope_unit"), sources=("HJ 663-2013 附录B",))


def years_of(gathered: Gathered, now: Statistics) -> Years:
    """Give (year, statistics) of the earlier years and of this one, the oldest first."""
    question = gathered.question
    first = question.period.first_date.year
    earlier = []
    for back, days in gathered.earlier:
        period = year_before(question.period, years=back)
        of = statistics_of(days, gathered.cities, period, question.edition, region=False)
        earlier.append((first - back, of))
    return [*reversed(earlier), (first, now)]


def _valid(measure: Measure, of: Statistics) -> np.ndarray:
    """Give the values of the cities (city,), NaN where the year is not valid for the measure."""
    n = len(of.of_cities.overall)
    if measure in CONCENTRATIONS:
        valid = of.valid[CONCENTRATIONS_AT[measure.key], :n]
    else:
        valid = of.of_cities.index_valid if measure is INDEX else of.of_cities.aqi_days.valid
    return np.where(valid, measure.values(of)[:n], np.nan)


CONCENTRATIONS_AT = dict(zip([m.key for m in CONCENTRATIONS], (5, 4, 3, 1, 0, 2), strict=True))
"""Where the item of each concentration stands in ITEMS: pm25, pm10, o3, no2, so2, co."""
