"""The rules of HJ 663 as data: statistics, decimals and validity of each edition, read from their tables.

A rule that a person knows better is changed in tables/hj663_*.csv and tables/validity.csv, or for one call with
dataclasses.replace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from standards.assessment.periods import Period
from standards.dated_tables import read_table
from standards.editions import Edition
from standards.pollutants import ITEMS
from standards.validity import FEBRUARY_MIN_DAYS, MONTH_MIN_DAYS, YEAR_MIN_DAYS, city_day_min_share

CITY_OZONE_METHODS = ("mean_of_station_mda8", "mda8_of_city_hours")
"""How a city's ozone of a day comes from its stations; HJ 663-2026 Table A.2 has the first."""

MISSING_ITEM = ("exceeds", "na")
"""What a missing or not valid item makes of a place whose other items comply: it does not comply, or has no verdict."""

_TABLES = {"2012": "hj663_2013", "2026T": "hj663_2026", "2031": "hj663_2026"}


@dataclass(frozen=True)
class AssessmentRules:
    """The rules of one edition of HJ 663; tuples of six are in the order of ITEMS.

    code: of the edition. percentile: of the daily values. mean_judged: whether the mean of the period has a limit.
    statistic_decimals, compliance_decimals: places of a reported statistic, and of one compared with its limit.
    multiple_decimals, rate_decimals, index_decimals: places of exceedance multiples, shares in percent, indices.
    missing_item: one of MISSING_ITEM. city_o3_day: one of CITY_OZONE_METHODS. city_day_min_share: share of stations
    that a city's day needs, or a function that gives it for a number of stations. month_min_days, february_min_days,
    year_min_days: daily values. min_share: by kind of period, share of its days. months: by kind of period, whether
    every whole month of it must be valid. good_days_aqi_to, heavy_days_aqi_above: AQI. moving_years, moving_years_min:
    years of a moving mean, and how many it needs. suspect_times_p98, suspect_min_days: when a day is flagged as
    suspect. confidence: by (rule, item), how each is known.
    """

    code: str
    percentile: tuple[Fraction, ...]
    mean_judged: tuple[bool, ...]
    statistic_decimals: tuple[int, ...]
    compliance_decimals: tuple[int, ...]
    multiple_decimals: int
    rate_decimals: int
    index_decimals: int
    missing_item: str
    city_o3_day: str
    city_day_min_share: float | Callable
    month_min_days: int
    february_min_days: int
    year_min_days: int
    min_share: Mapping[str, Fraction]
    months: Mapping[str, bool]
    good_days_aqi_to: int
    heavy_days_aqi_above: int
    moving_years: int
    moving_years_min: int
    suspect_times_p98: float
    suspect_min_days: int
    confidence: Mapping[tuple[str, str], str]

    def min_days(self, period: Period) -> int:
        """Give how many valid daily values a period needs.

        Month: 27 (25 in February); year: 324; other kinds: their share of the days, rounded up.
        Source: GB 3095-2026 Table 4; the shares are assumed (tables/hj663_*.csv).
        """
        if period.kind == "month":
            return self.february_min_days if period.first_date.month == 2 else self.month_min_days
        if period.kind == "year":
            return self.year_min_days
        share = self.min_share[period.kind] * period.n_days
        return -(-share.numerator // share.denominator)

    def needs_months(self, period: Period) -> bool:
        """Say whether every whole month of the period must be valid too."""
        return self.months.get(period.kind, False)


def rules_of(edition: Edition) -> AssessmentRules:
    """Give the rules of HJ 663 that belong to an edition: HJ 663-2013 to "2012", HJ 663-2026 to "2026T" and "2031".

    Days before HJ 663-2013 came into force (2013-10-01) are assessed by it too (our assumption).
    """
    return _rules(_TABLES[edition.name])


@cache
def _rules(name: str) -> AssessmentRules:
    table = read_table(name)
    value = {(row["rule"], row["item"]): row["value"] for row in table.rows}

    def one(rule: str) -> str:
        return value[rule, ""]

    def six(rule: str) -> list[str]:
        return [value[rule, item] for item in ITEMS]

    if one("city_o3_day") not in CITY_OZONE_METHODS:
        raise ValueError(f"{name}: city_o3_day is {one('city_o3_day')!r}, expected one of {CITY_OZONE_METHODS}")
    if one("missing_item") not in MISSING_ITEM:
        raise ValueError(f"{name}: missing_item is {one('missing_item')!r}, expected one of {MISSING_ITEM}")
    shared = ("half_year", "quarter", "campaign")
    whole = (
        "multiple_decimals", "rate_decimals", "index_decimals", "good_days_aqi_to", "heavy_days_aqi_above",
        "moving_years", "moving_years_min", "suspect_min_days",
    )  # fmt: skip
    return AssessmentRules(
        code=table.head["code"],
        percentile=tuple(map(Fraction, six("percentile"))),
        mean_judged=tuple(text == "yes" for text in six("mean_judged")),
        statistic_decimals=tuple(map(int, six("statistic_decimals"))),
        compliance_decimals=tuple(map(int, six("compliance_decimals"))),
        missing_item=one("missing_item"),
        city_o3_day=one("city_o3_day"),
        city_day_min_share=city_day_min_share,
        month_min_days=MONTH_MIN_DAYS,
        february_min_days=FEBRUARY_MIN_DAYS,
        year_min_days=YEAR_MIN_DAYS,
        min_share=MappingProxyType({kind: Fraction(one(f"{kind}_min_share")) for kind in shared}),
        months=MappingProxyType({kind: one(f"{kind}_months") == "yes" for kind in ("year", *shared)}),
        suspect_times_p98=float(one("suspect_times_p98")),
        confidence=MappingProxyType({(row["rule"], row["item"]): row["confidence"] for row in table.rows}),
        **{rule: int(one(rule)) for rule in whole},
    )
