"""What is cut to see what ozone makes of it: compounds, groups, nitrogen oxides, and the factors of a receptor model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from research.ozone.boxes import Change
from research.ozone.compounds import GROUPS
from research.ozone.conditions import Conditions, at_windows
from research.ozone.days import bridged_series, longest_gap
from research.ozone.errors import OzoneError
from research.ozone.lumping import Lumping
from standards.days import HOURS_PER_DAY
from standards.voc.species import species_named

VOC, NOX, CO, REST = "VOC", "NOx", "CO", "in no factor"
"""Names of groups: all compounds, nitrogen oxides by NO2 that is held, carbon monoxide, compounds outside all factors."""
BIOGENIC = "biogenic"
_NONE: Mapping[str, np.ndarray | float] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Group:
    """A part of the precursors.

    name. voc_share: by compound, which share of it belongs to the group, a number or (24,) by hour of the day, 0 to 1. no2_share,
    co_share: of NO2 and CO.
    """

    name: str
    voc_share: Mapping[str, np.ndarray | float] = field(default_factory=lambda: _NONE)
    no2_share: float = 0.0
    co_share: float = 0.0

    def change(self, day: Conditions, cut: float) -> Change:
        """Give by what held species are multiplied when the group is cut by a share, 0 to 1; each (window,)."""
        parts, matrix = np.zeros(day.day.voc_ppb.shape), day.lumping.matrix
        for name, share in self.voc_share.items():
            parts[day.day.compounds.index(name)] = share
        whole = matrix @ day.day.voc_ppb
        mine = matrix @ (parts * day.day.voc_ppb)
        share = np.divide(mine, whole, out=np.zeros_like(whole), where=whole > 0.0)
        factors = {
            species: 1.0 - cut * at_windows(each, day.local_h)
            for species, each in zip(day.lumping.species, share, strict=True)
            if each.any()
        }
        for species, share_of in (("NO2", self.no2_share), ("CO", self.co_share)):
            if share_of:
                factors[species] = 1.0 - cut * share_of
        return factors


def nox_group() -> Group:
    """Give nitrogen oxides: NO2 that is held, NO follows."""
    return Group(NOX, no2_share=1.0)


def co_group() -> Group:
    """Give carbon monoxide."""
    return Group(CO, co_share=1.0)


def voc_group(of: Lumping, *, biogenic: bool = True) -> Group:
    """Give all compounds as one group; without isoprene and terpenes where `biogenic` is False."""
    kinds = zip(of.compounds, of.kinds, strict=True)
    return Group(VOC, {name: 1.0 for name, kind in kinds if kind and (biogenic or kind != BIOGENIC)})


def family_groups(of: Lumping) -> list[Group]:
    """Give alkanes, alkenes, aromatics, OVOC, biogenic compounds and halocarbons, those that are there."""
    found = {kind: {n: 1.0 for n, each in zip(of.compounds, of.kinds, strict=True) if each == kind} for kind in GROUPS}
    return [Group(kind, shares) for kind, shares in found.items() if shares]


def compound_groups(of: Lumping) -> list[Group]:
    """Give each compound that the mechanism has a species for as a group of its own."""
    return [Group(name, {name: 1.0}) for name, kind in zip(of.compounds, of.kinds, strict=True) if kind]


def usual_groups(of: Lumping) -> list[Group]:
    """Give families, all compounds together, CO and NOx: the bars that papers print."""
    return [*family_groups(of), voc_group(of), co_group(), nox_group()]


@dataclass(frozen=True, eq=False)
class Factors:
    """What a receptor model found: by how much each factor adds to each compound, hour by hour.

    names: of the factors. compounds: English names. contribution_ppb: float64 (factor, compound, hour) [ppb]. hour_end:
    int64 (hour,), epoch hours, growing. Missing: NaN in hours that the model left out.
    """

    names: tuple[str, ...]
    compounds: tuple[str, ...]
    contribution_ppb: np.ndarray
    hour_end: np.ndarray

    def __post_init__(self) -> None:
        expected = (len(self.names), len(self.compounds), len(self.hour_end))
        if self.contribution_ppb.shape != expected:
            raise OzoneError(
                f"contribution_ppb has the shape {self.contribution_ppb.shape}, expected {expected}: factor, compound, hour"
            )
        if len(set(self.names)) < len(self.names) or not self.names:
            raise OzoneError(f"factors are {', '.join(self.names) or 'none'}, expected names, each once")
        if (np.diff(self.hour_end) <= 0).any():
            raise OzoneError("hours of the factors do not grow, expected each once and in the order of time")

    def groups(self, day: Conditions) -> list[Group]:
        """Give a group for each factor on a day, and one of what belongs to none.

        A factor's share of a compound is its part of what all factors together say of it, so that shares make the whole;
        contributions below 0, which some models allow, count as 0. Compounds that the model does not have are `in no factor`.
        Missing: gaps of up to three hours are bridged.
        Errors: ValueError that names the day where there is a longer gap.
        """
        shares = self._shares(day)
        there = [name for name, kind in zip(day.lumping.compounds, day.lumping.kinds, strict=True) if kind]
        inside = [name for name in self.compounds if name in there]
        at = [self.compounds.index(name) for name in inside]
        found = [Group(n, dict(zip(inside, shares[f, at], strict=True))) for f, n in enumerate(self.names)]
        rest = {name: 1.0 - shares[:, self.compounds.index(name)].sum(axis=0) for name in inside}
        rest |= {name: 1.0 for name in there if name not in inside}
        return [*found, Group(REST, rest)]

    def shares(self, day: Conditions) -> np.ndarray:
        """Give the share of each factor in each of its compounds on a day, float64 (factor, compound, 24)."""
        return self._shares(day)

    def _shares(self, day: Conditions) -> np.ndarray:
        start = day.day.first_hour_end
        around = np.arange(start - HOURS_PER_DAY, start + 2 * HOURS_PER_DAY)
        wide = np.full((*self.contribution_ppb.shape[:2], len(around)), np.nan)
        there = np.isin(around, self.hour_end)
        wide[..., there] = self.contribution_ppb[..., np.isin(self.hour_end, around)]
        whole = np.apply_along_axis(lambda row: bridged_series(row)[0], -1, wide)[
            ..., HOURS_PER_DAY : 2 * HOURS_PER_DAY
        ]
        if (lacks := np.isnan(whole).any(axis=(0, 1))).any():
            _, length = longest_gap(lacks)
            raise OzoneError(
                f"{day.day.station} {day.day.day}: the factors lack {length} h on end, expected every hour of the day"
            )
        whole = np.maximum(whole, 0.0)
        total = whole.sum(axis=0)
        return np.divide(whole, total, out=np.zeros_like(whole), where=total > 0.0)


def factors_of(
    names: Sequence[str],
    compounds: Sequence[str | int],
    profile_ppb: np.ndarray,
    contribution: np.ndarray,
    hour_end: np.ndarray,
) -> Factors:
    """Make factors of profiles and contributions, as a receptor model gives them.

    names: of the factors. compounds: names, CAS numbers or numbers of the list. profile_ppb: float64 (factor, compound) [ppb for a
    contribution of 1]. contribution: float64 (factor, hour). hour_end: int64 (hour,) epoch hours.
    Errors: ValueError for an unknown compound, shapes that do not fit, and as Factors.
    """
    profile, amount = np.asarray(profile_ppb, np.float64), np.asarray(contribution, np.float64)
    if profile.shape != (len(names), len(compounds)) or amount.shape != (len(names), len(hour_end)):
        raise OzoneError(
            f"profiles and contributions have the shapes {profile.shape} and {amount.shape}, expected "
            f"{(len(names), len(compounds))} and {(len(names), len(hour_end))}"
        )
    english = tuple(species_named(each).name_en for each in compounds)
    return Factors(tuple(names), english, profile[:, :, None] * amount[:, None, :], np.asarray(hour_end, np.int64))
