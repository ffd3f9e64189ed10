"""Why a verdict is what it is, or why there is none, and what a reader should know of the data behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from standards.assessment.compliance import NA, missing_decides
from standards.assessment.period_values import PeriodValues
from standards.days import date_of_day
from standards.pollutants import ITEMS, POLLUTANTS

REASON_TEXTS = {
    "mean_exceeds": "{item} mean {found:g} {unit} is above the annual limit {expected:g}",
    "percentile_exceeds": "{item} percentile {found:g} {unit} is above the daily limit {expected:g}",
    "counts_as_exceeding": "{item} is missing or not valid, so that the whole counts as not complying",
    "too_few_days": "{item} has {found:g} valid days, {expected:g} are needed",
    "month_too_few_days": "{item} has {found:g} valid days in {where}, {expected:g} are needed",
    "suspect_day": "{item} on {where} is {found:g} {unit}, suspect above {expected:g}; it still counts",
    "bad_days": "{item} has {found:g} negative or infinite values, taken as missing",
}
"""By code; a page in another language writes its own from the fields of a Reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; str() writes it in English.

    code: a key of REASON_TEXTS. item: one of ITEMS. found, expected: the numbers that were compared [ug/m3, CO mg/m3;
    or days]. where: a month or a date, "" where the whole period is meant.
    """

    code: str
    item: str
    found: float
    expected: float
    where: str = ""

    def __str__(self) -> str:
        pollutant = POLLUTANTS[self.item]
        return REASON_TEXTS[self.code].format(
            item=pollutant.symbol, unit=pollutant.unit, found=self.found, expected=self.expected, where=self.where
        )


def limit_reasons(code: str, judged: np.ndarray, limits: np.ndarray, at: tuple[int, ...]) -> list[Reason]:
    """Say which items of one place are above their limit: judged (6, ...), limits (6,), at an index of "..."."""
    pairs = [(item, float(judged[i, *at]), float(limits[i])) for i, item in enumerate(ITEMS)]
    return [Reason(code, item, found, bound) for item, found, bound in pairs if found > bound]


def missing_reasons(verdicts: np.ndarray, values: PeriodValues, at: tuple[int, ...]) -> list[Reason]:
    """Name the items of one place for which alone it does not comply: those that are missing or not valid.

    verdicts: int8 (6, ...).
    Source: HJ 663-2013 6.2 (the item is to be named).
    """
    if not missing_decides(verdicts[:, *at]):
        return []
    unknown = [(item, int(values.days[i, *at])) for i, item in enumerate(ITEMS) if verdicts[i, *at] == NA]
    return [Reason("counts_as_exceeding", item, days, values.min_days) for item, days in unknown]


def validity_reasons(values: PeriodValues, at: tuple[int, ...]) -> list[Reason]:
    """Say which items of one place have too few days, in the period or in a month of it."""
    reasons = []
    for i, item in enumerate(ITEMS):
        days = int(values.days[i, *at])
        if days < values.min_days:
            reasons.append(Reason("too_few_days", item, days, values.min_days))
        months = zip(values.months, values.month_days[i, *at].tolist(), values.month_min_days.tolist(), strict=True)
        reasons += [
            Reason("month_too_few_days", item, found, needed, each.name)
            for each, found, needed in months
            if found < needed
        ]
    return reasons


def data_reasons(
    daily: np.ndarray, suspect: np.ndarray, bound: np.ndarray, bad: np.ndarray, first_day: int, at: tuple[int, ...]
) -> list[Reason]:
    """Say which days of one place are suspect, and how many were bad.

    daily, suspect: (6, ..., day). bound: (6, ...). bad [days]: (6, ...). first_day: natural day of the first column.
    """
    reasons = []
    for i, item in enumerate(ITEMS):
        for n in np.flatnonzero(suspect[i, *at]):
            where = date_of_day(first_day + int(n)).isoformat()
            reasons.append(Reason("suspect_day", item, float(daily[i, *at, n]), float(bound[i, *at]), where))
        if bad[i, *at]:
            reasons.append(Reason("bad_days", item, int(bad[i, *at]), 0))
    return reasons
