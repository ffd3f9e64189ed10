"""What comes next, hour by hour and day by day for a week, with quantiles: members, their ensemble, and the index of it.

The names that a person needs to learn a city's model and to look at what it says; what each is stands where it comes from.
They are imported when they are asked for, so that the job, which only lets a model speak, does not load what reads a store.
"""

from __future__ import annotations

from importlib import import_module

_FROM = {
    "ml.forecast.candidates": (
        "Candidate",
        "Wanted",
        "candidate",
        "compare_anew",
        "enter",
        "judge_again",
    ),
    "ml.forecast.city": (
        "CityModel",
        "days_ahead",
        "fit_city",
        "heavy_ahead",
        "hours_ahead",
        "index_ahead",
    ),
    "ml.forecast.daily": ("fit_daily",),
    "ml.forecast.days": (
        "day_values_at",
        "target_days",
    ),
    "ml.forecast.inputs": (
        "LEADS",
        "Ahead",
        "ForecastError",
        "History",
    ),
    "ml.forecast.judging": (
        "pairs",
        "rolling_scores",
        "scores_by_lead",
    ),
    "ml.forecast.quantiles": (
        "LEVELS",
        "MEDIAN",
    ),
    "ml.forecast.serving": ("TOLD",),
    "ml.forecast.stored": (
        "Past",
        "read_city",
        "read_past",
    ),
}
_WHERE = {name: module for module, names in _FROM.items() for name in names}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> object:
    """Give a public name from the module that it comes from."""
    if name not in _WHERE:
        raise AttributeError(f"ml.forecast has no {name!r}, expected one of {', '.join(__all__)}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return __all__
