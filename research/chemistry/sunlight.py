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
_NONE = 1e-300  # a rate below this is none


def photolysis(mechanism: Mechanism, cos_zenith: np.ndarray, scale: np.ndarray | float = 1.0) -> dict[str, np.ndarray]:
    """Give the rates of photolysis that a mechanism wants.

    cos_zenith: cosine of the sun's zenith angle, any shape (…); 0 and below is night. scale: what all rates are multiplied
    by, of a shape that broadcasts to (…): see `scale_by_jno2`, `scale_by_radiation`, `scale_by_cloud`. Returns rates by
    name [1/s], each of the shape of cos_zenith, as Windows.photolysis_s1 takes them.
    Missing: NaN in gives NaN, which integrate refuses.
    Errors: ValueError that names rates which the table does not have.
    """
    clear = clear_sky(np.asarray(cos_zenith, np.float64))
    if missing := [name for name in mechanism.photolysis_names if name not in clear]:
        raise ValueError(f"{FILE.name} has no {', '.join(missing)}, expected all that {mechanism.name} wants")
    return {name: clear[name] * scale for name in mechanism.photolysis_names}


def clear_sky(cos_zenith: np.ndarray) -> dict[str, np.ndarray]:
    """Give all rates of the table under a cloudless sky [1/s], of the shape of cos_zenith.

    Linear in the logarithm of a rate between nodes, within 0.6 % of TUV-x; below the lowest node in proportion to the
    cosine.
    """
    nodes, rates = _table()
    inside = np.clip(cos_zenith, nodes[0], nodes[-1])
    fade = np.clip(cos_zenith / nodes[0], 0.0, 1.0)
    return {name: np.exp(np.interp(inside, nodes, logs)) * fade * lit for name, (logs, lit) in rates.items()}


def scale_by_jno2(cos_zenith: np.ndarray, jno2_s1: np.ndarray) -> np.ndarray:
    """Give the scale at which the table has the j(NO2) that was measured [1/s]; 0 at night."""
    return _ratio(jno2_s1, clear_sky(np.asarray(cos_zenith, np.float64))["jno2"])


def _ratio(measured: np.ndarray, clear: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(clear > 0.0, np.asarray(measured) / clear, 0.0 * np.asarray(measured))


@functools.cache
def _table() -> tuple[np.ndarray, Mapping[str, tuple[np.ndarray, float]]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(line for line in file if not line.startswith("#")))
    values = np.array([[float(cell) for cell in row] for row in rows[1:]])
    rates = {}
    for name, column in zip(rows[0][1:], values.T[1:], strict=True):
        rates[name] = np.log(np.maximum(column, _NONE)), float(column.max() > 0.0)
    return values[:, 0], rates
