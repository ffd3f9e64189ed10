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
