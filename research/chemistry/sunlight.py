"""Rates of photolysis from the sun's height: a table made once, scaled by what was measured."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from research.chemistry.mechanism import Mechanism

FILE = Path(__file__).with_name("photolysis.csv")
"""Rates under a cloudless sky, made by make_photolysis.py."""
FILE_OF_MCM = Path(__file__).with_name("mcm_photolysis.csv")
"""Parameters of the rates J1, J2, … of the Master Chemical Mechanism."""
NO_LIGHT = "none"
"""Stands in a mechanism's `light` for a rate that is to be 0."""
ALBEDO_UVA = 0.05
"""Of the ground, the one of the table; towns and crops have 0.02 to 0.06 (recalled: Feister and Grewe 1995)."""
_NONE = 1e-300  # a rate below this is none


def photolysis(mechanism: Mechanism, cos_zenith: np.ndarray, scale: np.ndarray | float = 1.0) -> dict[str, np.ndarray]:
    """Give the rates of photolysis that a mechanism wants.

    cos_zenith: cosine of the sun's zenith angle, any shape (…); 0 and below is night. scale: what all rates are multiplied
    by, of a shape that broadcasts to (…): see `scale_by_jno2`, `scale_by_radiation`, `scale_by_cloud`. Returns rates by
    name [1/s], each of the shape of cos_zenith, as Windows.photolysis_s1 takes them.
    Missing: NaN in gives NaN, which integrate refuses.
    Errors: ValueError that names rates which the table does not have.
    """
    cosine = np.asarray(cos_zenith, np.float64)
    clear = {**clear_sky(cosine), NO_LIGHT: 0.0 * cosine}
    wanted = {name: mechanism.light.get(name, (name, 1.0)) for name in mechanism.photolysis_names}
    if missing := [name for name, (there, _) in wanted.items() if there not in clear]:
        raise ValueError(f"{FILE.name} has no {', '.join(missing)}, expected all that {mechanism.name} wants")
    return {name: clear[there] * factor * scale for name, (there, factor) in wanted.items()}


def clear_sky(cos_zenith: np.ndarray) -> dict[str, np.ndarray]:
    """Give all rates of the tables under a cloudless sky [1/s], of the shape of cos_zenith.

    Those of TUV-x are linear in their logarithm between nodes, within 0.6 % of it where a rate can matter (above 1e-8 1/s);
    below the lowest node they fall in proportion to the cosine. Those of the MCM follow its parametrisation.
    """
    nodes, rates = _table()
    inside = np.clip(cos_zenith, nodes[0], nodes[-1])
    fade = np.clip(cos_zenith / nodes[0], 0.0, 1.0)
    found = {name: np.exp(np.interp(inside, nodes, logs)) * fade * lit for name, (logs, lit) in rates.items()}
    up = np.maximum(cos_zenith, 1e-3)
    for name, (scale, power, depth) in _mcm().items():
        found[name] = scale * up**power * np.exp(-depth / up) * (fade > 0.0)
    return found


@functools.cache
def rates_known() -> tuple[str, ...]:
    """Name the rates of photolysis that the tables have."""
    return tuple(clear_sky(np.ones(1)))


def scale_by_jno2(cos_zenith: np.ndarray, jno2_s1: np.ndarray) -> np.ndarray:
    """Give the scale at which the table has the j(NO2) that was measured [1/s]; 0 at night.

    Good for light above 360 nm (HONO, methylglyoxal), within some tens of per cent for O3 and HNO3 under cloud (Walker et
    al. 2022, Environ. Sci.: Atmos. 2, 1411).
    """
    clear = clear_sky(np.asarray(cos_zenith, np.float64))["jno2"]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(clear > 0.0, np.asarray(jno2_s1, np.float64) / clear, 0.0 * np.asarray(jno2_s1, np.float64))


def scale_by_radiation(cos_zenith: np.ndarray, global_wm2: np.ndarray) -> np.ndarray:
    """Give the scale from measured global radiation [W/m2], by way of the j(NO2) that belongs to it; 0 at night."""
    return scale_by_jno2(cos_zenith, jno2_of_radiation(global_wm2))


def jno2_of_radiation(global_wm2: np.ndarray, *, albedo_uva: float = ALBEDO_UVA) -> np.ndarray:
    """Compute j(NO2) near the ground [1/s] from global radiation [W/m2], under any sky, below 800 m.

    Source: Trebs et al. 2009, Atmos. Meas. Tech. 2, 725: (1 + albedo) (1.47e-5 G - 4.84e-9 G^2), +-6e-4 1/s (2 sigma).
    """
    g = np.asarray(global_wm2, np.float64)
    return (1.0 + albedo_uva) * (1.47e-5 * g - 4.84e-9 * g**2)


def scale_by_cloud(cover: np.ndarray) -> np.ndarray:
    """Give the scale from cloud cover, 0 to 1: 1 - 0.75 cover^3.4 (Kasten and Czeplak 1980, of global radiation; recalled).

    Errors: ValueError for a cover outside the range.
    """
    cover = np.asarray(cover, np.float64)
    if np.any((cover < 0.0) | (cover > 1.0)):
        raise ValueError(f"cover goes from {np.nanmin(cover):g} to {np.nanmax(cover):g}, expected 0 to 1")
    return 1.0 - 0.75 * cover**3.4


@functools.cache
def _mcm() -> Mapping[str, tuple[float, float, float]]:
    return {name: tuple(float(cell) for cell in cells) for name, *cells in _rows(FILE_OF_MCM)[1:]}


@functools.cache
def _table() -> tuple[np.ndarray, Mapping[str, tuple[np.ndarray, float]]]:
    rows = _rows(FILE)
    values = np.array([[float(cell) for cell in row] for row in rows[1:]])
    rates = {}
    for name, column in zip(rows[0][1:], values.T[1:], strict=True):
        rates[name] = np.log(np.maximum(column, _NONE)), float(column.max() > 0.0)
    return values[:, 0], rates


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(line for line in file if not line.startswith("#")))
