"""A segment that somebody copied beside itself: what it tells was told, so it is named and not counted once more."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Sequence

from streams.wire.topics import Topic

MOMENT = 14
"""So many signs at the beginning of a segment's name are its moment [ms] and the dash behind it; a copy keeps them."""


class LaidTwice:
    """Tells of new segments of a topic whether they are copies. Those of one moment are compared, so it costs next to nothing.

    stored: the segments that are stored; of two new ones that are alike the first in the order of names is the one.
    """

    def __init__(self, topic: Topic, new: Sequence[str], stored: Collection[str]) -> None:
        self._topic, self._stored = topic, stored
        moments = {segment[:MOMENT] for segment in new}
        self._alike: dict[str, list[str]] = defaultdict(list)
        for segment in topic.segments():
            if segment[:MOMENT] in moments:
                self._alike[segment[:MOMENT]].append(segment)

    def original_of(self, segment: str) -> str:
        """Give the segment of which this one is a copy, "" where it is none."""
        for other in self._alike[segment[:MOMENT]]:
            first = other in self._stored or (segment not in self._stored and other < segment)
            if other != segment and first and self._same(segment, other):
                return other
        return ""

    def _same(self, one: str, other: str) -> bool:
        try:
            return all(a == b for a, b in itertools.zip_longest(self._topic.read(one), self._topic.read(other)))
        except FileNotFoundError:
            return False
