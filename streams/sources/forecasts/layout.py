"""The three layouts of forecast files, recognised by what is in them: IOAPI (CMAQ), WRF and CF.

A layout is the grid, the time axis and the names of the dimensions; nothing of a variable's values is read here.

Sources: Models-3 I/O API (GDTYP, P_ALP, P_BET, P_GAM, XCENT, YCENT, XORIG, YORIG, XCELL, YCELL), WRF-ARW User's Guide
(XLAT, XLONG), CF-1.10 chapters 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr
from pyproj import Proj

from streams.sources.forecasts.grid import CurvedGrid, Grid, StraightGrid, lambert, mercator, polar
from streams.sources.forecasts.netcdf_time import TimeAxis, cf_axis, ioapi_axis, wrf_axis
from streams.sources.tally import Unusable

RUN_DIMENSION = "forecast_reference_time"
_PRESSURE_UNITS = ("pa", "hpa", "mbar", "mb", "millibars")


@dataclass(frozen=True)
class Layout:
    """How a file is laid out: kind ("ioapi", "wrf" or "cf"), its grid, its hours and the names of its dimensions.

    names: lower-case variable and standard names to the file's own names.
    """

    kind: str
    grid: Grid
    axis: TimeAxis
    time: str
    row: str
    column: str
    names: dict[str, str]


def open_raw(path: str | Path) -> xr.Dataset:
    """Open a NetCDF file without touching its times; raise OSError or RuntimeError where the library cannot."""
    return xr.open_dataset(path, engine="netcdf4", decode_times=False, decode_coords=False, cache=False)


def runs_of(dataset: xr.Dataset) -> Iterator[xr.Dataset]:
    """Give the runs of a file one by one: most files hold one, some have a dimension of reference times."""
    if RUN_DIMENSION not in dataset.dims:
        yield dataset
        return
    for i in range(dataset.sizes[RUN_DIMENSION]):
        yield dataset.isel({RUN_DIMENSION: i})


def layout_of(dataset: xr.Dataset) -> Layout:
    """Recognise the layout of one run; raise Unusable that says what is missing."""
    if "TFLAG" in dataset.variables and "GDTYP" in dataset.attrs:
        return Layout("ioapi", ioapi_grid(dataset), ioapi_axis(dataset), "TSTEP", "ROW", "COL", _names(dataset))
    if {"XLAT", "XLONG"} <= set(dataset.variables) and {"Times", "XTIME"} & set(dataset.variables):
        row, column = dataset["XLAT"].dims[-2:]
        return Layout("wrf", _wrf_grid(dataset), wrf_axis(dataset), "Time", str(row), str(column), _names(dataset))
    lat, lon, time = _coordinate(dataset, "latitude"), _coordinate(dataset, "longitude"), _time_coordinate(dataset)
    if not (lat and lon and time):
        missing = [n for n, found in (("latitude", lat), ("longitude", lon), ("time", time)) if not found]
        raise Unusable(
            "variables",
            f"no layout that we know: no {' and no '.join(missing)}",
            ", ".join(map(str, dataset.variables))[:150],
            "IOAPI (TFLAG, GDTYP), WRF (XLAT, XLONG, Times) or CF (time, latitude, longitude)",
        )
    grid, row, column = _cf_grid(dataset, lat, lon)
    return Layout("cf", grid, cf_axis(dataset, time), str(dataset[time].dims[0]), row, column, _names(dataset))


def ground_level(dataset: xr.Dataset, dimension: str) -> int:
    """Give the index of the level nearest the ground: the first, or where levels count downwards or are pressures, the
    largest.
    """
    if dimension not in dataset.variables:
        return 0
    level = dataset[dimension]
    text = " ".join(str(level.attrs.get(n, "")) for n in ("long_name", "standard_name")).lower()
    units, positive = str(level.attrs.get("units", "")).lower(), str(level.attrs.get("positive", "")).lower()
    # ECMWF counts its model levels from the top of the atmosphere.
    down = (
        positive == "down"
        or units in _PRESSURE_UNITS
        or any(w in text for w in ("model_level", "model level", "pressure"))
    )
    values = np.asarray(level.values, float)
    return int(np.argmax(values) if down and positive != "up" else np.argmin(values))


def ioapi_grid(dataset: xr.Dataset) -> StraightGrid:
    """Build the grid of an IOAPI file from its global attributes; raise Unusable for a missing one or another
    projection.
    """
    a = {name: _number(dataset, name) for name in ("GDTYP", "XORIG", "YORIG", "XCELL", "YCELL")}
    columns, rows = dataset.sizes["COL"], dataset.sizes["ROW"]
    x = a["XORIG"] + (np.arange(columns) + 0.5) * a["XCELL"]
    y = a["YORIG"] + (np.arange(rows) + 0.5) * a["YCELL"]
    if a["GDTYP"] == 1:
        return StraightGrid(x, y)
    alp, bet, gam, x0, y0 = (_number(dataset, name) for name in ("P_ALP", "P_BET", "P_GAM", "XCENT", "YCENT"))
    projections = {
        2: lambda: lambert(alp, bet, gam, y0),
        6: lambda: polar(alp, bet, gam),
        7: lambda: mercator(alp, gam),
    }
    if a["GDTYP"] not in projections:
        expected = "1 (lat-lon), 2 (Lambert), 6 (polar stereographic) or 7 (equatorial Mercator)"
        raise Unusable("global attribute GDTYP", "unknown projection", int(a["GDTYP"]), expected)
    projection = projections[int(a["GDTYP"])]()
    # XORIG and YORIG count from (XCENT, YCENT), which need not be where the projection has its origin.
    east, north = Proj(projection)(x0, y0)
    return StraightGrid(x + east, y + north, projection)


def _wrf_grid(dataset: xr.Dataset) -> CurvedGrid:
    lon, lat = (np.asarray(dataset[name].values, float) for name in ("XLONG", "XLAT"))
    return CurvedGrid(*(v[0] if v.ndim == 3 else v for v in (lon, lat)))


def _cf_grid(dataset: xr.Dataset, lat: str, lon: str) -> tuple[Grid, str, str]:
    y, x = (np.asarray(dataset[name].values, float) for name in (lat, lon))
    if y.ndim == 2 and x.shape == y.shape:
        row, column = map(str, dataset[lat].dims)
        return CurvedGrid(x, y), row, column
    if y.ndim != 1 or x.ndim != 1 or min(x.size, y.size) < 2:
        raise Unusable(
            f"variables {lat}, {lon}",
            "not a grid",
            f"shapes {y.shape}, {x.shape}",
            "two axes of 2 or more, or two 2-D fields",
        )
    if not all(np.all(np.diff(v) > 0) or np.all(np.diff(v) < 0) for v in (x, y)):
        raise Unusable(f"variables {lat}, {lon}", "an axis neither rises nor falls", "", "axes in order")
    return StraightGrid(x, y), str(dataset[lat].dims[0]), str(dataset[lon].dims[0])


def _coordinate(dataset: xr.Dataset, name: str) -> str:
    """Find latitude or longitude by standard name, then by unit, then by name; empty where there is none."""
    unit = "north" if name == "latitude" else "east"
    variables = [(str(n), v) for n, v in dataset.variables.items() if v.ndim in (1, 2)]
    tests = (
        lambda n, v: v.attrs.get("standard_name") == name,
        lambda n, v: (
            str(v.attrs.get("units", "")).lower().startswith("degree") and unit in str(v.attrs.get("units", "")).lower()
        ),
        lambda n, v: n.lower() in (name, name[:3]),
    )
    return next((n for test in tests for n, v in variables if test(n, v)), "")


def _time_coordinate(dataset: xr.Dataset) -> str:
    candidates = [
        str(n)
        for n, v in dataset.variables.items()
        if v.ndim == 1
        and (v.attrs.get("standard_name") == "time" or v.attrs.get("axis") == "T" or n in ("time", "valid_time"))
    ]
    return candidates[0] if candidates else ""


def _names(dataset: xr.Dataset) -> dict[str, str]:
    names = {
        str(v.attrs["standard_name"]).lower(): str(n)
        for n, v in dataset.data_vars.items()
        if "standard_name" in v.attrs
    }
    return names | {str(n).lower(): str(n) for n in dataset.data_vars}


def _number(dataset: xr.Dataset, name: str) -> float:
    if name not in dataset.attrs:
        raise Unusable(f"global attribute {name}", "missing", "", "a number, as the I/O API has it")
    return float(dataset.attrs[name])
