"""The assessment of a period by HJ 663: statistics, compliance with reasons, indices, days by level and by pollutant."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from standards.assessment.compliance import (
    exceedance_multiple,
    item_verdicts,
    missing_decides,
    overall_verdict,
    period_limits,
    rate_pct,
)
from standards.assessment.indices import (
    INDEX_METHODS,
    CompositeIndex,
    IndexMethod,
    composite_index,
    quality_index,
    ranking_limits,
)
from standards.assessment.period_values import PeriodValues, period_values, require_daily, select_days
from standards.assessment.periods import Period
from standards.assessment.reasons import data_reasons, limit_reasons, missing_reasons, validity_reasons
from standards.assessment.rules import AssessmentRules, rules_of
from standards.assessment.suspects import suspect_bound, suspect_days
from standards.editions import Edition
from standards.index.aqi import daily_aqi
from standards.index.levels import LEVELS
from standards.pollutants import ITEMS, POLLUTANTS
from standards.rounding import round_half_even

_MEANS_IN_RANKING = tuple(item not in ("co", "o3") for item in ITEMS)


@dataclass(frozen=True, slots=True)
class AqiDays:
    """Days of a period by their index; "..." is the shape of the cities.

    by_level [days]: int16 (7, ...), entry 0 the days without an index, 1 to 6 the levels. days [days]: int16 (...),
    days with an index. good_days, heavy_days [days]: int16 (...), AQI up to 100, above 200. good_ratio_pct [%]: float64
    (...), good days of the days with an index, one decimal, NaN where there are none. by_primary, exceeding_by_primary
    [days]: int16 (6, ...), days on which the item was a primary pollutant (AQI above 50), and of those with AQI above
    100; a day with two counts for both. valid: bool (...), enough days for the period.
    """

    by_level: np.ndarray
    days: np.ndarray
    good_days: np.ndarray
    heavy_days: np.ndarray
    good_ratio_pct: np.ndarray
    by_primary: np.ndarray
    exceeding_by_primary: np.ndarray
    valid: np.ndarray


@dataclass(frozen=True, slots=True)
class PeriodAssessment:
    """One period under one edition; "..." is the shape of the cities, six rows are in the order of ITEMS.

    edition, code, limits_code: name, HJ 663 and GB 3095 that were applied. values: exact statistics with days and
    validity. mean, percentile [ug/m3, CO mg/m3]: float64 (6, ...), rounded as reported. percent [%]: (6,), which
    percentile. mean_limit, percentile_limit [ug/m3, CO mg/m3]: float64 (6,), grade 2, NaN where the mean is not judged.
    mean_multiple, percentile_multiple: float64 (6, ...), how far above the limit in multiples of it, 0 where not, NaN
    where not judged or not valid. complies: int8 (6, ...), and overall: int8 (...): COMPLIES, EXCEEDS or NA.
    for_missing: bool (...), no item exceeds and overall is EXCEEDS for items that are missing or not valid, which
    reasons name. compliant_days_pct [%]: float64 (6, ...), days within the daily limit of the days with a value;
    exceeding_days [days]: int16 (6, ...). aqi_days: by level and pollutant. ranking: the index that cities are ranked
    by. quality: the index of HJ 663. index_valid: bool (...), all six items valid. meets_grade2: bool (...), no ranking
    concentration above its limit (for the change ranking). suspect: bool (6, ..., day), days that stand out; they still
    count. bad [days]: int16 (6, ...), negative or infinite values taken as missing. reasons: object (...), a tuple of
    Reason.
    """

    period: Period
    edition: str
    code: str
    limits_code: str
    values: PeriodValues
    mean: np.ndarray
    percentile: np.ndarray
    percent: np.ndarray
    mean_limit: np.ndarray
    percentile_limit: np.ndarray
    mean_multiple: np.ndarray
    percentile_multiple: np.ndarray
    complies: np.ndarray
    overall: np.ndarray
    for_missing: np.ndarray
    compliant_days_pct: np.ndarray
    exceeding_days: np.ndarray
    aqi_days: AqiDays
    ranking: CompositeIndex
    quality: CompositeIndex
    index_valid: np.ndarray
    meets_grade2: np.ndarray
    suspect: np.ndarray = field(repr=False)
    bad: np.ndarray = field(repr=False)
    reasons: np.ndarray = field(repr=False)


def assess_period(
    daily: np.ndarray,
    first_day: int,
    period: Period,
    *,
    edition: Edition,
    rules: AssessmentRules | None = None,
    method: IndexMethod = INDEX_METHODS["default"],
    on_bad: str = "raise",
    counted: np.ndarray | None = None,
) -> PeriodAssessment:
    """Assess a period of one city, or of many at once, under any edition.

    daily [ug/m3, CO mg/m3]: (6, day) or (6, ..., day), a column for each consecutive natural day, items in the order of
    ITEMS, MDA8 in the o3 row. first_day [days since 1970-01-01 local]: of the first column. edition: gives AQI, limits
    and rules, whatever the date. rules: other rules than the edition's. method: of the composite indices. on_bad:
    "raise" refuses a negative or infinite value, "missing" takes it as missing, counts it and gives a reason. counted:
    bool of the shape of daily, days that count for validity though they may hold no value (exceptional events).
    Returns PeriodAssessment.
    Rounding: every number once, from the exact one. An index divides the reported statistic; a verdict compares at the
    decimals for compliance; a multiple is of the value so compared (our reading of Table 3).
    Missing: a period without enough days keeps its numbers, says valid False and has verdict NA; no day gives NaN. One
    item that exceeds makes the whole exceed; otherwise one that is NA makes it not comply too (HJ 663-2013 6.2), said
    by for_missing and reasons; the whole is NA where all items are.
    Notes: only a year has a limit for its mean; for other periods the same comparison is what rankings make of it.
    Errors: ValueError where a shape, a value, first_day or on_bad is not as above, naming what was expected.
    Source: HJ 663-2013 and HJ 663-2026 (Table A.2, Table 3); GB 3095 Tables 1 and 4; ranking notice of 2018.
    """
    rules = rules_of(edition) if rules is None else rules
    daily, bad = require_daily(daily, on_bad=on_bad)
    shape = daily.shape
    daily = select_days(daily, first_day, period)
    bad = select_days(bad, first_day, period) == 1
    if counted is not None:
        counted = select_days(np.broadcast_to(counted, shape), first_day, period) == 1
    bad_days = bad.sum(axis=-1, dtype=np.int16)
    values = period_values(daily, period, rules=rules, counted=counted)
    limits = period_limits(edition, rules)
    mean, percentile = (_rounded(each, rules.statistic_decimals) for each in (values.mean, values.percentile))
    judged = tuple(
        np.where(values.valid, _rounded(each, rules.compliance_decimals), np.nan)
        for each in (values.mean, values.percentile)
    )
    verdicts = item_verdicts(*judged, *limits)
    bound = suspect_bound(daily, rules=rules)
    suspect = suspect_days(daily, bound)
    reasons = np.empty(mean.shape[1:], dtype=object)
    for at in np.ndindex(reasons.shape):
        reasons[at] = (
            *limit_reasons("mean_exceeds", judged[0], limits[0], at),
            *limit_reasons("percentile_exceeds", judged[1], limits[1], at),
            *(missing_reasons(verdicts, values, at) if rules.missing_item == "exceeds" else ()),
            *validity_reasons(values, at),
            *data_reasons(daily, suspect, bound, bad_days, period.first_day, at),
        )
    present = np.isfinite(daily).sum(axis=-1, dtype=np.int16)
    above = _exceeding(daily, limits[1], rules)
    ranked = np.where(_column(_MEANS_IN_RANKING, mean.ndim), mean, percentile)
    places = rules.multiple_decimals
    return PeriodAssessment(
        period=period,
        edition=edition.name,
        code=rules.code,
        limits_code=edition.limits_code,
        values=values,
        mean=mean,
        percentile=percentile,
        percent=np.array([float(p) for p in rules.percentile]),
        mean_limit=limits[0],
        percentile_limit=limits[1],
        mean_multiple=exceedance_multiple(judged[0], limits[0], decimals=places),
        percentile_multiple=exceedance_multiple(judged[1], limits[1], decimals=places),
        complies=verdicts,
        overall=overall_verdict(verdicts, missing_item=rules.missing_item),
        for_missing=missing_decides(verdicts) & (rules.missing_item == "exceeds"),
        compliant_days_pct=rate_pct(present - above, present, decimals=rules.rate_decimals),
        exceeding_days=above,
        aqi_days=aqi_days(daily, period, edition=edition, rules=rules, counted=counted),
        ranking=composite_index(ranked, edition=edition, method=method),
        quality=quality_index(mean, percentile, edition=edition, method=method),
        index_valid=values.valid.all(axis=0),
        meets_grade2=_meets(values, edition, rules),
        suspect=suspect,
        bad=bad_days,
        reasons=reasons,
    )


def aqi_days(
    daily: np.ndarray,
    period: Period,
    *,
    edition: Edition,
    rules: AssessmentRules | None = None,
    counted: np.ndarray | None = None,
) -> AqiDays:
    """Count the days of a period by level and by primary pollutant.

    daily [ug/m3, CO mg/m3]: (6, ..., period.n_days), MDA8 in the o3 row. edition: of the index. counted: as
    assess_period; a day counts for validity where it has an index, or all six items are counted. Returns AqiDays.
    Missing: a day without an index counts for no level; daily_aqi says which those are.
    Source: HJ 633 (index); HJ 663 and practice of the national reports (good days up to 100, heavy above 200).
    """
    rules = rules_of(edition) if rules is None else rules
    report = daily_aqi(daily, edition=edition)
    has_index = ~np.isnan(report.aqi)
    levels = np.arange(len(LEVELS) + 1).reshape(-1, *[1] * report.level.ndim)
    good = (report.aqi <= rules.good_days_aqi_to).sum(axis=-1, dtype=np.int16)
    days = has_index.sum(axis=-1, dtype=np.int16)
    bits = np.arange(len(ITEMS), dtype=np.uint8).reshape(-1, *[1] * report.primary.ndim)
    primary = (report.primary >> bits & 1).astype(bool)
    enough = has_index if counted is None else has_index | counted.all(axis=0)
    return AqiDays(
        by_level=(report.level == levels).sum(axis=-1, dtype=np.int16),
        days=days,
        good_days=good,
        heavy_days=(report.aqi > rules.heavy_days_aqi_above).sum(axis=-1, dtype=np.int16),
        good_ratio_pct=rate_pct(good, days, decimals=rules.rate_decimals),
        by_primary=primary.sum(axis=-1, dtype=np.int16),
        exceeding_by_primary=(primary & (report.aqi > rules.good_days_aqi_to)).sum(axis=-1, dtype=np.int16),
        valid=enough.sum(axis=-1) >= rules.min_days(period),
    )


def flat_numbers(assessment: PeriodAssessment) -> dict[str, np.ndarray]:
    """Give the numbers of an assessment under names that carry quantity and unit, for tables and files.

    Returns arrays of the shape of the cities, for instance "pm25_mean_ugm3", "co_p95_mgm3", "o3_mda8_p90_ugm3",
    "pm25_valid_days", "good_ratio_pct", "ranking_index".
    """
    found = {}
    for i, item in enumerate(ITEMS):
        unit = POLLUTANTS[item].unit.replace("/", "")
        name = "o3_mda8" if item == "o3" else item
        found[f"{name}_mean_{unit}"] = assessment.mean[i]
        found[f"{name}_p{assessment.percent[i]:g}_{unit}"] = assessment.percentile[i]
        found[f"{item}_mean_multiple"] = assessment.mean_multiple[i]
        found[f"{item}_percentile_multiple"] = assessment.percentile_multiple[i]
        found[f"{item}_valid_days"] = assessment.values.days[i]
        found[f"{item}_valid"] = assessment.values.valid[i]
        found[f"{item}_complies"] = assessment.complies[i]
        found[f"{item}_compliant_days_pct"] = assessment.compliant_days_pct[i]
        found[f"{item}_exceeding_days"] = assessment.exceeding_days[i]
        found[f"{item}_primary_days"] = assessment.aqi_days.by_primary[i]
        found[f"{item}_index"] = assessment.ranking.single[i]
    days = assessment.aqi_days
    found |= {f"level_{n}_days": row for n, row in enumerate(days.by_level)}
    return found | {
        "aqi_valid_days": days.days,
        "good_days": days.good_days,
        "heavy_days": days.heavy_days,
        "good_ratio_pct": days.good_ratio_pct,
        "good_ratio_valid": days.valid,
        "ranking_index": assessment.ranking.total,
        "ranking_index_max": assessment.ranking.maximum,
        "quality_index": assessment.quality.total,
        "quality_index_max": assessment.quality.maximum,
        "index_valid": assessment.index_valid,
        "complies": assessment.overall,
        "complies_for_missing": assessment.for_missing,
    }


def _column(per_item: tuple | np.ndarray, ndim: int) -> np.ndarray:
    return np.asarray(per_item).reshape(-1, *[1] * (ndim - 1))


def _rounded(values: np.ndarray, decimals: tuple[int, ...]) -> np.ndarray:
    return np.stack([round_half_even(row, places) for row, places in zip(values, decimals, strict=True)])


def _exceeding(daily: np.ndarray, limits: np.ndarray, rules: AssessmentRules) -> np.ndarray:
    above = _rounded(daily, rules.compliance_decimals) > _column(limits, daily.ndim)
    return above.sum(axis=-1, dtype=np.int16)


def _meets(values: PeriodValues, edition: Edition, rules: AssessmentRules) -> np.ndarray:
    uses_mean = _column(_MEANS_IN_RANKING, values.mean.ndim)
    judged = _rounded(np.where(uses_mean, values.mean, values.percentile), rules.compliance_decimals)
    return (judged <= _column(ranking_limits(edition), judged.ndim)).all(axis=0)
