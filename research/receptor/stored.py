"""The compounds of a super-site, out of the store, as a table for the receptor model."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from research.receptor.refusals import ReceptorError
from research.receptor.table import Table, table_of
from research.receptor.uncertainty import epa_uncertainty, own_uncertainty, with_limits
from streams.store.dataset import open_voc

FRACTION = 0.1
"""Error of an instrument as a share of its value, unless told."""
LIMIT_PPB = 0.02
"""The detection limit that is assumed of a compound of which none is known [ppb]: common for online gas chromatographs."""
LEAST_SHARE, LEAST_ABOVE = 0.5, 0.25


def stored_table(
    store: Any, station: str, *, start: Any = None, end: Any = None, species: Collection[str] | None = None,
    fraction: float = FRACTION, limits_ppb: Mapping[str, float] | None = None, formula: str | None = None, **options: Any,
) -> Table:  # fmt: skip
    """Read the hours of a station's compounds as a table [ppb].

    store, start, end, species: as streams.store.open_voc. fraction: error of a value as a share of it [1]. limits_ppb: detection
    limits by species [ppb]; without one the median of those that the store knows of it, else 0.02. formula: as
    research.receptor.uncertainty, in place of EPA's. A value below its limit takes half of it. Unless species are named, those
    are left out of which less than half of the hours or a quarter above the limit are known. Times are the ends of the hours,
    Asia/Shanghai. options: as table_of.
    Missing: as table_of. Errors: ReceptorError where there is nothing; StoreError as open_voc; those of table_of.
    """
    found = open_voc(store, start=start, end=end, stations=[station], species=species)
    if not found.sizes.get("hour_end") or not found.sizes.get("species"):
        raise ReceptorError(
            f"{station} has no organic compounds in the store in that time, expected a super-site's hours"
        )
    one = found.isel(station=0).transpose("hour_end", "species", ...)
    values, below = (np.asarray(one[name].values, np.float64) for name in ("voc_ppb", "below_ppb"))
    names = tuple(str(each) for each in one["species"].values)
    x, under = with_limits(values, below)
    limits = np.array([_limit(name, below[:, j], limits_ppb or {}) for j, name in enumerate(names)])
    u = (epa_uncertainty if formula is None else _by(formula))(x, np.where(under, below, limits), fraction)
    kept = np.arange(len(names)) if species is not None else np.flatnonzero(
        (np.isfinite(x).mean(axis=0) >= LEAST_SHARE) & (np.isfinite(values).mean(axis=0) >= LEAST_ABOVE)
    )  # fmt: skip
    there = np.isfinite(x[:, kept]).any(axis=1)
    times = one["hour_end"].values.astype("datetime64[m]")[there] + np.timedelta64(8 * 60, "m")
    return table_of([names[j] for j in kept], times, x[np.ix_(there, kept)], u[np.ix_(there, kept)], unit="ppb",
                    source=f"store, station {station}", simulated=bool(found.attrs.get("simulated")), **options)  # fmt: skip


def _limit(name: str, below: np.ndarray, given: Mapping[str, float]) -> float:
    if name in given:
        return float(given[name])
    known = below[np.isfinite(below)]
    return float(np.median(known)) if known.size else LIMIT_PPB


def _by(formula: str) -> Any:
    return lambda x, limit, fraction: own_uncertainty(formula, x, limit, fraction)
