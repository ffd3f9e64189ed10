"""The daily values of a city from the hours of its stations, by each edition's rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from standards.assessment.rules import AssessmentRules, rules_of
from standards.averaging import city_mean, daily_values, mda8, reported_hours, station_count
from standards.days import split_days
from standards.editions import Edition, limit
from standards.pollutants import ITEMS


@dataclass(frozen=True, slots=True)
class CityDays:
    """Daily values of one city.

    first_day: natural day of the first column. values [ug/m3, CO mg/m3]: float64 (6, day), MDA8 in the o3 row, NaN
    where too few stations are valid. stations: int16 (6, day), valid stations. edition, code: what was applied.
    """

    first_day: int
    values: np.ndarray
    stations: np.ndarray
    edition: str
    code: str


def city_days(
    hourly: np.ndarray,
    first_hour: int,
    *,
    edition: Edition,
    expected: int | None = None,
    rules: AssessmentRules | None = None,
) -> CityDays:
    """Compute the daily values of a city.

    hourly [ug/m3, CO mg/m3]: (6, station, hour), urban evaluation sites only. first_hour [epoch hours]: of the first
    column. edition: whichever the comparison asks for. expected: stations that the city has, by default those given.
    Returns CityDays over every natural day touched.
    Rounding: hourly means first, as standards.averaging.reported_hours; the daily values are exact.
    Missing: a station's day needs 20 hours (ozone 14 windows); a city's day needs the share rules.city_day_min_share
    of its stations (75 %, of fewer than 4 stations 50 %).
    Errors: ValueError where the shape is not (6, station, hour), there is no station, or a value is negative or
    infinite.
    Source: HJ 663-2013 Table A.2 and 6.1.4, HJ 663-2026 Table A.2 (mean of stations' daily values, for ozone of their
    MDA8).
    """
    rules = rules_of(edition) if rules is None else rules
    hourly = np.asarray(hourly, dtype=np.float64)
    if hourly.ndim != 3 or hourly.shape[0] != len(ITEMS) or not hourly.shape[1]:
        raise ValueError(f"hourly has shape {hourly.shape}, expected ({len(ITEMS)}, station, hour)")
    if (hourly < 0).any():
        at = tuple(np.argwhere(hourly < 0)[0])
        raise ValueError(f"{ITEMS[at[0]]} is {hourly[at]} at station {at[1]}, expected 0 or more, or NaN for missing")
    o3_limit = limit("o3", "8h", edition=edition)
    days = daily_values(hourly, first_hour, o3_limit=o3_limit)
    values = city_mean(days.means, min_share=rules.city_day_min_share, expected=expected)
    if rules.city_o3_day == "mda8_of_city_hours":
        o3 = ITEMS.index("o3")
        hours = city_mean(reported_hours(hourly), min_share=rules.city_day_min_share, expected=expected)[o3]
        values[o3], _ = mda8(split_days(hours, first_hour)[0], limit=o3_limit)
    return CityDays(days.first_day, values, station_count(days.means), edition.name, rules.code)
