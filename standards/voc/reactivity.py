"""What volatile organic compounds can do: ozone formation, OH reactivity, secondary organic aerosol.

Every result says how far it is covered: a species without a coefficient is left out of a total and counted, never
taken for 0. Whether concentrations are observed or initial (see standards.voc.age) is the caller's to say with the
result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from standards.measured import measured
from standards.voc.species import (
    ALL_SPECIES,
    DEFAULT_SOURCE,
    MOLAR_VOLUME,
    MOLECULES_PER_PPB,
    coefficients,
    places_of,
    species_named,
)

UNITS = ("ppb", "ug/m3")
"""Units of concentrations, the second at the reference state (298.15 K, 1013.25 hPa)."""
_LARGEST = {"ppb": 1e6, "ug/m3": 1e7}  # our bound: a thousandth of the air is no ambient concentration
_OZONE_MOLAR_MASS = 48.0


@dataclass(frozen=True, slots=True)
class Potential:
    """A quantity of each species and its total, as arrays; "..." is the shape of one species' concentrations.

    unit: of by_species and total. species: English names along the first axis, as given. by_species: float64
    (species, ...), NaN where the value or the coefficient is missing. total: float64 (...). measured: float64 (...),
    share of the species that have a value, 0 to 1. species_share: float64 (...), share that have a value and a
    coefficient. mass_share: float64 (...), share of the measured mass that has a coefficient, NaN without mass.
    """

    unit: str
    species: tuple[str, ...]
    by_species: np.ndarray
    total: np.ndarray
    measured: np.ndarray
    species_share: np.ndarray
    mass_share: np.ndarray


def to_ugm3(ppb: np.ndarray, species: Sequence[str | int], *, invalid: str = "raise") -> np.ndarray:
    """Convert mixing ratios to concentrations at the reference state.

    ppb [ppb]: (species, ...). species: names, CAS numbers or numbers of the list. invalid: "missing" takes impossible
    values for missing. Returns float64 [ug/m3] of the same shape: ppb * molar mass / 24.465.
    Missing: NaN stays NaN.
    Errors: ValueError for an unknown or repeated species, another shape, or a value that is negative, infinite or above
    a thousandth of the air.
    Source: ideal gas at 298.15 K and 1013.25 hPa (GB 3095).
    """
    return _in_unit(ppb, species, "ppb", "ug/m3", invalid)


def to_ppb(ugm3: np.ndarray, species: Sequence[str | int], *, invalid: str = "raise") -> np.ndarray:
    """Convert concentrations at the reference state to mixing ratios.

    ugm3 [ug/m3]: (species, ...). species, invalid: as to_ugm3. Returns float64 [ppb] of the same shape.
    Missing: NaN stays NaN.
    Errors: as to_ugm3.
    Source: ideal gas at 298.15 K and 1013.25 hPa (GB 3095).
    """
    return _in_unit(ugm3, species, "ug/m3", "ppb", invalid)


def tvoc(
    values: np.ndarray,
    species: Sequence[str | int],
    *,
    unit: str,
    least_measured: float = 1.0,
    invalid: str = "raise",
) -> Potential:
    """Add up the mixing ratios of all species.

    values, species, unit, least_measured, invalid: as ofp. Returns Potential [ppb]; every species has the coefficient 1.
    Missing, errors: as ofp.
    Source: the sum over the species of the list (TVOC by mixing ratio); which were measured is said by `measured`.
    """
    ppb = _in_unit(values, species, unit, "ppb", invalid)
    mass = _in_unit(values, species, unit, "ug/m3", invalid)
    return _potential(ppb, mass, species, np.ones(len(ppb)), "ppb", least_measured)


def ofp(
    values: np.ndarray,
    species: Sequence[str | int],
    *,
    unit: str,
    mir: str | np.ndarray = DEFAULT_SOURCE,
    as_ppb: bool = False,
    least_measured: float = 1.0,
    invalid: str = "raise",
) -> Potential:
    """Compute the ozone formation potential: concentration times maximum incremental reactivity.

    values [unit]: (species, ...). species: names, CAS numbers or numbers of the list. unit: "ppb" or "ug/m3". mir: key
    of a source, or the caller's own (species,) [g O3/g]. as_ppb: give ppb of ozone. invalid: "missing" takes impossible
    values for missing. Returns Potential [ug O3/m3, or ppb O3].
    Missing: a missing value or coefficient gives NaN for its species. A total needs a value for this share of the
    species (least_measured, by default all), else it is NaN; species without a coefficient are left out of it, and
    without any coefficient it is NaN.
    Errors: as to_ugm3; ValueError for another unit, source, shape of mir or share.
    Source: Carter 2010 (MIR scale); coefficients per value in tables/voc117.csv.
    """
    mass = _in_unit(values, species, unit, "ug/m3", invalid)
    scale = MOLAR_VOLUME / _OZONE_MOLAR_MASS if as_ppb else 1.0
    return _potential(
        mass * scale, mass, species, _chosen("mir", mir, species), "ppb O3" if as_ppb else "ug O3/m3", least_measured
    )


def oh_reactivity(
    values: np.ndarray,
    species: Sequence[str | int],
    *,
    unit: str,
    koh: str | np.ndarray = DEFAULT_SOURCE,
    least_measured: float = 1.0,
    invalid: str = "raise",
) -> Potential:
    """Compute the loss rate of OH: molecules per volume times rate coefficient.

    values, species, unit, least_measured, invalid: as ofp. koh: key of a source, or the caller's own (species,) [1e-12
    cm3/molecule/s]. Returns Potential [1/s].
    Missing, errors: as ofp.
    Source: Atkinson and Arey 2003 where measured, AOPWIN estimates elsewhere; per value in tables/voc117.csv.
    """
    ppb = _in_unit(values, species, unit, "ppb", invalid)
    rate = _chosen("koh", koh, species) * 1e-12
    mass = _in_unit(values, species, unit, "ug/m3", invalid)
    return _potential(ppb * MOLECULES_PER_PPB, mass, species, rate, "1/s", least_measured)


def propylene_equivalent(
    values: np.ndarray,
    species: Sequence[str | int],
    *,
    unit: str,
    koh: str | np.ndarray = DEFAULT_SOURCE,
    least_measured: float = 1.0,
    invalid: str = "raise",
) -> Potential:
    """Compute propylene equivalents: carbon times the rate with OH relative to that of propene.

    values, species, unit, least_measured, invalid: as ofp; koh: as oh_reactivity, propene always has its default.
    Returns Potential [ppbC].
    Missing, errors: as ofp.
    Source: Chameides et al. 1992 (method, recalled); rates as oh_reactivity.
    """
    ppb = _in_unit(values, species, unit, "ppb", invalid)
    carbons = np.array([ALL_SPECIES[place].carbons for place in places_of(species)], dtype=np.float64)
    relative = _chosen("koh", koh, species) / coefficients("koh", ["propene"])[0]
    mass = _in_unit(values, species, unit, "ug/m3", invalid)
    return _potential(_along(carbons, ppb) * ppb, mass, species, relative, "ppbC", least_measured)


def soa_potential(
    values: np.ndarray,
    species: Sequence[str | int],
    *,
    unit: str,
    method: str = "soap",
    coefficient: str | np.ndarray = DEFAULT_SOURCE,
    reacted: np.ndarray | None = None,
    least_measured: float = 1.0,
    invalid: str = "raise",
) -> Potential:
    """Compute the potential to form secondary organic aerosol.

    values, species, unit, least_measured, invalid: as ofp. method: "soap" for toluene equivalents, C * SOAP / 100, or
    "fac" for aerosol, C / (1 - F) * FAC. coefficient: key of a source, or the caller's own (species,) [toluene = 100,
    or %]. reacted: with "fac", the fraction F of each species that has reacted, (species, ...), 0 to below 1; without
    it values are taken for initial concentrations. Returns Potential [ug/m3; of toluene with "soap"].
    Missing: as ofp; a missing fraction is a missing value.
    Errors: as ofp; ValueError for another method, and a fraction outside its range or given with "soap".
    Source: Derwent et al. 2010 (SOAP); Grosjean 1992 (FAC, recalled: tables/voc117.csv).
    """
    if method not in ("soap", "fac"):
        raise ValueError(f"method is {method!r}, expected soap or fac")
    if reacted is not None and method == "soap":
        raise ValueError("reacted is given with method soap, expected it with fac only")
    mass = _in_unit(values, species, unit, "ug/m3", invalid)
    base = mass
    if reacted is not None:
        share = measured(reacted, "fraction reacted", "", high=np.nextafter(1.0, 0.0), invalid=invalid)
        if share.shape not in (mass.shape, mass.shape[:1]):
            raise ValueError(f"reacted has shape {share.shape}, expected {mass.shape}")
        base = mass / (1.0 - _along(share, mass))
    unit_of_sum = "ug/m3 as toluene" if method == "soap" else "ug/m3"
    return _potential(base, base, species, _chosen(method, coefficient, species) / 100.0, unit_of_sum, least_measured)


def relative_incremental_reactivity(
    base: np.ndarray | float, changed: np.ndarray | float, *, change: float = -0.1
) -> np.ndarray:
    """Compute the relative incremental reactivity: relative change of ozone production over that of a precursor.

    base, changed [any unit]: net ozone production of a box model without and with the change, any shape. change:
    relative change of the precursor, by default -10 %. Returns float64 of the same shape.
    Missing: NaN in either, or a base of 0, gives NaN.
    Errors: ValueError where change is 0 or not finite, or a production is infinite.
    Source: Cardelino and Chameides 1995 (recalled).
    """
    if not np.isfinite(change) or change == 0:
        raise ValueError(f"change is {change}, expected a number other than 0, for instance -0.1")
    p0, p1 = (measured(x, "ozone production", "", low=-1e12, high=1e12) for x in (base, changed))
    return (p1 / np.where(p0 == 0.0, np.nan, p0) - 1.0) / change


def _in_unit(values: np.ndarray, species: Sequence[str | int], unit: str, wanted: str, invalid: str) -> np.ndarray:
    for each in (unit, wanted):
        if each not in UNITS:
            raise ValueError(f"unit is {each!r}, expected one of {', '.join(UNITS)}")
    places = places_of(species)
    x = np.asarray(values, dtype=np.float64)
    if x.ndim == 0 or x.shape[0] != len(places):
        raise ValueError(f"values have shape {x.shape}, expected ({len(places)}, ...), a row for each species")
    rows = [
        measured(row, ALL_SPECIES[place].name_en, unit, high=_LARGEST[unit], invalid=invalid)
        for row, place in zip(x, places, strict=True)
    ]
    if unit == wanted:
        return np.stack(rows) if rows else x
    per_ppb = np.array([ALL_SPECIES[place].molar_mass / MOLAR_VOLUME for place in places])
    factor = _along(per_ppb, x)
    checked = np.stack(rows) if rows else x
    return checked * factor if wanted == "ug/m3" else checked / factor


def _chosen(kind: str, choice: str | np.ndarray, species: Sequence[str | int]) -> np.ndarray:
    if isinstance(choice, str):
        return coefficients(kind, species, source=choice)
    own = np.asarray(choice, dtype=np.float64)
    if own.shape != (len(species),) or np.isinf(own).any():
        raise ValueError(f"{kind} has shape {own.shape}, expected ({len(species)},), finite or NaN for missing")
    return own


def _potential(
    base: np.ndarray,
    mass: np.ndarray,
    species: Sequence[str | int],
    coefficient: np.ndarray,
    unit: str,
    least_measured: float,
) -> Potential:
    # base * coefficient is the quantity; mass [ug/m3] weighs the coverage.
    if not 0.0 <= least_measured <= 1.0:
        raise ValueError(f"least_measured is {least_measured}, expected 0 to 1")
    names = tuple(species_named(key).name_en for key in species)
    order = np.argsort(places_of(species), kind="stable")  # sums do not depend on the order of the species
    by_species = base * _along(coefficient, base)
    has_value, has_both = ~np.isnan(base), ~np.isnan(by_species)
    present, both = (flags.mean(axis=0) if len(names) else np.zeros(base.shape[1:]) for flags in (has_value, has_both))
    total = np.where(has_both, by_species, 0.0)[order].sum(axis=0)
    enough = (present >= least_measured - 1e-12) & has_both.any(axis=0)
    measured_mass = np.where(has_value, mass, 0.0)[order].sum(axis=0)
    covered_mass = np.where(has_both, mass, 0.0)[order].sum(axis=0)
    return Potential(
        unit,
        names,
        by_species,
        np.where(enough, total, np.nan),
        present,
        both,
        covered_mass / np.where(measured_mass > 0.0, measured_mass, np.nan),
    )


def _along(per_species: np.ndarray, like: np.ndarray) -> np.ndarray:
    return per_species.reshape(per_species.shape + (1,) * (like.ndim - per_species.ndim))
