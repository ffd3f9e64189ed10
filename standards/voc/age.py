"""How long air has aged: the photochemical age from two species, and concentrations before the ageing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from standards.measured import measured
from standards.voc.reactivity import to_ppb, to_ugm3
from standards.voc.species import coefficients, places_of

OH = 2e6
"""Molecules of OH per cm3 that an exposure is turned into hours with: a daytime mean often used, our default."""
_EXPOSURE_MAX = 1e12  # [molecules/cm3 * s] 140 h at OH: no pair of species is left to tell more
_RATIO_MAX = 1e6


@dataclass(frozen=True, slots=True)
class PhotochemicalAge:
    """Exposure to OH [molecules/cm3 * s], and the hours that it takes at the concentration of OH given."""

    exposure: np.ndarray
    hours: np.ndarray


def photochemical_age(
    ratio: np.ndarray | float,
    *,
    initial_ratio: np.ndarray | float,
    fast: str | int = "m,p-xylene",
    slow: str | int = "ethylbenzene",
    oh: float = OH,
    invalid: str = "raise",
) -> PhotochemicalAge:
    """Estimate how long air has aged from the ratio of a fast to a slow species of the same sources.

    ratio: of fast to slow now, any shape, in the unit of initial_ratio. initial_ratio: of fresh emissions, a number or
    an array of the shape of ratio. fast, slow: species, with their default rates. oh [molecules/cm3]: to give hours.
    invalid: "missing" takes impossible values for missing. Returns PhotochemicalAge, both of the shape of ratio:
    (ln initial - ln now) / (k fast - k slow).
    Missing: NaN in either gives NaN, and so does a ratio above the initial one: the air cannot be fresher than fresh,
    so the initial ratio does not fit. A ratio of 0 gives NaN too (nothing of the fast species is left to tell).
    Errors: ValueError where a ratio is negative or infinite, oh is not above 0, a species is unknown or has no rate, or
    fast is not the faster.
    Source: Roberts et al. 1984, McKeen et al. 1996 (method, recalled); rates in tables/voc117.csv and voc_more.csv.
    """
    k_fast, k_slow = coefficients("koh", [fast, slow]) * 1e-12
    if not k_fast > k_slow:
        raise ValueError(f"rates of {fast} and {slow} are {k_fast:g} and {k_slow:g} cm3/s, expected the first larger")
    if not (np.isfinite(oh) and oh > 0):
        raise ValueError(f"oh is {oh}, expected molecules per cm3 above 0, for instance {OH:g}")
    now, fresh = (
        measured(x, name, "", high=_RATIO_MAX, invalid=invalid)
        for x, name in ((ratio, "ratio"), (initial_ratio, "initial ratio"))
    )
    now, fresh = (np.where(x > 0.0, x, np.nan) for x in (now, fresh))
    exposure = (np.log(fresh) - np.log(now)) / (k_fast - k_slow)
    exposure = np.where(exposure >= 0.0, exposure, np.nan)
    return PhotochemicalAge(exposure, exposure / oh / 3600.0)


def initial_concentrations(
    values: np.ndarray,
    species: Sequence[str | int],
    exposure: np.ndarray | float,
    *,
    unit: str,
    koh: str = "default",
    without: Iterable[str | int] = ("isoprene",),
    invalid: str = "raise",
) -> np.ndarray:
    """Compute concentrations before the ageing: C exp(k [OH] t).

    values [unit]: (species, ...). species: names, CAS numbers or numbers of the list. exposure [molecules/cm3 * s]: a
    number or (...), for instance of photochemical_age. unit: "ppb" or "ug/m3". koh: key of a source of rates. without:
    species that this cannot tell, by default isoprene, which plants emit all the way. invalid: "missing" takes
    impossible values for missing. Returns float64 [unit] of the same shape.
    Missing: NaN in a value or the exposure, a species without a rate, and those of without, give NaN.
    Errors: ValueError for an unknown species, unit or source, another shape, or a value or exposure that is negative,
    infinite or impossibly large.
    Source: McKeen et al. 1996 (method, recalled); rates in tables/voc117.csv.
    """
    if unit not in ("ppb", "ug/m3"):
        raise ValueError(f"unit is {unit!r}, expected ppb or ug/m3")
    convert = to_ugm3 if unit == "ppb" else to_ppb
    valid = np.isfinite(convert(values, species, invalid=invalid))
    x = np.where(valid, np.asarray(values, dtype=np.float64), np.nan)
    aged = measured(exposure, "exposure", "molecules/cm3 s", high=_EXPOSURE_MAX, invalid=invalid)
    if aged.ndim and aged.shape != x.shape[1:]:
        raise ValueError(f"exposure has shape {aged.shape}, expected {x.shape[1:]} or a number")
    rate = coefficients("koh", species, source=koh) * 1e-12
    rate[np.isin(places_of(species), places_of(without))] = np.nan
    return x * np.exp(rate.reshape(-1, *(1,) * (x.ndim - 1)) * aged)
