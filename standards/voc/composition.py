"""What an air of organic compounds is made of over a period: means, groups, hours of the day, and who matters for ozone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.voc.reactivity import ofp, oh_reactivity
from standards.voc.species import ALL_SPECIES, places_of

GROUPS = ("alkane", "alkene", "alkyne", "aromatic", "halocarbon", "sulfide", "ovoc")
"""Groups of compounds in the order of the list."""
BELOW_SHARE = 0.5
"""This share of its detection limit stands for a value below it, as is usual; how often it does is said beside each mean."""
LEAST_HOURS = 3
"""A mean of fewer hours is no statement."""
HOURS = 24


@dataclass(frozen=True, slots=True)
class Composition:
    """Means over a period, along the first axis by compound as given, or by GROUPS.

    species: English names. mean_ppb [ppb], ofp_ugm3 [ug O3/m3], oh_per_s [1/s]: float64 (species,), NaN where not told. hours:
    int64 (species,), hours with a value or a limit that it lies below; below: share of these that lie below, float64 (species,).
    group_ppb: float64 (group,), sums of the means. diurnal_ppb: float64 (group, 24), the same by hour of the day 1 to 24.
    """

    species: tuple[str, ...]
    mean_ppb: np.ndarray
    ofp_ugm3: np.ndarray
    oh_per_s: np.ndarray
    hours: np.ndarray
    below: np.ndarray
    group_ppb: np.ndarray
    diurnal_ppb: np.ndarray

    @property
    def total_ppb(self) -> float:
        """Sum of all means [ppb]; NaN where there is none."""
        return _sum(self.mean_ppb)


def composition(
    ppb: np.ndarray, below_ppb: np.ndarray, species: Sequence[str], hour: np.ndarray, *, least_hours: int = LEAST_HOURS
) -> Composition:
    """Describe a period.

    ppb [ppb]: float64 (species, hours), NaN missing. below_ppb [ppb]: the same shape, the detection limit where a value lies below
    it, else NaN. species: names. hour: int (hours,), hour of the day 1 to 24 at which each hour ends. least_hours: a mean of
    fewer hours is NaN. Returns Composition.
    Missing: a mean is that of the compound's own hours; a group's is the sum over the compounds that have one.
    Errors: ValueError for shapes that do not fit, an hour outside 1 to 24, an unknown or repeated compound, and a negative or
    impossible value.
    Source: arithmetic means; ozone formation and OH reactivity as standards.voc.reactivity.
    """
    values, limits, of_day = np.asarray(ppb, float), np.asarray(below_ppb, float), np.asarray(hour)
    if values.shape != limits.shape or values.ndim != 2 or values.shape != (len(species), of_day.size):
        raise ValueError(
            f"ppb, below_ppb and hour have shapes {values.shape}, {limits.shape} and {of_day.shape}, "
            f"expected ({len(species)}, hours) twice and (hours,)"
        )
    if of_day.size and not ((of_day >= 1) & (of_day <= HOURS)).all():
        raise ValueError(f"hour holds {of_day.min()} to {of_day.max()}, expected hours of the day 1 to {HOURS}")
    is_below = np.isnan(values) & np.isfinite(limits)
    told = np.where(is_below, BELOW_SHARE * limits, values)
    counts = np.isfinite(told).sum(axis=1)
    mean = _means(told, least_hours)
    of_group = np.array([GROUPS.index(ALL_SPECIES[place].group) for place in places_of(species)], int)
    daily = [_means(told[:, of_day == h + 1], least_hours) for h in range(HOURS)]
    return Composition(
        tuple(ALL_SPECIES[place].name_en for place in places_of(species)), mean,
        ofp(mean, species, unit="ppb", least_measured=0.0).by_species,
        oh_reactivity(mean, species, unit="ppb", least_measured=0.0).by_species, counts,
        np.divide(is_below.sum(axis=1), counts, out=np.full(len(counts), np.nan), where=counts > 0),
        np.array([_sum(mean[of_group == g]) for g in range(len(GROUPS))]),
        np.array([[_sum(each[of_group == g]) for each in daily] for g in range(len(GROUPS))]),
    )  # fmt: skip


def _means(values: np.ndarray, least: int) -> np.ndarray:
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count >= max(least, 1))


def _sum(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.sum()) if known.size else float("nan")
