"""The statistics of places under one edition: cities by HJ 663, and the region as their whole.

HJ 663-2013 5.1.1.4 and A.3 judge a region by its cities alone: it complies where all of them do. They define no
concentration and no index of a region. Concentrations here are what provincial bulletins print: the mean of the cities'
statistics, rounded once; days are added up over the cities (city-days), and the share of good days is that of their sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboards.phase.gathered import Days
from dashboards.phase.question import REGION
from standards.assessment.assess import PeriodAssessment, assess_period
from standards.assessment.compliance import COMPLIES, EXCEEDS, NA, rate_pct
from standards.assessment.periods import Period
from standards.assessment.rules import AssessmentRules, rules_of
from standards.editions import edition_named
from standards.exact_means import mean_of_steps, to_steps
from standards.rounding import round_half_even


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """A period of places under one edition. places: codes, the region last where it is told.

    of_cities: the assessment of the cities. The other arrays have a column for each place, as PeriodAssessment has them:
    mean, percentile, mean_multiple, percentile_multiple, complies, valid_days, valid (6, place), overall, days, good_days,
    heavy_days, good_ratio_pct, index, index_max (place,), by_level (7, place), by_primary (6, place). days_valid, index_valid
    (place,): whether there are days enough to compare the shares of days and the index.
    """

    places: tuple[str, ...]
    period: Period
    edition: str
    of_cities: PeriodAssessment
    rules: AssessmentRules
    mean: np.ndarray
    percentile: np.ndarray
    mean_multiple: np.ndarray
    percentile_multiple: np.ndarray
    complies: np.ndarray
    overall: np.ndarray
    valid_days: np.ndarray
    valid: np.ndarray
    days: np.ndarray
    good_days: np.ndarray
    heavy_days: np.ndarray
    good_ratio_pct: np.ndarray
    index: np.ndarray
    index_max: np.ndarray
    by_level: np.ndarray
    by_primary: np.ndarray
    exceeding_days: np.ndarray
    days_valid: np.ndarray
    index_valid: np.ndarray

    def at(self, place: str) -> int:
        """Tell the column of a place."""
        return self.places.index(place)


def statistics_of(days: Days, cities: tuple[str, ...], period: Period, edition: str, *, region: bool) -> Statistics:
    """Assess days of cities under an edition, with the region beside them where it is asked for."""
    found = assess_period(days.values, days.first_day, period, edition=edition_named(edition), on_bad="missing")
    return with_region(found, cities, region=region)


def with_region(found: PeriodAssessment, cities: tuple[str, ...], *, region: bool) -> Statistics:
    """Put the region beside the cities. Its concentration is NA where a city has none of it."""
    rules, aqi = rules_of(edition_named(found.edition)), found.aqi_days
    told = region and len(cities) > 0

    def beside(values: np.ndarray, of_region: np.ndarray) -> np.ndarray:
        return np.concatenate([values, np.asarray(of_region)[..., None]], axis=-1) if told else values

    def summed(values: np.ndarray) -> np.ndarray:
        return beside(values.astype(np.int64), values.sum(axis=-1, dtype=np.int64))

    def unknown(values: np.ndarray) -> np.ndarray:
        return beside(values, np.full(values.shape[:-1], np.nan))

    days, good = summed(aqi.days), summed(aqi.good_days)
    return Statistics(
        places=(*cities, REGION) if told else cities, period=found.period, edition=found.edition, of_cities=found,
        rules=rules,
        mean=beside(found.mean, _mean(found.values.mean, rules)),
        percentile=beside(found.percentile, _mean(found.values.percentile, rules)),
        mean_multiple=unknown(found.mean_multiple), percentile_multiple=unknown(found.percentile_multiple),
        complies=beside(found.complies, joint_verdict(found.complies)),
        overall=beside(found.overall, joint_verdict(found.overall)),
        valid_days=summed(found.values.days), valid=beside(found.values.valid, found.values.valid.all(axis=-1)),
        days=days, good_days=good, heavy_days=summed(aqi.heavy_days),
        good_ratio_pct=rate_pct(good, days, decimals=rules.rate_decimals),
        index=unknown(found.ranking.total), index_max=unknown(found.ranking.maximum),
        by_level=summed(aqi.by_level), by_primary=summed(aqi.by_primary), exceeding_days=summed(found.exceeding_days),
        days_valid=beside(aqi.valid, aqi.valid.all()), index_valid=beside(found.index_valid, found.index_valid.all()),
    )  # fmt: skip


def joint_verdict(verdicts: np.ndarray) -> np.ndarray:
    """Judge a region by its cities (..., city): it exceeds where one does, complies where all do, else nobody can say.

    Source: HJ 663-2013 5.1.1.4, A.3 (urban areas; regional points are not among the stations that are assessed).
    """
    exceeds, complies = (verdicts == EXCEEDS).any(axis=-1), (verdicts == COMPLIES).all(axis=-1)
    return np.where(exceeds, EXCEEDS, np.where(complies, COMPLIES, NA)).astype(np.int8)


def _mean(values: np.ndarray, rules: AssessmentRules) -> np.ndarray:
    """Average statistics of cities (6, city) that are not rounded yet, exactly; NaN where a city has none."""
    steps, present = to_steps(values)
    exact, _ = mean_of_steps(steps.sum(axis=-1), present.sum(axis=-1), values.shape[-1])
    return np.array([round_half_even(v, places) for v, places in zip(exact, rules.statistic_decimals, strict=True)])
