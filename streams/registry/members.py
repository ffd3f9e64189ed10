"""How the stations of a city stand to it: which are its assessment points, when, and who is compared with whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

MICRO, MOBILE, SUPER = "micro", "mobile", "super"
OTHER_KINDS = (MICRO, MOBILE)
"""Kinds that nothing about a city depends on: their hours are remembered and assessed apart from the others'."""
Neighbours = tuple[tuple[np.ndarray, np.ndarray], ...]
"""Pairs of stations that are judged and stations by whose median they are judged, as indices."""


@dataclass(frozen=True, slots=True)
class Members:
    """The stations of one city.

    points: the assessment points (streams.registry.COUNTING_KINDS): code, first and last epoch hour in which each counts.
    kinds: the kind of each other station by code. A station that is in neither is known to nobody and counts for nothing.
    """

    points: tuple[tuple[str, int, int], ...] = ()
    kinds: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def expected(self, hours: np.ndarray) -> np.ndarray:
        """Count the assessment points that ought to report in each of the epoch hours: int16 in the shape of hours."""
        counts = np.zeros(np.shape(hours), np.int16)
        for _, first, last in self.points:
            counts += (first <= hours) & (hours <= last)
        return counts

    def counting(self, stations: tuple[str, ...], hours: np.ndarray) -> np.ndarray:
        """Tell where a station counts for the city: bool (station, hour) for epoch hours (hour,)."""
        spans = {code: (first, last) for code, first, last in self.points}
        never = (1, 0)
        first, last = np.array([spans.get(code, never) for code in stations]).reshape(-1, 2).T
        return (first[:, None] <= hours) & (hours <= last[:, None])

    def others(self, stations: tuple[str, ...]) -> np.ndarray:
        """Tell which stations are of a kind that nothing about the city depends on: bool (station,)."""
        return np.array([self.kinds.get(code) in OTHER_KINDS for code in stations], bool)

    def neighbours(self, stations: tuple[str, ...]) -> Neighbours:
        """Tell who is compared with whom when a station is looked for that stands apart from its neighbours.

        Like with like: assessment points, and super-sites, which measure by the same methods, are judged by the points' median
        (whether they count that day or not: an instrument is no worse for a date). Micro-stations are judged by the median of
        their own kind. Sensors share their bias, optical ones read high in humid air, so that against the points all of them
        would stand apart in the same hours, and the one that is broken could not be told; how far the kind as a whole is from
        the points is a matter of calibration, not a flag of one station. A background station stands where the
        city's air is not, a mobile one where the others are not, and one that nobody knows may be anywhere: they are compared with
        nobody.
        """
        known = {code for code, _, _ in self.points}
        points = np.flatnonzero([code in known for code in stations])
        sites, micro = (self._of_kind(stations, kind) for kind in (SUPER, MICRO))
        return ((np.concatenate([points, sites]), points), (micro, micro))

    def _of_kind(self, stations: tuple[str, ...], kind: str) -> np.ndarray:
        return np.flatnonzero([self.kinds.get(code) == kind for code in stations])
