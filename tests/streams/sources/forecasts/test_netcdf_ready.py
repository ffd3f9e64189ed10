"""Files half-written, cut off and broken are told from complete ones."""

from __future__ import annotations

import os
import random
from pathlib import Path

import netCDF4
import numpy as np
import pytest

from streams.records import Rejected
from streams.sources.forecasts.netcdf_ready import fault, readiness
from tests.streams import real_data

DATA = real_data.DATA / "netcdf"
FORMATS = ("NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET", "NETCDF3_64BIT_DATA", "NETCDF4", "NETCDF4_CLASSIC")


def write(path: Path, form: str, *, records: bool = True, variables: int = 2) -> Path:
    with netCDF4.Dataset(path, "w", format=form) as file:
        file.title = "a title of odd length"
        file.createDimension("time", None if records else 5)
        file.createDimension("x", 7)
        for i in range(variables):
            v = file.createVariable(f"v{i}", ("i2", "f4", "f8")[i % 3], ("time", "x"))
            v.units = "ug m-3"
            v[:] = np.arange(35).reshape(5, 7)
        if records:
            file.createVariable("fixed", "i1", ("x",))[:] = np.arange(7)
    return path


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("records", [True, False])
@pytest.mark.parametrize("variables", [1, 2, 3])
def test_a_complete_file_is_ready_and_any_cut_is_not(tmp_path: Path, form: str, records: bool, variables: int) -> None:
    path = write(tmp_path / "run.nc", form, records=records, variables=variables)
    assert fault(path) == ""
    whole = path.read_bytes()
    # The last bytes of a classic file may be padding: cut where data are lost for certain.
    for keep in {len(whole) - 8, len(whole) // 2, 60, 5, 3, 0}:
        path.write_bytes(whole[:keep])
        assert fault(path), f"{keep} of {len(whole)} bytes"


@pytest.mark.parametrize("form", FORMATS)
def test_bytes_overwritten_by_chance_raise_nothing(tmp_path: Path, form: str) -> None:
    path, chance = write(tmp_path / "run.nc", form), random.Random(7)
    whole = path.read_bytes()
    for _ in range(200):
        spoiled = bytearray(whole)
        for _ in range(3):
            spoiled[chance.randrange(4, min(400, len(whole)))] = chance.randrange(256)
        path.write_bytes(spoiled)
        assert isinstance(fault(path), str)


def test_a_half_written_file_is_waited_for_and_then_given_up(tmp_path: Path) -> None:
    path = write(tmp_path / "run.nc", "NETCDF3_CLASSIC")
    path.write_bytes(path.read_bytes()[:-40])
    os.utime(path, (1000, 1000))
    assert readiness(path, now=1001) == "wait"
    assert readiness(path, now=1100, give_up_s=600) == "wait"
    given_up = readiness(path, now=1700, give_up_s=600)
    assert isinstance(given_up, Rejected)
    assert given_up.file == "run.nc" and "the header promises" in given_up.reason and "600 s" in given_up.expected


def test_a_complete_file_is_ready_once_it_rests(tmp_path: Path) -> None:
    path = write(tmp_path / "run.nc", "NETCDF4")
    os.utime(path, (1000, 1000))
    assert readiness(path, now=1003) == "wait"
    assert readiness(path, now=1005) == "ready"
    assert readiness(tmp_path / "gone.nc", now=1005) == "wait"


def test_a_file_of_another_kind_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "run.nc"
    path.write_bytes(b"<html>404</html>")
    os.utime(path, (1000, 1000))
    given_up = readiness(path, now=5000)
    assert isinstance(given_up, Rejected) and "expected CDF or HDF" in given_up.reason


@pytest.mark.skipif(not DATA.is_dir(), reason="no real data: set AIRSHED_DATA to the folder of test data")
def test_every_real_sample_is_complete() -> None:
    samples = sorted(DATA.rglob("*.nc"))
    assert len(samples) > 8
    assert {p.name: fault(p) for p in samples if fault(p)} == {}
