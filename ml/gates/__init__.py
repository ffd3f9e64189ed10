"""What a model has to show before anybody may rely on it: honest splits, features that were known, scores that are checked.

The names that a person needs to judge a model; what each is stands where it comes from.
"""

from __future__ import annotations

from ml.gates.errors import GateError, RandomSplit
from ml.gates.evaluation import Evaluation
from ml.gates.features import CALENDAR, OBSERVED, RELEASED, RUN, Feature, Known, Timed, timed
from ml.gates.leakage import leakage, leaks
from ml.gates.results import FAILED, PASSED, WARNED, GateResult, title
from ml.gates.scores import LeadScore, by_lead
from ml.gates.scoring import random_split_gap
from ml.gates.splits import Split, chronological, embargo, episode_out, require_honest, rolling_origin, station_out
from ml.gates.training import blind, monotone, reproducible

__all__ = [
    "CALENDAR",
    "FAILED",
    "OBSERVED",
    "PASSED",
    "RELEASED",
    "RUN",
    "WARNED",
    "Evaluation",
    "Feature",
    "GateError",
    "GateResult",
    "Known",
    "LeadScore",
    "RandomSplit",
    "Split",
    "Timed",
    "blind",
    "by_lead",
    "chronological",
    "embargo",
    "episode_out",
    "leakage",
    "leaks",
    "monotone",
    "random_split_gap",
    "reproducible",
    "require_honest",
    "rolling_origin",
    "station_out",
    "timed",
    "title",
]
