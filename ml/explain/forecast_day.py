"""Why the forecast of a day is so: its parts in concentration, against the same model's forecast of a clean day of the
season."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from ml.explain.clean_day import clean_day
from ml.explain.contributions import ExplanationError, explain, in_concentration
from ml.forecast.daily import SPANS, Daily, complete
from ml.forecast.days import day_ends, day_values_at, target_days
from ml.forecast.inputs import Ahead, History
from ml.forecast.quantiles import MEDIAN
from standards.days import date_of_day


@dataclass(frozen=True)
class ExplainedDay:
    """Parts of the forecast of a day.

    item, day: what is forecast, and for when. clean: the day that is the baseline. forecast, baseline [unit of the
    item]: medians of the model for both. parts [same unit]: by group of ml.forecast.features.GROUPS; they add up to
    forecast - baseline.
    """

    item: str
    day: dt.date
    clean: dt.date
    forecast: float
    baseline: float
    parts: dict[str, float]


def explain_day(model: Daily, history: History, ahead: Ahead | None, *, issue: int, ahead_days: int) -> ExplainedDay:
    """Explain the forecast of a natural day from an issue.

    issue [epoch hours]. ahead_days [days]: 1 or more. The clean day is chosen by ml.explain.clean_day among the earlier
    days that the same model could have forecast so many days ahead and whose value is known at the issue.
    Errors: ExplanationError where the model says nothing of the day, or no earlier day of the season can serve.
    """
    known = history.until(issue)
    span = next(i for i, (first, last) in enumerate(SPANS) if first <= ahead_days <= last)
    ends = day_ends(known)
    earlier = ends if ahead is None or issue in ends else ahead.issues
    earlier = earlier[(earlier >= known.first_hour + 200) & (target_days(earlier, ahead_days) < target_days(issue, 0))]
    x = model.table(known, ahead, np.append(earlier, issue), np.full(len(earlier) + 1, ahead_days))
    said = model.predict(known, ahead, np.append(earlier, issue), np.full(len(earlier) + 1, ahead_days))[MEDIAN]
    if np.isnan(said[-1]):
        raise ExplanationError(f"there is no forecast of {model.item} to explain {ahead_days} days after {issue}")
    days = target_days(earlier, ahead_days)
    usable = np.isfinite(said[:-1]) & complete(model.inputs, x[:-1])
    values = np.where(usable, day_values_at(known, days, model.item), np.nan)
    day = int(target_days(issue, ahead_days))
    try:
        at = clean_day(values, days, day=day)
    except ValueError as error:
        raise ExplanationError(str(error)) from error
    found = explain(
        model.boosters[span][0], x[-1:], x[at], model.inputs, line=model.lines[span], share=model.shares[span]
    )
    parts, _ = in_concentration(found, np.zeros(1), 0.0, log=model.log)
    by_group = {group: float(part) for group, part in zip(found.groups, parts[:, 0], strict=True)}
    return ExplainedDay(
        model.item, date_of_day(day), date_of_day(int(days[at])), float(said[-1]), float(said[at]), by_group
    )
