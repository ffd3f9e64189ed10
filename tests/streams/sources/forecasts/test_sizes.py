"""Files that claim more than memory holds, and types and groups that are no fields: answered from the header."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from streams.sources import parse_file
from tests.streams.sources.forecasts.making import (
    FIRST,
    LAT,
    LON,
    REGISTRY,
    plain,
    read,
    reasons,
    refused,
    series,
    wrf,
    write,
)

ROOT = Path(__file__).parents[4]
MOST_S, MOST_MB = 10, 500
"""What one file may take of a core and of memory, imports included."""


def claims(path: Path, *, steps=6, rows=17, columns=19, fields=False, chunks=None, time=True, level=0) -> Path:
    """A file of hollow variables: dimensions of any size, and hardly a byte of data."""
    with netCDF4.Dataset(path, "w") as file:
        sizes = {"time": steps, "lat": rows, "lon": columns} | ({"lev": level} if level else {})
        for name, size in sizes.items():
            file.createDimension(name, size)
        if time:
            stamps = file.createVariable("time", "f8", ("time",), zlib=True)
            stamps.units = "hours since 2023-01-19"
            if steps < 1_000_000:
                stamps[:] = np.arange(steps)
        for name, values, size, units in (("lat", LAT, rows, "degrees_north"), ("lon", LON, columns, "degrees_east")):
            axis = file.createVariable(name, "f8", ("lat", "lon") if fields else (name,), zlib=True)
            axis.units = units
            if not fields:
                axis[:] = np.linspace(values[0], values[-1], size)
        dims = ("time", "lev", "lat", "lon") if level else ("time", "lat", "lon")
        file.createVariable("O3", "f4", dims, zlib=True, chunksizes=chunks).units = "ppbV"
        file["O3"].units = "ppbV"
    return path


def long_attribute(path: Path) -> Path:
    with netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC") as file:
        file.history = "x" * 20_000_000
    return path


def many_variables(path: Path) -> Path:
    with netCDF4.Dataset(path, "w", format="NETCDF3_CLASSIC") as file:
        for i in range(6_000):
            file.createVariable(f"v{i}", "i1", ())
    return path


HOLLOW = {
    "steps": (lambda p: claims(p, steps=1_000_000_000, chunks=(1, 17, 19)), "more time steps"),
    "steps_without_times": (lambda p: claims(p, steps=1_000_000_000, chunks=(1, 17, 19), time=False), "no time"),
    "a_hundred_thousand_steps": (lambda p: claims(p, steps=100_000, chunks=(1, 17, 19)), "more time steps"),
    "axes": (lambda p: claims(p, rows=100_000, columns=100_000, chunks=(1, 100, 100)), "too large"),
    "fields": (lambda p: claims(p, rows=20_000, columns=20_000, fields=True, chunks=(1, 100, 100)), "too large"),
    "window": (lambda p: claims(p, rows=30_000, columns=30_000, chunks=(1, 100, 100)), "more values over our cities"),
    "chunk": (lambda p: claims(p, steps=1000, rows=600, columns=600, chunks=(1000, 600, 600)), "fill the memory"),
    "levels": (lambda p: claims(p, level=1_000_000, chunks=(1, 1, 17, 19)), "more levels"),
    "attribute": (long_attribute, "an attribute without end"),
    "variables": (many_variables, "more variables"),
}


@pytest.mark.parametrize("name", HOLLOW)
def test_a_file_that_claims_too_much_is_answered_in_words_within_seconds_and_memory(tmp_path, name) -> None:
    make, word = HOLLOW[name]
    path = make(tmp_path / "run.nc")
    code = (
        "import re, sys, time; from streams.registry import load; from streams.sources import parse_file\n"
        "started = time.process_time(); parsed = parse_file(sys.argv[1], load(), received_at=0.0)\n"
        "print(len(parsed.blocks), [r.reason for r in parsed.rejected], sep='|')\n"
        "print(time.process_time() - started, int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]) / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=300,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    said, used = done.stdout.strip().splitlines()
    seconds, megabytes = map(float, used.split())
    assert said.startswith("0|") and word in said and "cannot be read" not in said
    assert seconds < MOST_S and megabytes < MOST_MB


def test_variables_in_groups_are_named(tmp_path) -> None:
    path = write(tmp_path / "run.nc", plain())
    with netCDF4.Dataset(path, "a") as file:
        file.createGroup("PRODUCT").createVariable("NO2", "f4", ())
    assert parse_file(path, REGISTRY, received_at=0.0).rejected == []
    with netCDF4.Dataset(tmp_path / "groups.nc", "w") as file:
        file.createGroup("PRODUCT").createVariable("NO2", "f4", ())
    said = refused(parse_file(tmp_path / "groups.nc", REGISTRY, received_at=0.0))
    assert "groups" in said and "PRODUCT" in said and "root" in said


@pytest.mark.parametrize("kind", ["compound", "vlen", "enum"])
def test_types_that_are_no_numbers_are_named_and_the_rest_lives(tmp_path, kind) -> None:
    path = write(tmp_path / "run.nc", plain("PM25", "ug m-3", 35))
    with netCDF4.Dataset(path, "a") as file:
        made = {
            "compound": lambda: file.createCompoundType(np.dtype([("a", "f4"), ("b", "i4")]), "pair"),
            "vlen": lambda: file.createVLType(np.float32, "ragged"),
            "enum": lambda: file.createEnumType(np.int8, "cloud", {"clear": 0, "covered": 1}),
        }[kind]()
        file.createVariable("O3", made, ("time", "lat", "lon")).units = "ppbV"
    parsed = parse_file(path, REGISTRY, received_at=0.0)
    assert [(r.position, r.rows) for r in parsed.rejected] == [("variable O3", 0)] and "no number" in reasons(parsed)
    assert series(parsed, "pm25")[0] == 35


@pytest.mark.parametrize(
    "form", ["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA", "NETCDF4_CLASSIC", "NETCDF4"]
)
def test_every_form_of_netcdf_is_read_alike(tmp_path, form) -> None:
    np.testing.assert_allclose(series(read(tmp_path, plain(), form=form)), 40 * 47.998 / 24.465, rtol=1e-4)


def test_labels_and_flags_of_other_types_cost_nothing(tmp_path) -> None:
    run = plain()
    run["variables"] = {"expver": [str, ("time",), np.array(["0001"] * 6, object), {}], **run["variables"]}
    path = write(tmp_path / "run.nc", run)
    with netCDF4.Dataset(path, "a") as file:
        flag = file.createEnumType(np.int8, "cloud", {"clear": 0, "covered": 1})
        file.createVariable("flag", flag, ("time", "lat", "lon"))
    assert parse_file(path, REGISTRY, received_at=0.0).rejected == []


def test_times_of_wrf_as_text_of_any_length_are_read(tmp_path) -> None:
    run = wrf()
    times = np.array([f"2023-01-19_{hour:02d}:00:00" for hour in range(6)], object)
    run["variables"] = {"Times": [str, ("Time",), times, {}], **run["variables"]}
    parsed = read(tmp_path, run)
    assert parsed.rejected == [] and parsed.blocks[0].first_hour == FIRST and parsed.blocks[0].hours == 6
