"""Features say when they are known: a declaration beside each feature, and inputs that carry the moment of each value.

Times are epoch hours [h]. The issue time of a prediction is the hour in which it is made: what is known at that hour
or before it may be used, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ml.gates.errors import GateError

CALENDAR, OBSERVED, RUN, RELEASED = "calendar", "observed", "run", "released"
RULES = (CALENDAR, OBSERVED, RUN, RELEASED)
FEEDS = {
    **dict.fromkeys(("observation", "composition", "voc", "stacks"), (OBSERVED, RELEASED)),
    **dict.fromkeys(("forecast", "tags"), (RUN, RELEASED)),
    "emission": (RELEASED, RUN), "calendar": (CALENDAR,), "map": (CALENDAR, RELEASED),
}  # fmt: skip
"""By feed the rules by which its values can become known: what is measured is not known always, nor is what a run says."""


@dataclass(frozen=True, slots=True)
class Known:
    """The rule by which a value becomes known.

    CALENDAR: always (hour of day, holidays, what stands on a map). OBSERVED: delay_h [h] after the hour has ended.
    RUN: all leads of a forecast run, delay_h after the run's start. RELEASED: delay_h after the version (an
    inventory's, a table's) was released.
    """

    rule: str
    delay_h: float = 0.0

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise GateError(
                f"the rule {self.rule!r} says nothing of when a value is known, expected one of {', '.join(RULES)}"
            )
        if not 0 <= self.delay_h < np.inf:
            raise GateError(
                f"a value is known {self.delay_h} h after the fact, expected 0 or more: nothing is known before"
            )

    def at(self, hours: np.ndarray, *, since: np.ndarray | float | None = None) -> np.ndarray:
        """Give from when [epoch hour] the values of hours are known, float64 (hour,); -inf where always.

        since: start of the run (RUN) or release of the version (RELEASED) [epoch hour], one or for each hour. Errors:
        GateError where it is wanted and missing.
        """
        hours = np.asarray(hours, float)
        if self.rule == CALENDAR:
            return np.full(hours.shape, -np.inf)
        if self.rule == OBSERVED:
            return hours + self.delay_h
        if since is None:
            raise GateError(
                f"a value by the rule {self.rule} is known from a moment that is not given, expected since="
            )
        return np.broadcast_to(np.asarray(since, float) + self.delay_h, hours.shape).copy()


@dataclass(frozen=True, slots=True)
class Feature:
    """A column that a model is given.

    name: with its unit, as in NOMENCLATURE.md. unit: "1" where it has none. feed: where it comes from, one of FEEDS.
    known: when its newest value is known. lookback_h [h]: how far before the issue time it looks.
    """

    name: str
    unit: str
    feed: str
    known: Known
    lookback_h: int = 0

    def __post_init__(self) -> None:
        if not self.name or not self.feed:
            raise GateError(f"a feature is named {self.name!r} of the feed {self.feed!r}, expected both")
        if self.known.rule not in FEEDS.get(self.feed, ()):
            of_feed = " or ".join(FEEDS.get(self.feed, ())) or f"a feed of {', '.join(FEEDS)}"
            raise GateError(
                f"{self.name} of the feed {self.feed} is known by the rule {self.known.rule}, expected {of_feed}"
            )
        if self.lookback_h < 0:
            raise GateError(f"the feature {self.name} looks back {self.lookback_h} h, expected 0 or more")

    def plain(self) -> dict[str, object]:
        """Give the declaration as plain values for JSON."""
        return {"name": self.name, "unit": self.unit, "feed": self.feed, "known": self.known.rule,
                "delay_h": self.known.delay_h, "lookback_h": self.lookback_h}  # fmt: skip


def feature_from(plain: Mapping[str, object]) -> Feature:
    """Give the declaration that was written with Feature.plain."""
    known = Known(plain["known"], float(plain["delay_h"]))
    return Feature(plain["name"], plain["unit"], plain["feed"], known, int(plain["lookback_h"]))


def timed(feature: Feature, values: np.ndarray, hours: np.ndarray, *, since: np.ndarray | float | None = None) -> Timed:
    """Give the input of a feature with the moment of each value by its own declaration, for the gate against looking
    ahead.

    values: float64 (..., time). hours [epoch h] (time,). since: as Known.at, which also says the errors.
    """
    return Timed(np.asarray(values, float), feature.known.at(hours, since=since))


@dataclass(frozen=True, slots=True)
class Timed:
    """An input with the moment of each value: values float64 (..., time), NaN where missing; known_at [epoch h] (time,)."""

    values: np.ndarray
    known_at: np.ndarray

    def __post_init__(self) -> None:
        if self.known_at.ndim != 1 or self.values.shape[-1:] != self.known_at.shape:
            raise GateError(
                f"an input has values {self.values.shape} and moments {self.known_at.shape}, expected (..., time) and (time,)"
            )
