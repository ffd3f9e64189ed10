"""The three layouts of forecast files, recognised by what is in them: IOAPI (CMAQ, CAMx), WRF and CF.

A layout is the grid, the time axis and the names of the dimensions; nothing of a variable's values is read here.

Sources: Models-3 I/O API (GDTYP, P_ALP, P_BET, P_GAM, XCENT, YCENT, XORIG, YORIG, XCELL, YCELL), WRF-ARW User's Guide
(XLAT, XLONG), CF-1.11 chapters 4 and 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from pyproj import Proj
from pyproj.exceptions import CRSError

from streams.sources.forecasts.attributes import number, text
from streams.sources.forecasts.coordinates import LIMITS, MOST_CELLS, cf_grid, missing_coordinates, wrf_grid
from streams.sources.forecasts.grid import Grid, StraightGrid, lambert, mercator, polar
from streams.sources.forecasts.netcdf_time import TimeAxis, cf_axis, ioapi_axis, wrf_axis
from streams.sources.forecasts.runs import Run, cf_runs
from streams.sources.forecasts.variables import Names
from streams.sources.tally import Unusable


@dataclass(frozen=True)
class Layout:
    """How a run is laid out: kind ("ioapi", "wrf" or "cf"), its grid, its hours and the names of its dimensions.

    time: empty where the run has one hour and no dimension for it. names: the variables by what they are.
    """

    kind: str
    grid: Grid
    axis: TimeAxis
    time: str
    row: str
    column: str
    names: Names


def runs_of(dataset: xr.Dataset) -> Iterator[Run]:
    """Give the runs of a file one by one: most files hold one; raise Unusable where its times are not understood."""
    if _kind(dataset) == "cf":
        yield from cf_runs(dataset)
    else:
        yield Run(dataset)


def layout_of(run: Run) -> Layout:
    """Recognise the layout of one run; raise Unusable that says what is missing."""
    dataset, kind = run.dataset, _kind(run.dataset)
    names = Names(dataset)
    if kind == "ioapi":
        return Layout(kind, ioapi_grid(dataset), ioapi_axis(dataset), "TSTEP", "ROW", "COL", names)
    if kind == "wrf" and "XLAT" not in dataset.variables:
        grid, row, column = cf_grid(dataset)
        return Layout(kind, grid, wrf_axis(dataset), "Time", row, column, names)
    if kind == "wrf":
        row, column = dataset["XLAT"].dims[-2:]
        return Layout(kind, wrf_grid(dataset), wrf_axis(dataset), "Time", str(row), str(column), names)
    found = cf_grid(dataset)
    if found is None or run.stamps is None:
        missing = missing_coordinates(dataset) + (["time"] if run.stamps is None else [])
        raise Unusable(
            "variables",
            f"no layout that we know: no {' and no '.join(missing)}",
            ", ".join(map(str, dataset.variables))[:150],
            "IOAPI (TFLAG, GDTYP), WRF (XLAT, XLONG, Times) or CF (time, latitude, longitude)",
        )
    grid, row, column = found
    axis = cf_axis(dataset, run.time, run.stamps, run.start)
    return Layout(kind, grid, replace(axis, notes=(*run.notes, *axis.notes)), run.dimension, row, column, names)


def _kind(dataset: xr.Dataset) -> str:
    if "TFLAG" in dataset.variables and "GDTYP" in dataset.attrs:
        return "ioapi"
    if {"XLAT", "XLONG"} <= set(dataset.variables) and {"Times", "XTIME"} & set(dataset.variables):
        return "wrf"
    # CHIMERE: the times and dimensions of WRF, the coordinates of CF.
    if "Times" in dataset.variables and dataset["Times"].dims[:1] == ("Time",) and not missing_coordinates(dataset):
        return "cf" if {"time", "Time"} & set(dataset.variables) else "wrf"
    return "cf"


def ioapi_grid(dataset: xr.Dataset) -> StraightGrid:
    """Build the grid of an IOAPI file from its global attributes; raise Unusable for a missing one or another
    projection.
    """
    a = {name: _number(dataset, name) for name in ("GDTYP", "XORIG", "YORIG", "XCELL", "YCELL")}
    columns, rows = dataset.sizes.get("COL", 0), dataset.sizes.get("ROW", 0)
    if min(columns, rows) < 2 or columns * rows > MOST_CELLS:
        raise Unusable(
            "dimensions ROW, COL", "not a grid, or too large", f"{rows} x {columns}", f"2 x 2 to {MOST_CELLS} cells"
        )
    x = a["XORIG"] + (np.arange(columns) + 0.5) * a["XCELL"]
    y = a["YORIG"] + (np.arange(rows) + 0.5) * a["YCELL"]
    if a["GDTYP"] == 1:
        return _degrees_grid(x, y)
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
    try:
        # XORIG and YORIG count from (XCENT, YCENT), which need not be where the projection has its origin.
        east, north = Proj(projection)(x0, y0)
    except CRSError:
        found = f"P_ALP {alp:g}, P_BET {bet:g}, P_GAM {gam:g}, YCENT {y0:g}"
        raise Unusable("global attributes", "not a projection", found, "as the I/O API has them") from None
    if not np.isfinite([east, north]).all() or not (a["XCELL"] and a["YCELL"]):
        raise Unusable(
            "global attributes",
            "not a grid",
            f"XCENT {x0:g}, YCENT {y0:g}, XCELL {a['XCELL']:g}",
            "a grid on the Earth",
        )
    return StraightGrid(x + east, y + north, projection)


def _degrees_grid(x: np.ndarray, y: np.ndarray) -> StraightGrid:
    for name, axis in (("longitude", x), ("latitude", y)):
        low, high = LIMITS[name]
        if not low <= axis.min() <= axis.max() <= high or axis[0] == axis[1]:
            found = f"{axis[0]:g} to {axis[-1]:g}"
            raise Unusable(
                "global attributes", f"no {name} lies there", found, f"{low:g} to {high:g} degrees, in order"
            )
    return StraightGrid(x, y)


def _number(dataset: xr.Dataset, name: str) -> float:
    value = number(dataset.attrs, name)
    if value is None:
        reason = "no number" if name in dataset.attrs else "missing"
        raise Unusable(f"global attribute {name}", reason, text(dataset.attrs, name), "a number, as the I/O API has it")
    return value
