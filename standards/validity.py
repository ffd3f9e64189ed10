"""How many values a mean needs to be valid: the numbers of GB 3095 Table 4 and HJ 663, read from their table."""

from __future__ import annotations

import numpy as np

from standards.dated_tables import read_table

_RULES = {row["rule"]: float(row["value"]) for row in read_table("validity").rows}

DAY_MIN_HOURS = int(_RULES["day_min_hours"])
"""Hourly means that a day mean needs, of 24 (GB 3095 Table 4)."""
EIGHT_HOUR_MIN_HOURS = int(_RULES["eight_hour_min_hours"])
"""Hourly means that an 8-hour mean needs, of 8 (GB 3095 Table 4)."""
MDA8_MIN_WINDOWS = int(_RULES["mda8_min_windows"])
"""8-hour means that the largest one of a day needs, unless it exceeds the limit (HJ 663-2013 6.1.2)."""
MDA8_FIRST_END = int(_RULES["mda8_first_end"])
"""Local hour at which the first 8-hour mean of a natural day ends; the last ends at 24 (HJ 663-2013 6.1.2, Table A.1)."""
CITY_DAY_MIN_SHARE = _RULES["city_day_min_share"]
"""Share of a city's stations that a city's value of a day needs (HJ 663-2013 6.1.4); see city_day_min_share."""
CITY_DAY_MIN_SHARE_OF_FEW = _RULES["city_day_min_share_of_few"]
"""The same of a city of fewer than CITY_FEW_STATIONS (HJ 663-2013 6.1.4)."""
CITY_FEW_STATIONS = int(_RULES["city_few_stations"])
"""Stations from which CITY_DAY_MIN_SHARE holds (HJ 663-2013 6.1.4)."""
MONTH_MIN_DAYS = int(_RULES["month_min_days"])
"""Daily values that a month of a valid year needs (GB 3095 Table 4)."""
FEBRUARY_MIN_DAYS = int(_RULES["february_min_days"])
"""Daily values that the February of a valid year needs (GB 3095 Table 4)."""
YEAR_MIN_DAYS = int(_RULES["year_min_days"])
"""Daily values that a year needs (GB 3095 Table 4)."""
SAMPLED_ITEMS = ("tsp", "bap", "pb")
"""Items that are sampled on some days only, with rules of their own (GB 3095 Table 4)."""
SAMPLED_DAY_MIN_HOURS = int(_RULES["sampled_day_min_hours"])
"""Hours of sampling that a daily value of them needs (GB 3095 Table 4)."""
SAMPLED_MONTH_MIN_DAYS = int(_RULES["sampled_month_min_days"])
"""Daily values that every month of a valid quarter or year of them needs (GB 3095 Table 4)."""
SAMPLED_QUARTER_MIN_DAYS = int(_RULES["sampled_quarter_min_days"])
"""Daily values that a quarter of lead needs (GB 3095 Table 4)."""
SAMPLED_YEAR_MIN_DAYS = int(_RULES["sampled_year_min_days"])
"""Daily values that a year of them needs (GB 3095 Table 4)."""


def city_day_min_share(stations: np.ndarray | int) -> np.ndarray:
    """Give the share of a city's stations that must be valid for the city's value of a day.

    stations: how many the city has, any shape. Returns float64 [1] of the same shape: 0.75, and 0.5 below 4 stations.
    Source: HJ 663-2013 6.1.4.
    """
    few = np.asarray(stations) < CITY_FEW_STATIONS
    return np.where(few, CITY_DAY_MIN_SHARE_OF_FEW, CITY_DAY_MIN_SHARE)
