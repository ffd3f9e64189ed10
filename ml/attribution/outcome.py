"""What an attribution is: contributions that add up to the whole, their shares, how sure they are, and what they
mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ml.attribution.tags import SOURCES, AttributionError
from standards.days import HOURS_PER_DAY, natural_day
from streams.contributors import ALL, GROUPS, OUTSIDE, SECTORS

TIERS = ("corrected tags", "raw tags", "light tagger", "inventory shares")
"""What an attribution rests on, from the best to the poorest."""
DEFINITION = "allocation"
"""The one definition: what is there is shared out among its sources and adds up. Removal ("if it were not there")
stands beside it."""
OZONE_FROM = 100.0
"""Above this largest 8-hour mean ozone itself is shared out, below it odd oxygen [ug/m3]."""
KINDS = ("sector", "place", "group", "both")
"""How contributions are put together: nine sectors and outside; cities and outside; groups of the joint regulations,
rest and outside; sector x city and outside."""
LEAST_HOURS = {"day": 18, "episode": 1, "mda8": 6, "afternoon": 6}
"""So many hours a mean needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What an attribution rests on: tier of TIERS, feeds that spoke, feeds that are missing, the age of the inventory
    [years], None where not known, how likely it is that the inventory errs as much as its prior says, and whether
    data are simulated."""

    tier: str
    feeds: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    inventory_age_years: float | None = None
    inventory_errs: float | None = None
    members: int = 1
    simulated: bool = False

    def __post_init__(self) -> None:
        if self.tier not in TIERS:
            raise AttributionError(f"the tier is {self.tier!r}, expected one of {', '.join(TIERS)}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attribution:
    """Contributions to one quantity in the cities, by hours, days or episodes.

    quantity: pm25, o3 or ox. span: hour, day, afternoon, mda8 or episode. times: (t,), epoch hours of hours, natural
    days of days, the first hour of an episode. total: (city, t) [ug/m3]. observed: (city, t), False where nothing was
    observed and the total is the model's. values: (city, contributor, t) [ug/m3] by sector x city, outside last; they
    add up to the total. half_width: kind to the half width of the 90 % interval of its shares, (city, name, t) [%].
    removal: (city, source, t) [ug/m3], signed, by how much less there would be without the source; it does not add up
    and is no share. Missing: NaN.
    """

    quantity: str
    span: str
    cities: tuple[str, ...]
    times: np.ndarray
    total: np.ndarray
    observed: np.ndarray
    values: np.ndarray
    half_width: dict[str, np.ndarray]
    grounds: Grounds
    removal: np.ndarray | None = None
    definition: str = field(default=DEFINITION, init=False)

    @property
    def contributors(self) -> tuple[tuple[str, str], ...]:
        """Name the contributors of values: (sector, city) ... and (ALL, OUTSIDE)."""
        return (*((sector, city) for sector in SECTORS for city in self.cities), (ALL, OUTSIDE))

    def names(self, kind: str) -> tuple[str, ...]:
        """Name what a kind is made of."""
        both = tuple(f"{sector} {city}" for sector, city in self.contributors[:-1])
        return {
            "sector": SOURCES, "place": (*self.cities, OUTSIDE), "group": (*GROUPS, OUTSIDE), "both": (*both, OUTSIDE)
        }[kind]  # fmt: skip

    def by(self, kind: str) -> np.ndarray:
        """Give the contributions by a kind of KINDS (city, name, t) [ug/m3]; they add up to the total."""
        return np.einsum("cxt,nx->cnt", self.values, gathering(kind, len(self.cities)))

    def shares(self, kind: str) -> np.ndarray:
        """Give the shares by a kind (city, name, t) [%]; NaN where the total is not above 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.total[:, None] > 0, 100.0 * self.by(kind) / self.total[:, None], np.nan)

    def interval(self, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """Give the ends of the 90 % interval of the shares by a kind (city, name, t) [%]; not below 0 where no share
        can be."""
        shares, half = self.shares(kind), self.half_width[kind]
        low, high = shares - half, shares + half
        if self.quantity == "pm25":
            return np.maximum(low, 0.0), np.minimum(high, 100.0)
        return low, high

    def three_places(self) -> np.ndarray:
        """Give the contributions of the own city, of all others, and of outside (city, 3, t) [ug/m3]."""
        by = self.by("place")
        count = len(self.cities)
        own = by[np.arange(count), np.arange(count)]
        return np.stack([own, by[:, :count].sum(axis=1) - own, by[:, count]], axis=1)


def gathering(kind: str, cities: int) -> np.ndarray:
    """Give which contributors make each name of a kind: 0 or 1, (name, contributor)."""
    cross = len(SECTORS) * cities
    sector, city = np.divmod(np.arange(cross), cities)
    if kind == "sector":
        inner = sector == np.arange(len(SECTORS))[:, None]
    elif kind == "place":
        inner = city == np.arange(cities)[:, None]
    elif kind == "group":
        inner = np.array([[SECTORS[s] in members for s in sector] for members in GROUPS.values()])
    elif kind == "both":
        inner = np.eye(cross, dtype=bool)
    else:
        raise AttributionError(f"the kind is {kind!r}, expected one of {', '.join(KINDS)}")
    rows = inner.shape[0]
    matrix = np.zeros((rows + 1, cross + 1))
    matrix[:rows, :cross], matrix[rows, cross] = inner, 1.0
    return matrix


def averaged(
    hours: Attribution, chosen: np.ndarray, *, span: str, times: np.ndarray, edges: Sequence[slice]
) -> Attribution:
    """Average hours into longer spans.

    chosen: (city, hour), the hours that count. edges: which hours each span is made of. Missing: a span with fewer
    chosen hours than LEAST_HOURS is NaN. An hour counts where its total and all contributions are there. Half widths
    are means weighted by the total: what is wrong in an hour is mostly wrong in its neighbours too, so nothing
    averages out.
    """
    known = chosen & np.isfinite(hours.total) & np.isfinite(hours.values).all(axis=1)
    counts = np.stack([known[:, e].sum(axis=-1) for e in edges], axis=-1)
    least = LEAST_HOURS.get(span, 1)

    def mean(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
        w = weight if values.ndim == 2 else weight[:, None]
        kept = np.where(w > 0, values, 0.0) * w
        with np.errstate(divide="ignore", invalid="ignore"):
            out = np.stack([kept[..., e].sum(axis=-1) / w[..., e].sum(axis=-1) for e in edges], axis=-1)
        return np.where((counts >= least) if values.ndim == 2 else (counts >= least)[:, None], out, np.nan)

    plain = known.astype(float)
    heavy = plain * np.where(known, np.maximum(hours.total, 1e-6), 0.0)
    removal = None if hours.removal is None else mean(hours.removal, plain)
    seen = np.stack([(hours.observed & known)[:, e].sum(axis=-1) for e in edges], axis=-1)
    return replace(
        hours, span=span, times=times, total=mean(hours.total, plain), observed=(seen == counts) & (counts >= least),
        values=mean(hours.values, plain), half_width={k: mean(v, heavy) for k, v in hours.half_width.items()},
        removal=removal,
    )  # fmt: skip


def by_day(hours: Attribution, *, span: str = "day", chosen: np.ndarray | None = None) -> Attribution:
    """Average hours into natural days. chosen: (city, hour), None for all; span: how the result is called."""
    days = natural_day(hours.times)
    unique, starts = np.unique(days, return_index=True)
    ends = np.append(starts[1:], len(days))
    edges = [slice(a, b) for a, b in zip(starts, ends, strict=True)]
    every = np.ones(hours.total.shape, dtype=bool)
    return averaged(hours, every if chosen is None else chosen, span=span, times=unique, edges=edges)


def episode(hours: Attribution, first: int, last: int) -> Attribution:
    """Average the hours from one epoch hour to another, both included, into one span.

    Errors: AttributionError where none of them is there.
    """
    inside = np.flatnonzero((hours.times >= first) & (hours.times <= last))
    if not len(inside):
        raise AttributionError(f"no hour from {first} to {last} is there, expected some of {hours.times[:1]} and on")
    edges = [slice(inside[0], inside[-1] + 1)]
    every = np.ones(hours.total.shape, dtype=bool)
    return averaged(hours, every, span="episode", times=np.array([first]), edges=edges)


def quantity_of_day(mda8_ugm3: np.ndarray) -> np.ndarray:
    """Tell what is shared out on a day: "o3" where the largest 8-hour mean is above OZONE_FROM, "ox" else, "" where missing.

    Below it a source that takes ozone away would have a share below nothing; odd oxygen has none of that.
    """
    return np.where(np.isfinite(mda8_ugm3), np.where(mda8_ugm3 > OZONE_FROM, "o3", "ox"), "")


def mda8_hours(o3: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Tell which hours make the largest 8-hour mean of each natural day: bool (city, hour).

    o3: (city, hour) [ug/m3]. times: (hour,), consecutive epoch hours. Windows end at 08:00 to 24:00 (GB 3095-2026
    clause 3) and need 6 values. Missing: a day without a window has none.
    """
    chosen = np.zeros(o3.shape, dtype=bool)
    known = np.isfinite(o3)
    value = np.where(known, o3, 0.0)
    days, of_day = natural_day(times), (times + 7) % HOURS_PER_DAY + 1
    for day in np.unique(days):
        best, where = np.full(len(o3), -np.inf), np.full(len(o3), -1)
        for end in np.flatnonzero((days == day) & (of_day >= 8)):
            window = slice(max(end - 7, 0), end + 1)
            count = known[:, window].sum(axis=-1)
            mean = np.where(count >= 6, value[:, window].sum(axis=-1) / np.maximum(count, 1), -np.inf)
            better = mean > best
            best, where = np.where(better, mean, best), np.where(better, end, where)
        for city in np.flatnonzero(where >= 0):
            chosen[city, max(where[city] - 7, 0) : where[city] + 1] = True
    return chosen


__all__ = ["Attribution", "Grounds", "averaged", "by_day", "episode", "gathering", "mda8_hours", "quantity_of_day"]
