"""Latitude and longitude of a CF file: which variables they are, and whether they make a grid that stands still.

They are found by standard name, then by unit, then by name, and belong together: two axes, or two fields on the same dimensions.
What `bounds` names is no coordinate, nor is the latitude of a rotated pole. Fields may repeat in time where they do not move.

Sources: CF-1.11 chapters 4.1, 4.2, 5.2, 5.6, 7.1; WRF-ARW User's Guide (XLAT, XLONG).
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from streams.sources.forecasts.attributes import text
from streams.sources.forecasts.cells import unpacked
from streams.sources.forecasts.dimensions import role
from streams.sources.forecasts.grid import CurvedGrid, Grid, StraightGrid
from streams.sources.tally import Unusable

UNITS = {
    "latitude": ("degrees_north", "degree_north", "degree_n", "degrees_n", "degreen", "degreesn"),
    "longitude": ("degrees_east", "degree_east", "degree_e", "degrees_e", "degreee", "degreese"),
}
"""CF-1.11 4.1 and 4.2, without regard to case."""
NAMES = {
    "latitude": ("latitude", "lat", "xlat", "nav_lat", "lats"),
    "longitude": ("longitude", "lon", "xlong", "nav_lon", "lons"),
}
PLAIN_UNITS = ("", "degrees", "degree", "deg", "degrees_true")
"""Units that a coordinate may have beside those of UNITS, where its name or standard name says what it is."""
LIMITS = {"latitude": (-90.0, 90.0), "longitude": (-360.0, 540.0)}
MOST_ON_AXIS = 50_000
MOST_CELLS = 4_000_000
"""Cells of a grid whose latitudes and longitudes are fields, or are computed: each takes a hundred bytes."""
MOST_LOOKS = 50
"""Steps at which coordinates that repeat in time are looked at, the first and the last among them."""
STILL_DEG = 1e-4
"""How far a cell may move in a file, which is no move: the noise of float32."""


def cf_grid(dataset: xr.Dataset) -> tuple[Grid, str, str] | None:
    """Give the grid of a file with the names of its dimensions of rows and columns, None where it names no coordinates.

    Raise Unusable where they make no grid.
    """
    pairs = [(lat, lon) for lat in _candidates(dataset, "latitude") for lon in _candidates(dataset, "longitude")]
    if not pairs:
        return None
    matching = [p for p in pairs if _match(dataset, *p)]
    lat, lon = (sorted(matching, key=lambda p: -_used(dataset, *p)) or pairs)[0]
    require_size(dataset, (lat, lon))
    y, x = coordinate(dataset, lat, "latitude"), coordinate(dataset, lon, "longitude")
    if y.ndim == 2 and x.shape == y.shape:
        row, column = map(str, dataset[lat].dims[-2:])
        return _curved(x, y, f"variables {lat}, {lon}"), row, column
    rows, columns = dataset[lat].dims[-1:], dataset[lon].dims[-1:]
    if y.ndim != 1 or x.ndim != 1 or min(x.size, y.size) < 2 or rows == columns:
        raise Unusable(
            f"variables {lat}, {lon}",
            "not a grid",
            f"dimensions {dataset[lat].dims}, {dataset[lon].dims}, shapes {y.shape}, {x.shape}",
            "two axes of 2 or more, or two 2-D fields",
        )
    if not all(np.all(np.diff(v) > 0) or np.all(np.diff(v) < 0) for v in (x, y)):
        raise Unusable(f"variables {lat}, {lon}", "an axis neither rises nor falls", "", "axes in order")
    return StraightGrid(x, y), str(rows[0]), str(columns[0])


def missing_coordinates(dataset: xr.Dataset) -> list[str]:
    """Name what a file has no variable for, latitude or longitude."""
    return [what for what in ("latitude", "longitude") if not _candidates(dataset, what)]


def wrf_grid(dataset: xr.Dataset) -> CurvedGrid:
    """Give the grid of a WRF file from XLAT and XLONG, which must not move; raise Unusable where they make no grid."""
    require_size(dataset, ("XLAT", "XLONG"))
    y, x = coordinate(dataset, "XLAT", "latitude"), coordinate(dataset, "XLONG", "longitude")
    if y.ndim != 2 or x.shape != y.shape:
        raise Unusable("variables XLAT, XLONG", "not a grid", f"shapes {y.shape}, {x.shape}", "two 2-D fields")
    return _curved(x, y, "variables XLAT, XLONG")


def require_size(dataset: xr.Dataset, names: tuple[str, ...]) -> None:
    """Raise Unusable, from the header, for coordinates that are too large to be read."""
    for name in names:
        shape = dataset[name].shape
        cells = int(np.prod(shape[-2:], dtype=float))
        if cells > (MOST_ON_AXIS if len(shape) == 1 else MOST_CELLS):
            expected = f"up to {MOST_ON_AXIS} on an axis, {MOST_CELLS} in a field"
            raise Unusable(f"variable {name}", "the grid is too large", f"shape {shape}", expected)


def coordinate(dataset: xr.Dataset, name: str, what: str) -> np.ndarray:
    """Read a latitude or longitude [deg] float64, one or two dimensions; raise Unusable for one that moves, is missing
    somewhere, is in another unit than degrees or lies where no place is.
    """
    found, position = dataset[name], f"variable {name}"
    units = text(found.attrs, "units").lower()
    if units not in (*UNITS[what], *PLAIN_UNITS):
        raise Unusable(position, f"{what} in an unknown unit", units, UNITS[what][0])
    values = _still(found, position)
    if not np.isfinite(values).all():
        raise Unusable(position, f"{what} is missing somewhere", "", "a number for every cell")
    low, high = LIMITS[what]
    if values.size and not (low <= values.min() and values.max() <= high):
        said = f"{values.min():g} to {values.max():g}"
        raise Unusable(position, f"no {what} lies there", said, f"{low:g} to {high:g} degrees")
    if values.size > 1 and np.ptp(values) == 0 and values.ndim == 2:
        raise Unusable(position, f"one {what} everywhere", f"{values.flat[0]:g}", "the centre of every cell")
    return values


def _still(found: xr.DataArray, position: str) -> np.ndarray:
    if found.ndim > 3:
        raise Unusable(position, "not a coordinate", f"dimensions {found.dims}", "one or two dimensions")
    if found.ndim < 3:
        return _degrees(found, position)
    if 0 in found.shape:
        raise Unusable(position, "not a coordinate", f"shape {found.shape}", "one or two dimensions")
    first, along = _degrees(found[0], position), str(found.dims[0])
    for i in np.unique(np.linspace(0, found.shape[0] - 1, MOST_LOOKS).astype(int))[1:].tolist():
        if not np.allclose(_degrees(found[i], position), first, rtol=0, atol=STILL_DEG, equal_nan=True):
            where = "in time" if role(found.to_dataset(name="it"), along) == "time" else f"along {along}"
            expected = "a grid that stands still, or one file for each"
            raise Unusable(position, f"the grid moves {where}", f"step {i + 1}", expected)
    return first


def _degrees(found: xr.DataArray, position: str) -> np.ndarray:
    raw = np.asarray(found.values)
    if raw.dtype.kind not in "iuf":
        raise Unusable(position, "its type is no number", raw.dtype.name, "degrees as numbers")
    if {"scale_factor", "add_offset"} & set(found.attrs):
        return unpacked(raw, found.attrs, position).astype(float)
    values = raw.astype(float)
    for name in ("_FillValue", "missing_value"):
        mark = found.attrs.get(name)
        if mark is not None and np.ndim(mark) == 0 and not isinstance(mark, str):
            values[raw == mark] = np.nan
    return values


def _candidates(dataset: xr.Dataset, what: str) -> list[str]:
    bounds = {text(v.attrs, n) for v in dataset.variables.values() for n in ("bounds", "climatology")}
    known = [(str(n), v) for n, v in dataset.variables.items() if 1 <= v.ndim <= 3 and str(n) not in bounds]
    said = {n: text(v.attrs, "standard_name").lower() for n, v in known}
    free = [
        (n, v) for n, v in known if said[n] in ("", "unknown", what) and not n.lower().endswith(("_bnds", "_bounds"))
    ]
    tests = (
        [n for n, _ in known if said[n] == what],
        [n for n, v in free if text(v.attrs, "units").lower() in UNITS[what]],
        [n for n, v in free if n.lower() in NAMES[what] and not _other(v, what)],
    )
    return list(dict.fromkeys(n for found in tests for n in found))


def _other(variable: xr.Variable, what: str) -> bool:
    other = "longitude" if what == "latitude" else "latitude"
    return text(variable.attrs, "units").lower() in UNITS[other]


def _match(dataset: xr.Dataset, lat: str, lon: str) -> bool:
    y, x = dataset[lat].dims, dataset[lon].dims
    return (len(y) == len(x) == 1 and y != x) or (len(y) > 1 and y == x)


def _used(dataset: xr.Dataset, lat: str, lon: str) -> int:
    """How many variables lie on the dimensions of a pair of coordinates."""
    dimensions = {*dataset[lat].dims[-2:], *dataset[lon].dims[-2:]}
    return sum(dimensions <= set(v.dims) and n not in (lat, lon) for n, v in dataset.data_vars.items())


def _curved(x: np.ndarray, y: np.ndarray, position: str) -> CurvedGrid:
    if min(x.shape) < 2:
        raise Unusable(position, "not a grid", f"shape {x.shape}", "two or more rows and columns")
    return CurvedGrid(x, y)
