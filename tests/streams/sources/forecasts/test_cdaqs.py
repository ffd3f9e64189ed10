"""Forecast files: layouts, hour labels, units, runs, and what is said of files that cannot be used."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from research.virtual_airshed.forecasts.cdaqs_writer import lambert_grid, write_cf, write_ioapi
from standards.pollutants import ITEMS
from streams.records import CITY_MEAN, FORECAST_VARIABLES, epoch_hour
from streams.registry import load
from streams.sources import parse_file
from streams.sources.forecasts import cdaqs
from streams.sources.tally import Unusable
from streams.wire.messages import block_from, block_line
from tests.streams import real_data

DATA = real_data.DATA / "netcdf"
real = pytest.mark.skipif(not DATA.is_dir(), reason="no real data: set AIRSHED_DATA to the folder of test data")
REGISTRY = load()
INIT = epoch_hour(dt.datetime(2023, 1, 18, 12, tzinfo=dt.UTC))
ROWS, COLUMNS, CELL_M = 36, 40, 15_000.0
LON, LAT = np.arange(101.5, 106.6, 0.2), np.arange(28.0, 33.6, 0.2)


def linear(lon, lat):
    return 60 + 4 * (np.asarray(lon) - 104) + 3 * (np.asarray(lat) - 30.5)


def ioapi(path: Path, fields=None, *, steps: int = 3, classic: bool = False, **options) -> Path:
    lon, lat = lambert_grid(rows=ROWS, columns=COLUMNS, cell_m=CELL_M).lonlat
    field = np.stack([linear(lon, lat) + 10 * i for i in range(steps)])
    fields = fields or {"PM25_TOT": ("ug m-3", field)}
    options = {"first_stamp": INIT, "run_init": INIT} | options
    write_ioapi(path, fields, rows=ROWS, columns=COLUMNS, cell_m=CELL_M, classic=classic, **options)
    return path


def cf(path: Path, fields=None, *, steps: int = 3, lon=LON, lat=LAT, value: float | None = None, **options) -> Path:
    x, y = np.meshgrid(lon, lat) if lon.ndim == 1 else (lon, lat)
    field = np.stack(
        [linear((x + 180) % 360 - 180, y) + 10 * i if value is None else np.full(x.shape, value) for i in range(steps)]
    )
    chosen = (
        {"pm2p5": ("ug m**-3", field)}
        if fields is None
        else {n: (u, field if v is None else v) for n, (u, v) in fields.items()}
    )
    options = {"first_stamp": INIT, "run_init": INIT} | options
    write_cf(path, chosen, lon=lon, lat=lat, **options)
    return path


def constant(value: float, steps: int = 3) -> np.ndarray:
    return np.full((steps, LAT.size, LON.size), value)


def parse(path: Path, **options):
    return parse_file(path, REGISTRY, received_at=0.0, **options)


def block_of(parsed, city: str = "510100"):
    (found,) = (b for b in parsed.blocks if b.city == city)
    return found


def value_of(parsed, variable: str) -> float:
    assert parsed.rejected == []
    return float(block_of(parsed).values[FORECAST_VARIABLES.index(variable), 0, 0])


@pytest.mark.parametrize("how", [{"complevel": 1}, {"complevel": 0}, {"chunk": (7, 50)}, {"chunk": (36, 3)}])
@pytest.mark.parametrize("write", [ioapi, cf])
def test_how_a_file_is_compressed_changes_nothing_that_is_read(tmp_path, write, how):
    plain, other = parse(write(tmp_path / "plain.nc")), parse(write(tmp_path / "other.nc", **how))
    assert plain.rejected == other.rejected == []
    for one, two in zip(plain.blocks, other.blocks, strict=True):
        np.testing.assert_array_equal(one.values, two.values)


def assert_counted(parsed) -> None:
    counts: dict[int, int] = {}
    for block in parsed.blocks:
        for hour in range(block.first_hour, block.first_hour + block.hours):
            counts[hour] = counts.get(hour, 0) + len(block.places)
    for reject in parsed.rejected:
        if reject.rows:
            hour = -1 if reject.hour_end is None else reject.hour_end
            counts[hour] = counts.get(hour, 0) + reject.rows
    assert counts == parsed.intake.rows_in


def assert_linear(parsed, atol: float) -> None:
    assert len(parsed.blocks) == 8
    pm25 = FORECAST_VARIABLES.index("pm25")
    for block in parsed.blocks:
        assert block.places[0] == CITY_MEAN and len(block.places) > 3
        for i, place in enumerate(block.places):
            station = REGISTRY.stations.get(place)
            centre = REGISTRY.outline(block.city).centroid
            lon, lat = (station.lon, station.lat) if station else (centre.x, centre.y)
            expected = linear(lon, lat) + 10 * np.arange(block.hours)
            np.testing.assert_allclose(block.values[pm25, i], expected, atol=atol)
    assert_counted(parsed)


@pytest.mark.parametrize("classic", [False, True])
def test_a_lambert_run_reaches_every_city_and_station(tmp_path: Path, classic: bool) -> None:
    parsed = parse(ioapi(tmp_path / "CCTM.nc", classic=classic))
    assert parsed.rejected == []
    assert_linear(parsed, atol=0.2)
    block = block_of(parsed)
    assert (block.run, block.run_init, block.simulated) == ("CDAQS/2023-01-18T12Z", INIT, False)
    assert block_from(block_line(block)).values.shape == block.values.shape


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (LON, LAT), (LON, LAT[::-1]), (LON - 360, LAT), (LON[::-1], LAT), tuple(np.meshgrid(LON, LAT)),
        lambert_grid(rows=ROWS, columns=COLUMNS, cell_m=CELL_M).lonlat,
        (np.arange(0, 360, 0.5), np.arange(35, 25, -0.5)),
    ],
    ids=["plain", "falling", "west", "mirrored", "fields", "curved", "globe"],
)  # fmt: skip
def test_a_cf_run_is_read_on_any_axes(tmp_path: Path, lon: np.ndarray, lat: np.ndarray) -> None:
    parsed = parse(cf(tmp_path / "run.nc", lon=lon, lat=lat))
    assert parsed.rejected == []
    assert_linear(parsed, atol=0.2)


def test_stations_of_a_plain_grid_are_exact(tmp_path: Path) -> None:
    block = block_of(parse(cf(tmp_path / "run.nc")))
    for i, place in enumerate(block.places[1:], start=1):
        station = REGISTRY.stations[place]
        assert block.values[5, i, 0] == pytest.approx(linear(station.lon, station.lat), rel=1e-6)


@pytest.mark.parametrize(
    ("attributes", "label", "first"),
    [
        ({}, "start", 1), ({}, "end", 0), ({}, "instant", 0), ({"time_label": "", "UPNAM": "OPACONC"}, "", 1),
        ({"time_label": "", "UPNAM": "OPCONC"}, "", 0),
        ({"time_label": "", "FILEDESC": "Averaged concentrations"}, "", 1),
        ({"time_label": "", "UPNAM": "COMBINE"}, "", 1),
    ],
)  # fmt: skip
def test_the_hour_label_becomes_the_end_of_the_hour(tmp_path: Path, attributes: dict, label: str, first: int) -> None:
    parsed = parse(ioapi(tmp_path / "run.nc", time_label=label, attributes=attributes))
    assert block_of(parsed).first_hour == INIT + first
    assert ("assumed" in block_of(parsed).provenance) == (attributes.get("UPNAM") == "COMBINE")


def test_cf_bounds_and_half_hours_say_where_the_hour_ends(tmp_path: Path) -> None:
    with xr.open_dataset(cf(tmp_path / "a.nc"), decode_times=False) as raw:
        dataset = raw.load()
    bounded = dataset.assign(time_bnds=(("time", "nv"), np.array([[0, 1], [1, 2], [2, 3]])))
    bounded["time"].attrs["bounds"] = "time_bnds"
    bounded.to_netcdf(tmp_path / "bounds.nc")
    assert block_of(parse(tmp_path / "bounds.nc")).first_hour == INIT + 1
    middle = dataset.assign_coords(time=("time", [0.5, 1.5, 2.5], dataset["time"].attrs))
    middle.to_netcdf(tmp_path / "middle.nc")
    assert block_of(parse(tmp_path / "middle.nc")).first_hour == INIT + 1


# 1 ppb at 298.15 K and 1013.25 hPa [ug/m3], CO 1 ppm [mg/m3]: reference values of GB 3095-2026 (Vm 24.465 L/mol).
@pytest.mark.parametrize(
    ("variable", "name", "unit", "value", "expected"),
    [
        ("o3", "O3", "ppbV            ", 1, 1.962), ("o3", "O3", "ppmV", 0.05, 98.1), ("no2", "NO2", "ppbv", 1, 1.880),
        ("so2", "SO2", "mol mol-1", 1e-9, 2.619), ("co", "CO", "ppmV", 1, 1.145), ("co", "co", "ug/m3", 800, 0.8),
        ("co", "CO", "mg m-3", 0.8, 0.8), ("pm25", "PM2_5", "µg m-3", 35, 35), ("pm10", "pm10", "kg m**-3", 5e-8, 50),
        ("pm25", "PM2_5_DRY", "ug m^-3", 35, 35), ("pm25", "pm2p5", "kg m-3", 3.5e-8, 35),
        # 28.9647 g/mol of air and 47.998 g/mol of ozone: 1e-7 kg/kg is 60.35 ppb.
        ("o3", "go3", "kg kg**-1", 1e-7, 118.4),
        ("temperature_c", "T2", "K", 280.15, 7.0), ("temperature_c", "t2m", "degC", 7, 7),
        ("mixing_height_m", "PBL", "M               ", 400, 400), ("humidity_pct", "RH", "1", 0.6, 60),
    ],
)  # fmt: skip
def test_units_end_in_the_canonical_ones(tmp_path: Path, variable, name, unit, value, expected) -> None:
    parsed = parse(cf(tmp_path / "run.nc", {name: (unit, constant(value))}))
    assert value_of(parsed, variable) == pytest.approx(expected, rel=1e-3)


def test_standard_names_serve_where_the_name_is_unknown(tmp_path: Path) -> None:
    names = {
        "a": "mass_concentration_of_ozone_in_air",
        "b": "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air",
        "c": "eastward_wind",
        "d": "northward_wind",
    }
    fields = {
        "a": ("ug m-3", constant(80)),
        "b": ("ug m-3", constant(35)),
        "c": ("m s-1", constant(2)),
        "d": ("m s-1", constant(-1)),
    }
    parsed = parse(cf(tmp_path / "run.nc", fields, standard_names=names))
    assert [value_of(parsed, n) for n in ("o3", "pm25", "wind_u_ms", "wind_v_ms")] == pytest.approx([80, 35, 2, -1])


def test_aerosol_modes_are_added_and_particles_per_mass_need_the_density_of_the_air(tmp_path: Path) -> None:
    fields = {"ATOTI": ("ug m-3", constant(5)), "ATOTJ": ("ug m-3", constant(30)), "ATOTK": ("ug m-3", constant(25))}
    parsed = parse(cf(tmp_path / "modes.nc", fields))
    assert (value_of(parsed, "pm25"), value_of(parsed, "pm10")) == pytest.approx((35, 60))
    # 95000 Pa and 280.15 K: 95000 / (287.05 x 280.15) = 1.1813 kg/m3.
    fields = {"pm2p5": ("kg kg-1", constant(3e-8)), "t2m": ("K", constant(280.15)), "sp": ("Pa", constant(95_000))}
    assert value_of(parse(cf(tmp_path / "a.nc", fields)), "pm25") == pytest.approx(35.44, abs=0.01)
    parsed = parse(cf(tmp_path / "b.nc", {"pm2p5": ("kg kg-1", constant(3e-8))}))
    assert value_of(parsed, "pm25") == pytest.approx(35.52, abs=0.01)
    assert "standard density" in block_of(parsed).provenance


def test_wind_by_speed_and_direction_blows_towards_the_other_side(tmp_path: Path) -> None:
    fields = {"WSPD10": ("M/S", constant(3)), "WDIR10": ("DEGREES", constant(270))}
    parsed = parse(cf(tmp_path / "run.nc", fields))
    assert (value_of(parsed, "wind_u_ms"), value_of(parsed, "wind_v_ms")) == pytest.approx((3, 0), abs=1e-5)


def test_wind_along_the_grid_is_turned_to_true_east(tmp_path: Path) -> None:
    shape = (3, ROWS, COLUMNS)
    parsed = parse(
        ioapi(tmp_path / "run.nc", {"U10": ("m s-1", np.full(shape, 5.0)), "V10": ("m s-1", np.zeros(shape))})
    )
    east, west = (
        block_of(parsed, "510900").values,
        block_of(parsed, "511800").values,
    )  # 遂宁 lies east of 104 E, 雅安 west
    u, v = FORECAST_VARIABLES.index("wind_u_ms"), FORECAST_VARIABLES.index("wind_v_ms")
    assert east[v, 0, 0] < -0.05 and west[v, 0, 0] > 0.05
    np.testing.assert_allclose(np.hypot(east[u], east[v]), 5.0, rtol=1e-3)


def test_humidity_comes_from_dew_point_or_mixing_ratio(tmp_path: Path) -> None:
    # 20 deg C with a dew point of 9.26 deg C is 50 % (WMO-No. 8 annex 4.B: e = 11.69 hPa of 23.39 hPa).
    fields = {"t2m": ("K", constant(293.15)), "d2m": ("K", constant(282.41))}
    assert value_of(parse(cf(tmp_path / "a.nc", fields)), "humidity_pct") == pytest.approx(50, abs=0.2)
    # e = r p / (0.622 + r) = 0.00726 x 101325 / 0.62926 = 1169 Pa.
    fields = {"T2": ("K", constant(293.15)), "Q2": ("kg kg-1", constant(0.00726)), "PSFC": ("Pa", constant(101_325))}
    assert value_of(parse(cf(tmp_path / "b.nc", fields)), "humidity_pct") == pytest.approx(50, abs=0.2)


def test_rain_since_the_start_becomes_rain_of_the_hour(tmp_path: Path) -> None:
    total = np.cumsum(np.stack([np.full((LAT.size, LON.size), v) for v in (1.0, 0.0, 2.0)]), axis=0)
    parsed = parse(cf(tmp_path / "a.nc", {"RAINC": ("mm", total), "RAINNC": ("mm", total)}))
    np.testing.assert_allclose(block_of(parsed).values[FORECAST_VARIABLES.index("rain_mm"), 0], [np.nan, 0, 4])
    parsed = parse(cf(tmp_path / "b.nc", {"RN": ("CM", constant(0.1)), "RC": ("CM", constant(0.2))}))
    assert value_of(parsed, "rain_mm") == pytest.approx(3)


@pytest.mark.parametrize(("unit", "reason"), [("", "no unit"), ("furlongs", "unknown unit"), ("K", "unknown unit")])
def test_a_variable_without_a_known_unit_is_rejected_and_the_rest_lives(tmp_path: Path, unit: str, reason: str) -> None:
    parsed = parse(cf(tmp_path / "run.nc", {"O3": (unit, constant(80)), "PM10": ("ug m-3", constant(90))}))
    (reject,) = parsed.rejected
    assert (reject.position, reject.reason, reject.value, reject.rows) == ("variable O3", reason, unit, 0)
    assert "ppbv" in reject.expected and reject.file == "run.nc"
    values = block_of(parsed).values
    assert values[ITEMS.index("pm10"), 0, 0] == pytest.approx(90) and np.isnan(values[ITEMS.index("o3")]).all()
    assert_counted(parsed)


@pytest.mark.parametrize("value", [-50.0, 90_000.0, np.inf])
def test_a_cell_that_no_air_can_have_is_missing_and_many_reject_their_variable(tmp_path: Path, value: float) -> None:
    field = constant(80.0)
    row, column = (int(np.argmin(abs(axis - at))) for axis, at in ((LAT, 30.66), (LON, 104.07)))
    field[1, row, column] = value
    parsed = parse(cf(tmp_path / "one.nc", {"O3": ("ug m-3", field), "PM10": ("ug m-3", constant(90))}))
    assert [(r.position, r.rows) for r in parsed.rejected] == [("variable O3", 0)]
    assert "1 of" in parsed.rejected[0].reason and float(parsed.rejected[0].value) == value
    np.testing.assert_allclose(block_of(parsed).values[ITEMS.index("o3"), 0], [80, np.nan, 80], rtol=1e-6)
    field[:, row - 5 : row + 5, column - 5 : column + 5] = value
    parsed = parse(cf(tmp_path / "many.nc", {"O3": ("ug m-3", field), "PM10": ("ug m-3", constant(90))}))
    assert [r.position for r in parsed.rejected] == ["variable O3"] and "its unit" in parsed.rejected[0].reason
    assert np.isnan(block_of(parsed).values[ITEMS.index("o3")]).all()


def test_missing_marks_are_missing_only_where_they_are(tmp_path: Path) -> None:
    field = constant(80.0)
    field[0, 0, 0], field[1] = -9.999e36, np.nan
    parsed = parse(cf(tmp_path / "run.nc", {"O3": ("ug m-3", field)}))
    np.testing.assert_allclose(block_of(parsed).values[ITEMS.index("o3"), 0], [80, np.nan, 80], rtol=1e-6)


def test_the_run_starts_where_the_file_says_else_at_its_first_step(tmp_path: Path) -> None:
    assert block_of(parse(cf(tmp_path / "a.nc", run_init=INIT - 24))).run_init == INIT - 24
    block = block_of(parse(cf(tmp_path / "b.nc", run_init=None)))
    assert block.run_init == INIT and "first time step" in block.provenance
    block = block_of(parse(ioapi(tmp_path / "c.nc", run_init=None)))
    assert block.run_init == INIT and "SDATE" in block.provenance


def test_parts_of_a_run_in_several_files_are_one_run(tmp_path: Path) -> None:
    first = block_of(parse(ioapi(tmp_path / "a.nc", steps=3)))
    second = block_of(parse(ioapi(tmp_path / "b.nc", steps=3, first_stamp=INIT + 3)))
    assert first.run == second.run and second.first_hour == first.first_hour + first.hours


def test_a_file_of_several_runs_gives_blocks_of_each(tmp_path: Path) -> None:
    since = {"units": "hours since 2023-01-18 12:00:00"}
    runs, dims = "forecast_reference_time", ("forecast_reference_time", "forecast_period", "latitude", "longitude")
    dataset = xr.Dataset(
        {"pm2p5": (dims, np.full((2, 3, LAT.size, LON.size), 40.0), {"units": "ug m-3"})},
        coords={
            runs: (runs, [0, 12], since | {"standard_name": runs}),
            "valid_time": (dims[:2], [[1, 2, 3], [13, 14, 15]], since | {"standard_name": "time"}),
            "latitude": ("latitude", LAT, {"units": "degrees_north"}),
            "longitude": ("longitude", LON, {"units": "degrees_east"}),
        },
    )
    dataset.to_netcdf(tmp_path / "runs.nc")
    parsed = parse(tmp_path / "runs.nc")
    assert parsed.rejected == [] and len(parsed.blocks) == 16
    assert {(b.run, b.first_hour) for b in parsed.blocks} == {
        ("CDAQS/2023-01-18T12Z", INIT + 1), ("CDAQS/2023-01-19T00Z", INIT + 13),
    }  # fmt: skip
    assert_counted(parsed)


def test_steps_of_three_hours_leave_the_hours_between_missing(tmp_path: Path) -> None:
    parsed = parse(cf(tmp_path / "run.nc", step_hours=3))
    assert parsed.rejected == []
    assert sorted(b.first_hour for b in parsed.blocks if b.city == "510100") == [INIT, INIT + 3, INIT + 6]
    assert_counted(parsed)


@pytest.mark.parametrize("hours", [24, 6])
def test_long_steps_are_rejected_clearly(tmp_path: Path, hours: int) -> None:
    parsed = parse(ioapi(tmp_path / "daily.nc", step_hours=hours))
    (reject,) = parsed.rejected
    assert parsed.blocks == [] and reject.reason == f"time step is {hours} h" and reject.expected.startswith("1 h")
    assert (parsed.intake.rows_in, parsed.intake.rejected) == ({-1: 1}, {-1: 1})
    assert cdaqs.open_forecast(tmp_path / "daily.nc").attrs["step_hours"] == hours


def test_a_run_that_reaches_further_than_a_forecast_is_one_reject(tmp_path: Path) -> None:
    hours = xr.Dataset(
        {"O3": (("time", "lat", "lon"), np.zeros((20_000, 3, 3), np.int8), {"units": "ppbV"})},
        coords={
            "time": ("time", 2 * np.arange(20_000), {"units": "hours since 2023-01-18", "standard_name": "time"}),
            "lat": ("lat", [28.0, 31, 34], {"units": "degrees_north"}),
            "lon": ("lon", [101.0, 104, 107], {"units": "degrees_east"}),
        },
    )
    hours.to_netcdf(tmp_path / "run.nc")
    (reject,) = parse(tmp_path / "run.nc").rejected
    assert reject.reason == "the run reaches too far" and "39998 h after 2023-01-18T00:00Z" in reject.value


def test_values_that_would_fill_the_memory_are_refused_before_they_are_read(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(cdaqs, "MOST_VALUES", 1000)
    (reject,) = parse(cf(tmp_path / "run.nc")).rejected
    assert reject.reason == "more values over our cities than one file may bring" and "run_init" in reject.expected


def test_hours_before_the_run_are_set_aside(tmp_path: Path) -> None:
    parsed = parse(cf(tmp_path / "run.nc", first_stamp=INIT - 2, steps=4))
    assert [(r.hour_end, r.set_aside, r.rows > 40) for r in parsed.rejected] == [
        (INIT - 2, True, True),
        (INIT - 1, True, True),
    ]
    assert block_of(parsed).first_hour == INIT and block_of(parsed).hours == 2
    assert_counted(parsed)


def test_a_grid_elsewhere_is_rejected_with_its_bounds(tmp_path: Path) -> None:
    (reject,) = parse(cf(tmp_path / "run.nc", lon=LON + 10)).rejected
    assert reject.reason == "the grid covers none of our cities"
    assert reject.value == "lon 111.50 to 116.50, lat 28.00 to 33.60" and "Chengdu" in reject.expected


def test_a_grid_over_some_cities_leaves_the_others_out(tmp_path: Path) -> None:
    parsed = parse(cf(tmp_path / "run.nc", lon=np.arange(102.8, 105.01, 0.1), lat=np.arange(30.0, 31.6, 0.1)))
    assert "510100" in {b.city for b in parsed.blocks} and parsed.rejected == []
    assert not any(CITY_MEAN in b.places for b in parsed.blocks if b.city == "510700")
    assert_counted(parsed)


def test_simulated_and_the_model_come_from_the_file(tmp_path: Path) -> None:
    block = block_of(parse(ioapi(tmp_path / "run.nc", attributes={"simulated": np.int32(1), "model": "NAQPMS"})))
    assert block.simulated and block.run == "NAQPMS/2023-01-18T12Z"
    assert block_of(parse(ioapi(tmp_path / "b.nc"), simulated=True)).simulated


@pytest.mark.parametrize("attribute", [("time_label", "noon"), ("run_init", "yesterday"), ("GDTYP", np.int32(5))])
def test_an_attribute_nobody_understands_is_named(tmp_path: Path, attribute: tuple) -> None:
    (reject,) = parse(ioapi(tmp_path / "run.nc", attributes=dict([attribute]))).rejected
    assert attribute[0] in reject.position and str(attribute[1]) in reject.value


def test_a_file_without_anything_known_says_what_would_be(tmp_path: Path) -> None:
    (reject,) = parse(cf(tmp_path / "run.nc", {"emissivity": ("1", None)}, run_init=None)).rejected
    assert (
        reject.reason == "no variable that we know" and reject.value == "emissivity" and "PM25_TOT" in reject.expected
    )
    xr.Dataset({"a": ("n", [1.0])}).to_netcdf(tmp_path / "odd.nc")
    (reject,) = parse(tmp_path / "odd.nc").rejected
    assert "no latitude and no longitude and no time" in reject.reason and "IOAPI" in reject.expected


@pytest.mark.parametrize("classic", [False, True])
def test_a_cut_file_is_rejected(tmp_path: Path, classic: bool) -> None:
    path = ioapi(tmp_path / "run.nc", classic=classic)
    path.write_bytes(path.read_bytes()[:-2000])
    parsed = parse(path)
    (reject,) = parsed.rejected
    assert parsed.blocks == [] and "not complete" in reject.reason and reject.file == "run.nc"
    assert_counted(parsed)


@pytest.mark.parametrize("classic", [False, True])
def test_spoiled_files_never_raise(tmp_path: Path, classic: bool) -> None:
    path, chance = ioapi(tmp_path / "run.nc", classic=classic), random.Random(3)
    whole = path.read_bytes()
    for _ in range(25):
        spoiled = bytearray(whole)
        for _ in range(20):
            spoiled[chance.randrange(4, min(4000, len(whole)))] = chance.randrange(256)
        path.write_bytes(spoiled)
        assert_counted(parse(path))


def test_the_first_bytes_tell_a_netcdf_file() -> None:
    assert all(cdaqs.recognises("x", head) for head in (b"CDF\x01..", b"CDF\x02", b"CDF\x05", b"\x89HDF\r\n"))
    assert not any(cdaqs.recognises("x", head) for head in (b"", b"date,hour", b"PK\x03\x04"))


@real
def test_daily_cmaq_samples_open_but_are_no_hourly_forecast() -> None:
    path = DATA / "cmaqml_ioapi" / "O3_8HRMAX.LST.Y_24.2016fh.v531.108US2.5-9.nc"
    dataset = cdaqs.open_forecast(path, extra={"o3": "O3_8HRMAX"})
    with xr.open_dataset(path, decode_times=False) as raw:
        ppb = raw["O3_8HRMAX"].values[:, 0]
    # Before 2018-09-01 concentrations were told at 273 K (GB 3095-2012 3.14), where 1 mol fills 22.401 L: 47.998 / 22.401.
    np.testing.assert_allclose(dataset["o3_ugm3"].values, ppb * 2.1427, rtol=5e-4)
    # 2016197 is 15 July 2016; a daily value stamped at its start ends a day later.
    assert str(dataset["time"].values[0])[:13] == "2016-07-16T00"
    (reject,) = parse(path).rejected
    assert reject.reason == "time step is 24 h" and reject.expected.startswith("1 h")
    pm25 = cdaqs.open_forecast(DATA / "cmaqml_ioapi" / "dailyavg.LST.Y_24.2016fh.v531.108US2.01.nc")
    assert pm25.attrs["layout"] == "ioapi" and 0 <= pm25["pm25_ugm3"].min() < pm25["pm25_ugm3"].max() < 200


@real
def test_the_cams_sample_is_read_at_the_level_nearest_the_ground() -> None:
    path = DATA / "cams_eac4_joseki" / "levtype_ml.nc"
    dataset = cdaqs.open_forecast(path)
    with xr.open_dataset(path) as raw:
        ground = raw["go3"].sel(level=60)
        assert (dataset["time"].values == raw["time"].values).all()
        np.testing.assert_allclose(dataset["lat"].values[:, 0], raw["latitude"].values)
    # kg/kg x 28.9647/47.998 mol/mol, 1 ppb = 1.962 ug/m3.
    np.testing.assert_allclose(dataset["o3_ugm3"].values, ground.values * 28.9647 / 47.998 * 1e9 * 1.962, rtol=5e-4)
    assert dataset.attrs["step_hours"] == 3
    (reject,) = parse(path).rejected
    assert "covers none of our cities" in reject.reason and "lat 22.00 to 23.50" in reject.value


@real
def test_the_wrf_sample_is_read_with_its_wind_turned_by_its_own_angles() -> None:
    path = DATA / "salem_wrf" / "wrf_d01_allvars_cropped.nc"
    dataset = cdaqs.open_forecast(path)
    with xr.open_dataset(path, decode_times=False) as raw:
        u, v, sin, cos = (np.asarray(raw[n].values) for n in ("U10", "V10", "SINALPHA", "COSALPHA"))
        np.testing.assert_allclose(dataset["wind_u_ms"].values, u * cos - v * sin, atol=1e-4)
        np.testing.assert_allclose(dataset["temperature_c"].values, raw["T2"].values - 273.15, atol=1e-3)
        rain = np.diff(raw["RAINC"].values + raw["RAINNC"].values, axis=0) / 3
        np.testing.assert_allclose(dataset["rain_mm"].values[1:], rain, atol=1e-4)
        np.testing.assert_allclose(dataset["lon"].values, raw["XLONG"].values, atol=1e-5)
    assert str(dataset["time"].values[1])[:13] == "2005-09-21T03"
    assert dataset.attrs["run_init"] == epoch_hour(dt.datetime(2005, 9, 20, 12, tzinfo=dt.UTC))
    assert dataset["humidity_pct"].min() > 0 and dataset["humidity_pct"].max() <= 100


@real
def test_a_real_run_over_our_cities_lies_between_the_cells_around_each_station() -> None:
    path = DATA / "salem_wrf" / "wrf_tip_d1.nc"
    parsed = parse(path)
    assert {b.city for b in parsed.blocks} == set(REGISTRY.cities) and {b.hours for b in parsed.blocks} == {1}
    with xr.open_dataset(path, decode_times=False) as raw:
        lon, lat, kelvin = (raw[n].values.astype(float) for n in ("XLONG", "XLAT", "T2"))
    for block in (b for b in parsed.blocks if b.first_hour == min(b.first_hour for b in parsed.blocks)):
        for i, place in enumerate(block.places[1:], start=1):
            station = REGISTRY.stations[place]
            near = np.argsort((lon - station.lon).ravel() ** 2 + (lat - station.lat).ravel() ** 2)[:6]
            around = kelvin[0].ravel()[near] - 273.15
            celsius = block.values[FORECAST_VARIABLES.index("temperature_c"), i, 0]
            assert around.min() - 0.3 <= celsius <= around.max() + 0.3


@real
@pytest.mark.parametrize("path", sorted(DATA.rglob("*.nc")) if DATA.is_dir() else [], ids=lambda p: p.name)
def test_no_real_sample_raises(path: Path) -> None:
    parsed = parse(path)
    assert_counted(parsed)
    # Of the samples only the outer domain over the Tibetan Plateau reaches our cities.
    assert bool(parsed.blocks) == (path.name == "wrf_tip_d1.nc") and bool(parsed.rejected) != bool(parsed.blocks)
    try:
        cdaqs.open_forecast(path)
    except Unusable as problem:
        assert problem.expected


def test_simulated_runs_say_so_and_reach_every_place(forecast_runs: list[Path]) -> None:
    assert len(forecast_runs) == 4
    for path in forecast_runs:
        parsed = parse(path)
        assert parsed.rejected == [] and len(parsed.blocks) == 8
        assert all(
            block.simulated and block.places[0] == CITY_MEAN and len(block.places) > 3 for block in parsed.blocks
        )
        assert not np.isnan(block_of(parsed).values).any()
        with xr.open_dataset(path, decode_times=False) as raw:
            assert "SIMULATED" in raw.attrs["title"]
        assert_counted(parsed)


def test_the_example_in_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(cdaqs.__file__).parents[3] / "docs" / "layouts" / "forecast.md").read_text(encoding="utf-8")
    for code in text.split("```python\n")[1:]:
        exec(code.split("```")[0], {})
    block = block_of(parse(tmp_path / "example.nc"))
    assert (block.run, block.hours, block.simulated) == ("EXAMPLE/2023-01-17T12Z", 72, True)
    assert block.values[ITEMS.index("o3"), 0, 0] == pytest.approx(40 * 1.962, rel=1e-3)


@pytest.mark.parametrize(
    ("units", "calendar", "first"),
    [
        ("hours since 2023-01-18 20:00:00 +08:00", "standard", INIT),
        ("days since 2023-01-18 12:00:00", "proleptic_gregorian", INIT),
        ("hours since 2023-01-18", "360_day", None),
        ("fortnights since 2023-01-18", "standard", None),
        ("hours", "standard", None),
    ],
)
def test_units_and_calendars_of_time(tmp_path: Path, units: str, calendar: str, first: int | None) -> None:
    with xr.open_dataset(cf(tmp_path / "a.nc"), decode_times=False) as raw:
        dataset = raw.load()
    hours = np.array([0.0, 1.0, 2.0]) / (24 if units.startswith("days") else 1)
    dataset = dataset.assign_coords(
        time=("time", hours, {"standard_name": "time", "units": units, "calendar": calendar})
    )
    dataset.to_netcdf(tmp_path / "b.nc")
    parsed = parse(tmp_path / "b.nc")
    if first is None:
        assert [r.position for r in parsed.rejected] == ["variable time"] and parsed.blocks == []
    else:
        assert (block_of(parsed).first_hour, block_of(parsed).hours) == (first, 3)
