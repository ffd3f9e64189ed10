"""Write forecast runs as NetCDF files in the layouts that streams.sources.forecasts.cdaqs reads: for examples, tests and
stand-ins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xarray as xr

from streams.sources.forecasts.grid import StraightGrid, lambert

LAMBERT_PARALLELS = (25.0, 40.0)
LAMBERT_CENTRE = (104.0, 30.5)
"""Standard parallels, and longitude and latitude of the origin [deg]: a Lambert grid over the Chengdu Plain."""
EPOCH = dt.datetime(1970, 1, 1)


def lambert_grid(
    *, rows: int, columns: int, cell_m: float, centre: tuple[float, float] = LAMBERT_CENTRE
) -> StraightGrid:
    """Lay a Lambert grid of square cells [m] around the origin of its projection [deg]."""
    x, y = ((np.arange(n) - (n - 1) / 2) * cell_m for n in (columns, rows))
    return StraightGrid(x, y, lambert(*LAMBERT_PARALLELS, centre[0], centre[1]))


def write_ioapi(
    path: str | Path,
    fields: Mapping[str, tuple[str, np.ndarray]],
    *,
    rows: int,
    columns: int,
    cell_m: float,
    first_stamp: int,
    run_init: int | None = None,
    centre: tuple[float, float] = LAMBERT_CENTRE,
    time_label: str = "start",
    step_hours: int = 1,
    attributes: Mapping[str, object] | None = None,
    classic: bool = False,
    complevel: int = 9,
    chunk: tuple[int, int] | None = None,
) -> None:
    """Write an hourly run in IOAPI layout on a Lambert grid.

    fields: variable's name to (unit, values (step, row, column)). first_stamp and run_init [epoch h] (None: no
    attribute). time_label: what the stamps mean. classic: NetCDF-3 instead of compressed NetCDF-4. complevel:
    of zlib, 0 to 9. chunk: rows and columns whose steps are all compressed together, None for what the library chooses.
    """
    steps = next(iter(fields.values()))[1].shape[0]
    stamps = [EPOCH + dt.timedelta(hours=first_stamp + step_hours * i) for i in range(steps)]
    flags = np.array([[int(t.strftime("%Y%j")), int(t.strftime("%H%M%S"))] for t in stamps], np.int32)
    dataset = xr.Dataset(
        {
            "TFLAG": (
                ("TSTEP", "VAR", "DATE-TIME"),
                np.repeat(flags[:, None, :], len(fields), axis=1),
                {"units": "<YYYYDDD,HHMMSS>"},
            ),
            **{
                n: (("TSTEP", "LAY", "ROW", "COL"), v[:, None].astype("f4"), {"units": f"{u:<16}"})
                for n, (u, v) in fields.items()
            },
        },
        attrs=_ioapi_attributes(fields, rows, columns, cell_m, centre, stamps[0], step_hours)
        | ({"run_init": _iso(run_init)} if run_init is not None else {})
        | {"time_label": time_label, **(attributes or {})},
    )
    _write(dataset, path, classic, complevel, chunk)


def write_cf(
    path: str | Path,
    fields: Mapping[str, tuple[str, np.ndarray]],
    *,
    lon: np.ndarray,
    lat: np.ndarray,
    first_stamp: int,
    run_init: int | None = None,
    step_hours: int = 1,
    attributes: Mapping[str, object] | None = None,
    standard_names: Mapping[str, str] | None = None,
    classic: bool = False,
    complevel: int = 9,
    chunk: tuple[int, int] | None = None,
) -> None:
    """Write a run in CF layout; lon and lat [deg] are two axes, or two fields (row, column). The rest as in
    write_ioapi.
    """
    steps = next(iter(fields.values()))[1].shape[0]
    across = ("lat", "lon") if lon.ndim == 1 else ("y", "x")
    attrs = {"standard_name": "time", "units": f"hours since {_iso(first_stamp)}", "calendar": "standard"}
    coords: dict[str, tuple] = {
        "time": ("time", np.arange(steps) * step_hours, attrs),
        "lon": ("lon" if lon.ndim == 1 else across, lon, {"standard_name": "longitude", "units": "degrees_east"}),
        "lat": ("lat" if lat.ndim == 1 else across, lat, {"standard_name": "latitude", "units": "degrees_north"}),
    }  # fmt: skip
    if run_init is not None:
        units = {
            "standard_name": "forecast_reference_time",
            "units": f"hours since {_iso(run_init)}",
            "calendar": "standard",
        }
        coords["forecast_reference_time"] = ((), 0, units)
    names = standard_names or {}
    dataset = xr.Dataset(
        {
            n: (("time", *across), v.astype("f4"), {"units": u} | ({"standard_name": names[n]} if n in names else {}))
            for n, (u, v) in fields.items()
        },
        coords=coords,
        attrs={"Conventions": "CF-1.10", **(attributes or {})},
    )
    _write(dataset, path, classic, complevel, chunk)


def _ioapi_attributes(
    fields: Mapping,
    rows: int,
    columns: int,
    cell_m: float,
    centre: tuple[float, float],
    first: dt.datetime,
    step_hours: int,
) -> dict[str, object]:
    return {
        "IOAPI_VERSION": "written by airshed, in the layout of the I/O API", "FTYPE": np.int32(1),
        "SDATE": np.int32(first.strftime("%Y%j")), "STIME": np.int32(first.strftime("%H%M%S")),
        "TSTEP": np.int32(step_hours * 10_000),
        "NCOLS": np.int32(columns), "NROWS": np.int32(rows), "NLAYS": np.int32(1),
        "NVARS": np.int32(len(fields)), "VAR-LIST": "".join(f"{n:<16}" for n in fields), "GDTYP": np.int32(2),
        "P_ALP": LAMBERT_PARALLELS[0], "P_BET": LAMBERT_PARALLELS[1], "P_GAM": centre[0],
        "XCENT": centre[0], "YCENT": centre[1],
        "XORIG": -columns / 2 * cell_m, "YORIG": -rows / 2 * cell_m, "XCELL": cell_m, "YCELL": cell_m,
        "GDNAM": "AIRSHED         ", "UPNAM": "AIRSHED         ",
    }  # fmt: skip


def _write(dataset: xr.Dataset, path: str | Path, classic: bool, complevel: int, chunk: tuple[int, int] | None) -> None:
    if classic:
        dataset.to_netcdf(
            path,
            format="NETCDF3_64BIT",
            engine="netcdf4",
            unlimited_dims=[d for d in ("TSTEP", "time") if d in dataset.dims],
        )
        return
    packing = {"zlib": True, "complevel": complevel, "shuffle": True}
    dataset.to_netcdf(
        path,
        format="NETCDF4",
        engine="netcdf4",
        encoding={name: packing | _chunks(dataset[name], chunk) for name in dataset.data_vars if dataset[name].ndim},
    )


def _chunks(field: xr.DataArray, chunk: tuple[int, int] | None) -> dict[str, tuple[int, ...]]:
    if chunk is None or field.name == "TFLAG":
        return {}
    *outer, rows, columns = field.shape
    return {"chunksizes": (*outer, min(chunk[0], rows), min(chunk[1], columns))}


def _iso(hour: int) -> str:
    return (EPOCH + dt.timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ")
