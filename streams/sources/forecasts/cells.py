"""From what is stored to values: unpacked, marks for missing taken out, and cells that no air can have.

What is declared missing is missing and no more is said of it: `_FillValue`, `missing_value` (one or several), what lies outside
`valid_range`, `valid_min`, `valid_max`. What nobody declared is missing and told: sentinels of the trade, infinities, cells
beyond what air can have. Where many cells are beyond, the unit is wrong, and the variable is refused.

Sources: NetCDF User's Guide, appendix A (attribute conventions: packing, `_Unsigned`, valid range); CF-1.11 chapters 2.5, 8.1.
"""

from __future__ import annotations

from collections.abc import Mapping

import netCDF4
import numpy as np

from streams.sources.forecasts.attributes import numbers, text
from streams.sources.forecasts.variables import PLAUSIBLE
from streams.sources.tally import Unusable

MISSING_ABOVE = 1e15
"""Numbers beyond are marks for missing: -9.999e36 of the I/O API, 9.96921e36 of the NetCDF library, 1e20 of CMOR."""
SENTINELS = (
    -99.0, -99.9, -999.0, -999.9, -999.99, -9999.0, -9999.9, -99999.0, -32767.0, -32768.0, 9999.0, 9999.9, 99999.0, 999999.0,
)  # fmt: skip
"""Marks for missing that files hold without declaring them; a cell that is one exactly, to float32, is missing."""
MAY_BE_REAL = {"pressure_pa": (9999.0, 9999.9, 99999.0, 999999.0)}
"""Marks that are a value of some quantity: 99,999 Pa."""
MOST_IMPOSSIBLE = 0.01
"""Share of the cells with a value that may be beyond what air can have; where there are more, the unit is wrong."""
MOST_NEGATIVE = 0.1
"""The same of cells below zero, which are of a model's numerics: where there are more, the variable is none of amounts."""
HAIR = 0.01
"""How far below zero, as a share of the variable's largest value, advection and spectral models undershoot: taken as zero."""
HUMID_SHARE = 1.2
"""No air over a whole city is so dry [%]: these are shares."""
PACKING_NOISE = 1e-5
"""Share of the upper limit by which a packed zero may fall below zero: taken as zero."""


def unpacked(raw: np.ndarray, attrs: Mapping, name: str) -> np.ndarray:
    """Give float32 values of what is stored, missing as NaN where the file declares it.

    Raise Unusable where the stored type is no number, or an attribute of packing or of missing is none.
    """
    if raw.dtype.kind not in "iuf":
        raise Unusable(
            f"variable {name}", "its type is no number", raw.dtype.name, "integers or floating-point numbers"
        )
    raw = _signed(raw, text(attrs, "_Unsigned").lower())
    scale, offset = _number(attrs, "scale_factor", name, 1.0), _number(attrs, "add_offset", name, 0.0)
    if scale == 0:
        raise Unusable(f"variable {name}", "scale_factor is zero", scale, "a number that is not zero")
    plain = "scale_factor" not in attrs and "add_offset" not in attrs
    values = raw.astype(np.float32) if plain else (raw * np.float64(scale) + np.float64(offset)).astype(np.float32)
    missing = _declared(raw, values, attrs, name, packed=not plain)
    if missing.any():
        values[missing] = np.nan
    return values


def without_marks(values: np.ndarray) -> np.ndarray:
    """Take out, in place, numbers beyond MISSING_ABOVE; infinities are left, for they are said."""
    with np.errstate(invalid="ignore"):
        far = (np.abs(values) > MISSING_ABOVE) & np.isfinite(values)
    values[far] = np.nan
    return values


def sentinels(quantity: str, values: np.ndarray) -> np.ndarray | None:
    """Give where stored values [unit of the file] are undeclared marks for missing, None where none is."""
    if not values.size:
        return None
    if np.nanmin(values, initial=0) > max(s for s in SENTINELS if s < 0) and np.nanmax(values, initial=0) < 9999:
        return None
    marks = [mark for mark in SENTINELS if mark not in MAY_BE_REAL.get(quantity, ())]
    found = np.isin(values, np.array(marks, np.float32))
    return found if found.any() else None


def possible(quantity: str, name: str, values: np.ndarray) -> tuple[np.ndarray, list[Unusable]]:
    """Give values [canonical] without what air cannot have, and what is to be said of it; NaN is missing.

    A hair below zero becomes zero. Raise Unusable, with the worst value, where more than MOST_IMPOSSIBLE of the cells are
    beyond PLAUSIBLE: then the unit is wrong.
    """
    low, high = PLAUSIBLE[quantity]
    if quantity == "humidity_pct" and 0 < np.nanmax(values, initial=0) <= HUMID_SHARE:
        raise Unusable(
            f"variable {name}",
            "shares of 1 under a unit of percent",
            f"{np.nanmax(values):g}",
            "1 as the unit, or percent",
        )
    with np.errstate(invalid="ignore"):
        if low == 0 and values.size and np.nanmin(values, initial=0) < 0:
            top = np.nanmax(values, initial=0, where=values <= high)
            hair = max(PACKING_NOISE * high, HAIR * float(top))
            values = np.where((values < 0) & (values >= -hair), np.float32(0), values)
        beyond = (values < low) | (values > high)
    count = int(np.count_nonzero(beyond))
    if not count:
        return values, []
    cells = int(np.count_nonzero(~np.isnan(values)))
    worst = values[beyond][np.argmax(np.abs(values[beyond]))]
    told = f"{worst:.6g}", f"{low:g} to {high:g}"
    negative = int(np.count_nonzero(values < low)) if low == 0 else 0
    if count - negative > MOST_IMPOSSIBLE * cells or negative > MOST_NEGATIVE * cells:
        share = f"{count} of {cells} values"
        raise Unusable(
            f"variable {name}", f"value beyond what {quantity} can be, {share}: its unit is not what it says", *told
        )
    reason = f"value beyond what {quantity} can be, {count} of {cells} values: these are missing"
    return np.where(beyond, np.float32(np.nan), values), [Unusable(f"variable {name}", reason, *told)]


def _signed(raw: np.ndarray, said: str) -> np.ndarray:
    if said == "true" and raw.dtype.kind == "i":
        return raw.view(f"{raw.dtype.byteorder.replace('|', '')}u{raw.dtype.itemsize}")
    if said == "false" and raw.dtype.kind == "u":
        return raw.view(f"{raw.dtype.byteorder.replace('|', '')}i{raw.dtype.itemsize}")
    return raw


def _declared(raw: np.ndarray, values: np.ndarray, attrs: Mapping, name: str, *, packed: bool) -> np.ndarray:
    """Say where the file declares a value missing. Fill values are of the stored type; a valid range too, unless it is of
    floating point where whole numbers are stored: then it is of the unpacked values (NUG).
    """
    missing = np.isnan(values)
    if "_FillValue" not in attrs and raw.dtype.itemsize > 1 and raw.dtype.kind in "iu":
        # What was never written holds the library's own mark; bytes have none.
        missing |= raw == netCDF4.default_fillvals[f"{raw.dtype.kind}{raw.dtype.itemsize}"]
    for mark in _numbers(attrs, "_FillValue", name):
        missing |= raw == _as_stored(mark, raw.dtype)
    marks = _numbers(attrs, "missing_value", name)
    of_values = packed and marks.dtype.kind == "f" and raw.dtype.kind in "iu"
    for mark in marks:
        missing |= values == np.float32(mark) if of_values else raw == _as_stored(mark, raw.dtype)
    for attribute, low, high in (("valid_range", 0, 1), ("valid_min", 0, None), ("valid_max", None, 0)):
        limits = _numbers(attrs, attribute, name)
        if not limits.size:
            continue
        if limits.size != (2 if attribute == "valid_range" else 1):
            raise Unusable(f"variable {name}", f"{attribute} is not understood", limits, "one number, for a range two")
        of_values = packed and limits.dtype.kind == "f" and raw.dtype.kind in "iu"
        seen = values if of_values else raw
        # Limits of a narrower type are compared in it: 0.1 of float32 is not 0.1 of float64.
        limits = limits.astype(np.float32) if of_values else _limits_as_stored(limits, raw.dtype)
        with np.errstate(invalid="ignore"):
            if low is not None:
                missing |= seen < limits[low]
            if high is not None:
                missing |= seen > limits[high]
    return missing


def _as_stored(mark: np.generic, stored: np.dtype) -> np.generic:
    """Give a mark in the stored type: -1 for bytes read as unsigned is 255, 1e20 for float32 is float32's 1e20."""
    if stored.kind == "u" and mark.dtype.kind == "i" and mark < 0:
        return mark.astype(stored) if mark.dtype.itemsize == stored.itemsize else mark
    return mark.astype(stored) if stored.kind == "f" else mark


def _limits_as_stored(limits: np.ndarray, stored: np.dtype) -> np.ndarray:
    if stored.kind == "f":
        return limits.astype(stored)
    if stored.kind == "u" and limits.dtype.kind == "i" and limits.dtype.itemsize == stored.itemsize:
        return limits.astype(stored)
    return limits


def _number(attrs: Mapping, attribute: str, name: str, without: float) -> float:
    found = _numbers(attrs, attribute, name)
    if found.size > 1 or not np.isfinite(found).all():
        raise Unusable(f"variable {name}", f"{attribute} is no number", attrs[attribute], "one finite number")
    return float(found[0]) if found.size else without


def _numbers(attrs: Mapping, attribute: str, name: str) -> np.ndarray:
    if attribute not in attrs:
        return np.empty(0)
    found = numbers(attrs, attribute)
    if found is None:
        raise Unusable(
            f"variable {name}", f"{attribute} is no number", text(attrs, attribute), "a number of the stored type"
        )
    return found
