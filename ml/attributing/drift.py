"""Whether observations still stand to tags as they did when the correction was learned. Pure but for Relations.

The relation of a day is the log of observed over told: PM2.5 of the day, ozone of its afternoon. A model of another version,
an inventory that ended or instruments that were changed move it for good; the weather moves it for days, which is what
chance allows for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from ml.attribution.observations import Observations
from ml.attribution.ozone import FIRST, LAST
from ml.attribution.tags import TagEnsemble
from standards.days import HOURS_PER_DAY, natural_day
from standards.pollutants import ITEMS

QUANTITIES = ("pm25", "o3")
"""Of what the relation is kept."""
RECENT_DAYS, LEAST_DAYS = 7, 5
"""So many days before a day are looked at, and so many of them must be known."""
DAYS_APART = 3.0
"""Days after which the weather is another: so many days say as much as one that is independent (chosen; the spells of
stagnant air over the basin last about so long)."""
CHANCE = 1.96
"""Standard deviations that chance moves a mean in 95 of 100 cases."""


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """How observations stood to tags over some days: mean and standard deviation of the log relation, and of how many
    days, each (QUANTITIES, city); NaN where fewer than LEAST_DAYS days are known."""

    mean: np.ndarray
    deviation: np.ndarray
    days: np.ndarray


def relation_of(tags: TagEnsemble | None, seen: Observations) -> np.ndarray:
    """Give the log of observed over told, the mean of the models that tell (QUANTITIES, city, day), of whole natural days.

    tags: None for none. Missing: NaN for a day of which fewer than 18 hours of PM2.5, or 6 of the afternoon, are both
    observed and told.
    """
    cities, days = seen.items.shape[1], seen.hours // HOURS_PER_DAY
    found = np.full((len(QUANTITIES), cities, days), np.nan)
    for q, (name, window, least) in enumerate(
        (("pm25", slice(0, HOURS_PER_DAY), 18), ("o3", slice(FIRST - 1, LAST), 6))
    ):
        if tags is None or not tags.has(name):
            continue
        by_day = [
            values[:, : days * HOURS_PER_DAY].reshape(cities, days, HOURS_PER_DAY)[..., window]
            for values in (seen.items[ITEMS.index(name)], _mean(tags.by_sector(name)[:, :cities].sum(axis=-2)))
        ]
        both = np.isfinite(by_day[0]) & np.isfinite(by_day[1])
        sums = [np.where(both, values, 0.0).sum(axis=-1) for values in by_day]
        good = (both.sum(axis=-1) >= least) & (sums[0] > 0) & (sums[1] > 0)
        found[q][good] = np.log(sums[0][good] / sums[1][good])
    return found


def _mean(members: np.ndarray) -> np.ndarray:
    known = np.isfinite(members)
    count = known.sum(axis=0)
    total = np.where(known, members, 0.0).sum(axis=0)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def usual_of(relation: np.ndarray) -> Usual:
    """Sum up the relation of some days (QUANTITIES, city, day)."""
    known = np.isfinite(relation)
    days = known.sum(axis=-1)
    enough = days >= LEAST_DAYS
    mean = np.divide(np.where(known, relation, 0.0).sum(axis=-1), days, out=np.full(days.shape, np.nan), where=enough)
    square = np.where(known, relation - mean[..., None], 0.0) ** 2
    spread = np.divide(square.sum(axis=-1), days - 1, out=np.full(days.shape, np.nan), where=enough)
    return Usual(mean, np.sqrt(spread), days.astype(float))


def moved(usual: Usual, relation: np.ndarray) -> np.ndarray:
    """Give by which factor, up or down, the relation of some days has moved beyond chance (QUANTITIES, city); 1 where it
    has not.

    Chance is CHANCE standard deviations of the difference of two means, of days that go together for DAYS_APART. Missing:
    NaN where either is not known.
    """
    now = usual_of(relation)
    error = usual.deviation * np.sqrt(DAYS_APART / np.maximum(usual.days, 1) + DAYS_APART / np.maximum(now.days, 1))
    return np.exp(np.maximum(np.abs(now.mean - usual.mean) - CHANCE * error, 0.0))


@dataclass(slots=True, eq=False)
class Relations:
    """The relation of days, remembered; what is not known yet is read.

    read: gives the relation (QUANTITIES, city, day) of the natural days [first, end).
    """

    read: Callable[[int, int], np.ndarray]
    known: dict[int, np.ndarray] = field(default_factory=dict)

    def keep(self, first_hour: int, relation: np.ndarray) -> None:
        """Remember days whose relation is at hand, from that of an epoch hour on."""
        first = int(natural_day(first_hour))
        for day in range(relation.shape[-1]):
            self.known[first + day] = relation[..., day]

    def forget(self, hours: Iterable[int]) -> None:
        """Forget the days of some epoch hours, of which something else is known now."""
        for day in {int(natural_day(hour)) for hour in hours}:
            self.known.pop(day, None)

    def before(self, day: int) -> np.ndarray:
        """Give the relation of the RECENT_DAYS days before a natural day (QUANTITIES, city, day)."""
        wanted = range(day - RECENT_DAYS, day)
        lacking = [each for each in wanted if each not in self.known]
        if lacking:
            first, end = lacking[0], lacking[-1] + 1
            found = self.read(first, end)
            for each in range(first, end):
                self.known.setdefault(each, found[..., each - first])
        return np.stack([self.known[each] for each in wanted], axis=-1)
