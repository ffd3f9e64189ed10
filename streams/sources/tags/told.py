"""What a file tells of one run, whatever its form: contributions at places, and the checks that they must pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from streams.contributors import ALL, OUTSIDE, TAG_QUANTITIES
from streams.records import LARGEST_TAG, iso_hour
from streams.sources.forecasts.netcdf_time import TimeAxis
from streams.sources.tally import Unusable

TOLERANCE = 0.01
"""How far sums may be apart, as a share of the whole, and how far below zero an allocation may be."""
LEAST = {"ug m-3": 0.05, "mg m-3": 5e-5}
"""The same at least, by unit."""
SIGNED = ("o3", "ox", "no2", "nitrate", "ammonium", "nitric_acid", "ammonia")
"""Quantities of which an allocation may be negative: a source may destroy ozone, and takes the NO2 with it that the ozone
would have made of other sources' NO; sulphate takes ammonia that nitrate
would have had, so that a source of SO2 drives nitrate into the gas, and gas and particle of a source add up to what it
emitted, not each by itself."""
Contributor = tuple[str, str]


@dataclass
class Told:
    """One run at places.

    places: (city, place). contributors: of all quantities. values: by quantity float64 (contributor, place, step) in the units of
    TAG_QUANTITIES, NaN where missing. problems: what was refused on the way, none of which costs a row.
    """

    axis: TimeAxis
    places: tuple[tuple[str, str], ...]
    contributors: tuple[Contributor, ...]
    values: dict[str, np.ndarray]
    model: str
    definition: str
    simulated: bool
    notes: list[str] = field(default_factory=list)
    problems: list[Unusable] = field(default_factory=list)


def checked(told: Told) -> None:
    """Take out of what a file tells the quantities that cannot be, in place, and say why in its problems."""
    for quantity in list(told.values):
        values, problem = sound(quantity, told.values[quantity], told)
        if problem is not None:
            told.problems.append(problem)
        if values is None:
            del told.values[quantity]
        else:
            told.values[quantity] = values


def sound(quantity: str, values: np.ndarray, told: Told) -> tuple[np.ndarray | None, Unusable | None]:
    """Give the values of a quantity without hours of which a part is missing, None where it is refused, and what is to be said."""
    position, unit = f"variable {quantity}", TAG_QUANTITIES[quantity]
    with np.errstate(invalid="ignore"):
        beyond = np.isinf(values) | (np.abs(values) > LARGEST_TAG)
    if beyond.any():
        where = _where(beyond, told)
        expected = f"at most {LARGEST_TAG:.0f} {unit}, of either sign"
        return None, Unusable(
            position, f"value beyond what {quantity} can be", f"{values[beyond][0]:g} {where}", expected
        )
    there = np.isfinite(values)
    of_contributor = there.any(axis=(1, 2))
    if not of_contributor.any():
        return None, Unusable(position, "no value of any contributor", "", "values, or no such variable")
    gaps = there[of_contributor].any(axis=0) & ~there[of_contributor].all(axis=0)
    said = None
    if gaps.any():
        values = np.where(gaps, np.nan, values)
        where = _where(gaps[None], told, contributor=False)
        said = Unusable(
            position, f"values of some contributors only, in {int(gaps.sum())} of {gaps.size} hours: these are missing",
            where, "values of all contributors, or of none",
        )  # fmt: skip
    if told.definition != "removal":
        wrong = _sums_wrong(quantity, values, told) or _below_zero(quantity, values, told)
        if wrong is not None:
            return None, wrong
    return values, said


def _sums_wrong(quantity: str, values: np.ndarray, told: Told) -> Unusable | None:
    """Say which two sums of an allocation are apart, None where all agree."""
    whole = _whole(values, told.contributors)
    allowed = _allowed(quantity, whole)
    for name, mine, other_name, other in _sums(values, told.contributors):
        apart = np.abs(mine - other)
        wrong = apart > allowed
        if wrong.any():
            at = np.unravel_index(int(np.argmax(np.where(wrong, apart - allowed, -1))), apart.shape)
            station, hour = told.places[at[0]][1], iso_hour(int(told.axis.hour_ends[at[1]]))
            found = f"{name} {mine[at]:.4g}, {other_name} {other[at]:.4g} at {station}, {hour}"
            expected = f"both within {TOLERANCE:.0%} of the whole or {LEAST[TAG_QUANTITIES[quantity]]:g}"
            return Unusable(f"variable {quantity}", "contributors do not add up", found, expected)
    return None


def _below_zero(quantity: str, values: np.ndarray, told: Told) -> Unusable | None:
    if quantity in SIGNED:
        return None
    with np.errstate(invalid="ignore"):
        below = values < -_allowed(quantity, _whole(values, told.contributors))
    if not below.any():
        return None
    expected = f"0 or more, but for the noise of {TOLERANCE:.0%} of the whole; or definition = removal"
    found = f"{np.nanmin(values[below]):.4g} {_where(below, told)}"
    return Unusable(f"variable {quantity}", "an allocation below zero", found, expected)


def _allowed(quantity: str, whole: np.ndarray) -> np.ndarray:
    return np.fmax(TOLERANCE * np.abs(whole), LEAST[TAG_QUANTITIES[quantity]])


def _families(contributors: Sequence[Contributor]) -> dict[str, list[int]]:
    """Give the contributors that make the whole together with OUTSIDE, in each of the three ways, as places in the list."""
    found: dict[str, list[int]] = {"sectors": [], "places": [], "sectors of places": []}
    for i, (sector, place) in enumerate(contributors):
        if sector != ALL and place == ALL:
            found["sectors"].append(i)
        elif sector == ALL and place not in (ALL, OUTSIDE):
            found["places"].append(i)
        elif sector != ALL:
            found["sectors of places"].append(i)
    return {name: members for name, members in found.items() if members}


def _sum(values: np.ndarray, members: list[int]) -> np.ndarray:
    """Add contributors (place, step), those that are told nowhere as nothing; NaN where none has a value."""
    part = values[members]
    return np.where(np.isfinite(part).any(axis=0), np.nansum(part, axis=0), np.nan)


def _whole(values: np.ndarray, contributors: Sequence[Contributor]) -> np.ndarray:
    """Give the whole (place, step): as it is told, else the first sum that makes it."""
    if (ALL, ALL) in contributors and np.isfinite(values[contributors.index((ALL, ALL))]).any():
        return values[contributors.index((ALL, ALL))]
    outside = [i for i, each in enumerate(contributors) if each == (ALL, OUTSIDE)]
    told = [members for members in _families(contributors).values() if np.isfinite(values[members]).any()]
    return _sum(values, [*(told[0] if told else []), *outside])


def _sums(values: np.ndarray, contributors: Sequence[Contributor]) -> Iterator[tuple[str, np.ndarray, str, np.ndarray]]:
    """Give what must be equal: two names, and their sums (place, step)."""
    outside = [i for i, each in enumerate(contributors) if each == (ALL, OUTSIDE)]
    told = {name: members for name, members in _families(contributors).items() if np.isfinite(values[members]).any()}
    sums = [(name, _sum(values, [*members, *outside])) for name, members in told.items()]
    if (ALL, ALL) in contributors and np.isfinite(values[contributors.index((ALL, ALL))]).any():
        sums.insert(0, ("the whole", values[contributors.index((ALL, ALL))]))
    for name, other in sums[1:]:
        yield sums[0][0], sums[0][1], name, other
    crossed = told.get("sectors of places", [])
    for i in (*told.get("sectors", []), *told.get("places", [])):
        sector, place = contributors[i]
        members = [
            j for j in crossed if contributors[j][0 if place == ALL else 1] == (sector if place == ALL else place)
        ]
        if members and np.isfinite(values[i]).any():
            name = sector if place == ALL else place
            yield name, values[i], f"its {'places' if place == ALL else 'sectors'}", _sum(values, members)


def _where(wrong: np.ndarray, told: Told, *, contributor: bool = True) -> str:
    c, place, step = (int(axis[0]) for axis in np.nonzero(wrong))
    said = f"at {told.places[place][1]}, {iso_hour(int(told.axis.hour_ends[step]))}"
    return f"of {'/'.join(told.contributors[c])} {said}" if contributor else said
