"""Forecast files of random attributes: what comes out is right by a small oracle, or a reject in words; nothing raises."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.properties.test_feed_damage import assert_answered
from tests.streams.sources.forecasts.making import (
    FIRST,
    LAT,
    LON,
    block_of,
    cfgrib,
    layered,
    plain,
    read,
    reasons,
    series,
    with_dimension,
    wrf,
)

VALUES = np.array([40.0, 45, 50, 55, 60, 65])
"""ppb; other units are made from them by the factors below, which are the oracle."""
PPB = 47.998 / 24.465


@dataclass(frozen=True)
class Choice:
    """How one attribute is written, and what it means: None where it is to be refused."""

    written: object
    means: object


UNITS = [
    Choice("ppbV", 1.0),
    Choice("nmol mol-1", 1.0),
    Choice("ppmv", 1e-3),
    Choice("mol mol**-1", 1e-9),
    Choice("µg/m³", PPB),
    Choice("ug.m-3", PPB),
    Choice("mg m^-3", PPB * 1e-3),
    Choice("kg kg-1", 1e-9 * 47.998 / 28.9647),
    Choice("ppbC", None),
    Choice("K", None),
    Choice("", None),
    Choice("kg m-2", None),
    Choice("1", None),
]
ZONES = [
    Choice("", 0),
    Choice("Z", 0),
    Choice(" UTC", 0),
    Choice(" +08:00", 8),
    Choice(" UTC+8", 8),
    Choice(" BJT", 8),
    Choice(" -6", -6),
    Choice(" Asia/Shanghai", 8),
    Choice(" CST", None),
    Choice(" local", None),
]
TIME_UNITS = [
    Choice("hours", 1),
    Choice("minutes", 60),
    Choice("days", 1 / 24),
    Choice("seconds", 3600),
    Choice("months", None),
    Choice("moons", None),
]
CALENDARS = [
    Choice(None, 1),
    Choice("standard", 1),
    Choice("proleptic_gregorian", 1),
    Choice("noleap", None),
    Choice("360_day", None),
]
STAMPS = [Choice("instant", 0), Choice("half", 1), Choice("bounds", 1), Choice("wide bounds", None)]
"""What is written, and how many hours after the stamp's hour the value's hour ends."""
LEVELS = [
    Choice(None, True),
    Choice(("height", [2.0, 100, 900], {"units": "m"}), True),
    Choice(("plev", [1000.0, 850, 500], {"units": "hPa"}), True),
    Choice(("lev", [0.99, 0.5, 0.1], {"standard_name": "atmosphere_sigma_coordinate", "positive": "up"}), True),
    Choice(("lev", [3.0, 2, 1], {"positive": "down"}), True),
    Choice(("lev", [1.0, 2, 3], {"positive": "up"}), True),
    Choice(("lev", [1.0, 2, 3], {}), None),
    Choice(("plev", [500.0, 300, 100], {"units": "hPa"}), None),
    Choice(("number", [0.0, 1, 2], {}), None),
    Choice(("bin", [0.0, 1, 2], {}), None),
]
"""The first of the three is at the ground, or nothing says which."""
METHODS = [
    Choice(None, 1),
    Choice("time: mean", 1),
    Choice("time: point", 1),
    Choice("time: maximum", None),
    Choice("time: sum", None),
]
NAMES = [
    Choice(None, 1),
    Choice("mole_fraction_of_ozone_in_air", "mole"),
    Choice("mass_concentration_of_ozone_in_air", "mass"),
    Choice("unknown", 1),
    Choice("mole_fraction_of_methane_in_air", None),
]


@st.composite
def written(draw) -> tuple[dict, dict]:
    """Give the choices of one file, and what else is random of it."""
    tables = {
        "units": UNITS,
        "zone": ZONES,
        "time_units": TIME_UNITS,
        "calendar": CALENDARS,
        "stamps": STAMPS,
        "level": LEVELS,
        "methods": METHODS,
        "standard_name": NAMES,
    }
    # One or two attributes are anything; the others are such as are understood, else every file would be refused.
    free = draw(st.sets(st.sampled_from(sorted(tables)), max_size=2))
    chosen = {
        name: draw(st.sampled_from(table if name in free else [c for c in table if c.means is not None]))
        for name, table in tables.items()
    }
    more = {
        "turned_levels": draw(st.booleans()),
        "falling": draw(st.booleans()),
        "globe": draw(st.booleans()),
        "transposed": draw(st.booleans()),
        "packed": draw(st.booleans()),
        "missing": draw(st.sampled_from([None, 0, 3])),
        "extra": draw(st.sampled_from([None, "number", "foo"])),
        "form": draw(st.sampled_from(["NETCDF4", "NETCDF3_64BIT_DATA"])),
    }
    return chosen, more


def file_of(chosen: dict, more: dict) -> dict:
    """Describe the file."""
    run = plain("O3", chosen["units"].written, VALUES * (chosen["units"].means or 1.0), dtype="f8")
    attrs = run["variables"]["O3"][3]
    for attribute, choice in (("standard_name", chosen["standard_name"]), ("cell_methods", chosen["methods"])):
        if choice.written:
            attrs[attribute] = choice.written
    if more["missing"] is not None:
        run["variables"]["O3"][2] = np.where(
            np.arange(6)[:, None, None] == more["missing"], -1e30, run["variables"]["O3"][2]
        )
    if more["packed"]:
        _pack(run["variables"]["O3"])
    if chosen["level"].written:
        _level(run, *chosen["level"].written, turned=more["turned_levels"])
    if more["extra"] and not (chosen["level"].written and chosen["level"].written[0] == more["extra"]):
        run = _one(run, more["extra"])
    _time(run, chosen)
    if more["globe"]:
        run["variables"]["lon"][2] = LON - 360
    if more["falling"]:
        run["variables"]["lat"][2] = LAT[::-1]
    if more["transposed"]:
        kind, dims, data, attrs = run["variables"]["O3"]
        run["variables"]["O3"] = [kind, dims[::-1], np.transpose(data), attrs]
    return run


def _pack(variable: list) -> None:
    values = variable[2]
    scale = float(np.abs(values[values > 0]).max()) / 30_000
    variable[0], variable[2] = "i2", np.where(values < -1e29, -32_000, np.rint(values / scale))
    variable[3] |= {
        "scale_factor": scale,
        "add_offset": 0.0,
        "_FillValue": np.int16(-32_000),
        "valid_range": np.int16([0, 30_000]),
    }


def _level(run: dict, name: str, values: list, attrs: dict, *, turned: bool) -> None:
    kind, dims, data, attributes = run["variables"].pop("O3")
    way = slice(None, None, -1) if turned else slice(None)
    # Above the ground there is three times as much.
    stacked = np.stack([data, data * 0.9, data * 0.8], axis=1)[:, way]
    run["dims"][name] = 3
    run["variables"][name] = ["f8", (name,), np.array(values)[way], attrs]
    run["variables"]["O3"] = [kind, (dims[0], name, *dims[1:]), stacked, attributes]


def _one(run: dict, name: str) -> dict:
    kind, dims, data, attrs = run["variables"]["O3"]
    run["dims"][name] = 1
    run["variables"]["O3"] = [kind, (name, *dims), data[None], attrs]
    return run


def _time(run: dict, chosen: dict) -> None:
    offset, factor = chosen["zone"].means or 0, chosen["time_units"].means or 1
    hours = np.arange(6.0) + (0.5 if chosen["stamps"].written == "half" else 0)
    start = np.datetime64("2023-01-19T00:00:00") + np.timedelta64(offset, "h")
    attrs = {"units": f"{chosen['time_units'].written} since {str(start).replace('T', ' ')}{chosen['zone'].written}"}
    if chosen["calendar"].written:
        attrs["calendar"] = chosen["calendar"].written
    if "bounds" in chosen["stamps"].written:
        attrs["bounds"] = "time_bnds"
        width = 8 if "wide" in chosen["stamps"].written else 1
        run["dims"]["nv"] = 2
        run["variables"]["time_bnds"] = ["f8", ("time", "nv"), np.stack([hours, hours + width], axis=1) * factor, {}]
    run["variables"]["time"] = ["f8", ("time",), hours * factor, attrs]


def expected(chosen: dict) -> bool:
    """Whether the file is understood: every choice means something, and standard name and unit are of one kind."""
    if any(choice.means is None for choice in chosen.values()):
        return False
    written = chosen["units"].written
    kind = "fraction" if written == "kg kg-1" else "mass" if written.startswith(("µg", "ug", "mg")) else "mole"
    return chosen["standard_name"].means in (1, kind)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(written())
def test_a_forecast_is_right_or_refused_in_words(what: tuple[dict, dict]) -> None:
    chosen, more = what
    with tempfile.TemporaryDirectory() as folder:
        parsed = read(Path(folder), file_of(chosen, more), form=more["form"])
    assert_answered(parsed)
    said = reasons(parsed)
    if not expected(chosen):
        assert parsed.blocks == [] and said
        return
    assert said == "", said
    block = block_of(parsed)
    assert (block.first_hour, block.hours) == (FIRST + chosen["stamps"].means, 6)
    right = np.where(np.arange(6) == (-1 if more["missing"] is None else more["missing"]), np.nan, VALUES * PPB)
    np.testing.assert_allclose(series(parsed), right, rtol=1e-3)


ODD = st.one_of(
    st.text(max_size=30),
    st.integers(-(2**31), 2**31 - 1),
    st.floats(width=32),
    st.lists(st.integers(-300, 300), min_size=1, max_size=3),
    st.sampled_from(
        ["time", "lat", "O3", "a: b b: c", "time: ", "hours since", "2023", "up", "down", "1e9999", "-", "nan"]
    ),
)
ATTRIBUTES = [
    "units", "calendar", "bounds", "standard_name", "long_name", "positive", "formula_terms", "cell_methods", "coordinates", "axis",
    "_Unsigned", "missing_value", "valid_range", "valid_min", "valid_max", "scale_factor", "add_offset", "climatology",
]  # fmt: skip
OF_FILES = [
    "time_label", "run_init", "START_DATE", "TSTEP", "SDATE", "STIME", "GDTYP", "P_ALP", "P_BET", "P_GAM",
    "XCENT", "YCENT", "XORIG", "YORIG", "XCELL", "YCELL", "VGLVLS", "VGTYP", "UPNAM", "FILEDESC",
    "BUCKET_MM", "model", "simulated", "time_zone", "history",
]  # fmt: skip
LEVELLED = with_dimension(
    plain(), "lev", np.array([0.99, 0.5]), np.array([40.0, 90]), {"standard_name": "atmosphere_sigma_coordinate"}
)
RUNS = {"cf": LEVELLED, "cfgrib": cfgrib(runs=2, steps=3), "ioapi": layered([1, 0.98, 0.9], 7), "wrf": wrf()}
EDITS = st.lists(st.tuples(st.integers(0, 20), st.sampled_from(ATTRIBUTES), ODD), max_size=3)
EDITS_OF_FILE = st.lists(st.tuples(st.sampled_from(OF_FILES), ODD), max_size=3)


@pytest.mark.parametrize("layout", RUNS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS, EDITS_OF_FILE)
def test_odd_attributes_anywhere_raise_nothing(layout: str, edits: list, of_file: list) -> None:
    run = copy.deepcopy(RUNS[layout])
    names = list(run["variables"])
    for which, attribute, value in edits:
        run["variables"][names[which % len(names)]][3][attribute] = _stored(value)
    run["attrs"] |= {attribute: _stored(value) for attribute, value in of_file}
    with tempfile.TemporaryDirectory() as folder:
        parsed = read(Path(folder), run)
    assert_answered(parsed)
    reasons(parsed)


def _stored(value: object) -> object:
    return value.replace("\0", "") if isinstance(value, str) else np.asarray(value)
