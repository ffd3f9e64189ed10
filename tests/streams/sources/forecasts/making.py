"""Make forecast files attribute by attribute: a plain CF run over our cities, of which a test changes what it is about."""

from __future__ import annotations

import copy
from pathlib import Path

import netCDF4
import numpy as np

from streams.records import FORECAST_VARIABLES, ForecastBlock
from streams.registry import load
from streams.sources import parse_file
from streams.sources.tally import Parsed

REGISTRY = load()
LAT, LON = np.linspace(28.0, 34.0, 17), np.linspace(101.0, 107.0, 19)
STEPS = 6
FIRST = 464_988 + 36
"""2023-01-19T00:00Z, the first stamp [epoch h]."""
PLACE = "1432A"
TOP_TO_GROUND = np.array([1500.0, 300, 100, 60, 40])
"""Ozone [ppb] of five levels."""


def plain(
    name: str = "O3", units: str = "ppbV", value: float | np.ndarray = 40.0, *, steps: int = STEPS, dtype: str = "f4"
) -> dict:
    """Describe a run: {"dims", "attrs", "variables": name to [type, dimensions, data, attributes]}; value may have any shape
    that broadcasts to (step, row, column).
    """
    value = np.reshape(value, (-1, 1, 1)) if np.ndim(value) == 1 else value
    data = np.broadcast_to(np.asarray(value, float), (steps, LAT.size, LON.size))
    return {
        "dims": {"time": steps, "lat": LAT.size, "lon": LON.size},
        "attrs": {},
        "variables": {
            "time": ["f8", ("time",), np.arange(steps, dtype=float), {"units": "hours since 2023-01-19 00:00:00"}],
            "lat": ["f8", ("lat",), LAT, {"units": "degrees_north"}],
            "lon": ["f8", ("lon",), LON, {"units": "degrees_east"}],
            name: [dtype, ("time", "lat", "lon"), data, {"units": units}],
        },
    }


def with_dimension(
    run: dict, dimension: str, values: np.ndarray, by_index: np.ndarray, attrs: dict, *, at: int = 1
) -> dict:
    """Give the run with another dimension of its last variable: by_index are the values along it, everywhere alike."""
    run = copy.deepcopy(run)
    name = list(run["variables"])[-1]
    kind, dims, data, attributes = run["variables"][name]
    run["dims"][dimension] = len(by_index)
    shape = [len(by_index) if i == at else 1 for i in range(len(dims) + 1)]
    data = np.broadcast_to(np.reshape(by_index, shape), [run["dims"][d] for d in (*dims[:at], dimension, *dims[at:])])
    del run["variables"][name]
    if values is not None:
        run["variables"][dimension] = ["f8", (dimension,), np.asarray(values, float), attrs]
    run["variables"][name] = [kind, (*dims[:at], dimension, *dims[at:]), data, attributes]
    return run


def levels(name: str, values, attrs: dict, ppb=TOP_TO_GROUND, **more) -> dict:
    """Give a run of ozone [ppb] on levels, from the top to the ground."""
    run = with_dimension(plain("O3", "ppbV"), name, values, np.asarray(ppb, float), attrs)
    o3 = run["variables"].pop("O3")
    run["variables"] |= more | {"O3": o3}
    return run


def cfgrib(*, runs: int = 1, steps: int = 24, valid: bool = True) -> dict:
    """As cfgrib writes it: `time` is the start of the run, `step` the lead, `valid_time` their sum."""
    run = plain("go3", "kg kg**-1", steps=runs)
    run = with_dimension(
        run, "step", np.arange(1, steps + 1), np.arange(40, 40 + steps) * 1e-9,
        {"standard_name": "forecast_period", "units": "hours", "long_name": "time since forecast_reference_time"},
    )  # fmt: skip
    starts = 12.0 * np.arange(runs)
    run["variables"]["time"] = [
        "f8", ("time",), starts, {"standard_name": "forecast_reference_time", "units": "hours since 2023-01-19"},
    ]  # fmt: skip
    if valid:
        hours = starts[:, None] + np.arange(1, steps + 1)
        run["variables"]["valid_time"] = [
            "f8", ("time", "step"), hours, {"standard_name": "time", "units": "hours since 2023-01-19"},
        ]  # fmt: skip
        run["variables"]["go3"] = run["variables"].pop("go3")
    return run


def layered(edges: list[float], kind: int) -> dict:
    """A run in IOAPI layout on a grid of longitudes and latitudes, with layers from the ground up as VGLVLS has them."""
    run = levels("LAY", None, {}, np.linspace(40, 80, len(edges) - 1))
    rename = {"time": "TSTEP", "lat": "ROW", "lon": "COL"}
    run["dims"] = {rename.get(d, d): size for d, size in run["dims"].items()} | {"VAR": 1, "DATE-TIME": 2}
    _, dims, data, attrs = run["variables"]["O3"]
    flags = np.stack([np.full(6, 2023019), 10_000 * np.arange(6)], axis=1)[:, None]
    run["variables"] = {
        "TFLAG": ["i4", ("TSTEP", "VAR", "DATE-TIME"), flags, {}],
        "O3": ["f4", tuple(rename.get(d, d) for d in dims), data, attrs],
    }
    run["attrs"] = {
        "GDTYP": 1, "XORIG": 101.0 - 1 / 6, "YORIG": 28 - 0.375 / 2, "XCELL": 1 / 3, "YCELL": 0.375, "TSTEP": 10_000,
        "VGLVLS": np.float32(edges), "VGTYP": np.int32(kind),
    }  # fmt: skip
    return run


def sloping() -> dict:
    """Give a run of ozone [ug/m3] that is a plane in longitude and latitude."""
    return plain("O3", "ug m-3", (100 + 20 * (LON[None, :] - 104) + 30 * (LAT[:, None] - 30))[None])


def fields_of(moving: float = 0.0, names=("lat", "lon"), **units) -> dict:
    """Give the plane with fields of latitude and longitude that move by so many degrees a step."""
    run = sloping()
    y, x = np.broadcast_arrays(LAT[:, None], LON[None, :])
    for name, field, unit in ((names[0], y, "degrees_north"), (names[1], x, "degrees_east")):
        data = field[None] + moving * np.arange(6)[:, None, None]
        run["variables"].pop({"lat": "lat", "lon": "lon"}.get(name, name), None)
        run["variables"][name] = ["f8", ("time", "y", "x"), data, {"units": units.get(name, unit)}]
    run["dims"] = {"time": 6, "y": LAT.size, "x": LON.size}
    o3 = run["variables"].pop("O3")
    run["variables"] = {n: v for n, v in run["variables"].items() if n not in ("lat", "lon") or n in names}
    run["variables"]["O3"] = [o3[0], ("time", "y", "x"), *o3[2:]]
    return run


def wrf(moving: float = 0.0) -> dict:
    """Give the plane in WRF layout, on a grid that moves by so many degrees a step."""
    run = fields_of(moving, names=("XLAT", "XLONG"))
    run["variables"] = {"XTIME": ["f4", ("time",), 60.0 * np.arange(6), {}], **run["variables"]}
    rename = {"time": "Time", "y": "south_north", "x": "west_east"}
    run["dims"] = {rename[d]: size for d, size in run["dims"].items()}
    run["variables"] = {
        n: [k, tuple(rename[d] for d in dims), *rest] for n, (k, dims, *rest) in run["variables"].items()
    }
    run["attrs"] = {"SIMULATION_START_DATE": "2023-01-19_00:00:00"}
    return run


def write(path: Path, run: dict, *, form: str = "NETCDF4") -> Path:
    """Write a described run."""
    with netCDF4.Dataset(path, "w", format=form) as file:
        file.set_auto_maskandscale(False)
        file.setncatts(run["attrs"])
        for name, size in run["dims"].items():
            file.createDimension(name, size)
        for name, (kind, dims, data, attrs) in run["variables"].items():
            attrs = dict(attrs)
            variable = file.createVariable(
                name, kind, dims, fill_value=attrs.pop("_FillValue", None), zlib=form == "NETCDF4" and bool(dims)
            )
            variable.set_auto_maskandscale(False)
            variable.setncatts(attrs)
            variable[...] = np.asarray(data).astype(kind) if isinstance(kind, str) else data
    return path


def read(path: Path, run: dict, **options) -> Parsed:
    """Write a described run and read it as the platform does."""
    return parse_file(write(path / "run.nc", run, **options), REGISTRY, received_at=0.0)


def block_of(parsed: Parsed, city: str = "510100") -> ForecastBlock:
    """Give the first block of a city; what was rejected is shown where there is none."""
    blocks = [block for block in parsed.blocks if block.city == city]
    assert blocks, [f"{r.position}: {r.reason} ({r.value}), expected {r.expected}" for r in parsed.rejected]
    return blocks[0]


def series(parsed: Parsed, variable: str = "o3") -> np.ndarray:
    """Give the values of a variable at PLACE (the first place where it is not there), hour by hour."""
    block = block_of(parsed)
    place = block.places.index(PLACE) if PLACE in block.places else 0
    return block.values[FORECAST_VARIABLES.index(variable), place]


def reasons(parsed: Parsed) -> str:
    """Give all that was said, as one text; nothing of it may be what a library raised."""
    assert not any(r.reason.startswith(("cannot be read", "reading it failed")) for r in parsed.rejected), (
        parsed.rejected
    )
    return " | ".join(f"{r.position}: {r.reason}: {r.value}: {r.expected}" for r in parsed.rejected)


def refused(parsed: Parsed) -> str:
    """Give what was said of a run of which nothing was taken."""
    assert parsed.blocks == [], block_of(parsed).provenance
    assert parsed.rejected and all(r.expected for r in parsed.rejected)
    return reasons(parsed)
