"""The stand-in for CDAQS: what a run starts from, how it errs, what it writes, and what the platform reads of it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Proj
from scipy.ndimage import map_coordinates

from research.virtual_airshed.forecasts import __main__ as command
from research.virtual_airshed.forecasts import write
from research.virtual_airshed.forecasts.imperfections import NONE, Imperfections, analysis_factors, evened
from research.virtual_airshed.forecasts.operation import Operation
from research.virtual_airshed.forecasts.runs import Forecast, Starts, forecast_model, foreseen, run
from research.virtual_airshed.forecasts.skill import city_series, daily, forecast_series_of, pairs, skill
from research.virtual_airshed.grid import Cells
from research.virtual_airshed.receptors import receptors_of
from research.virtual_airshed.run import series_of, simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.sources import INVENTORY, Spread
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.weather.fields import REPORTED_SHARE, weather_of
from research.virtual_airshed.world import shipped_world
from standards.pollutants import ITEMS
from streams.records import CITY_MEAN, FORECAST_VARIABLES, epoch_hour
from streams.sources import parse_file

WORLD = shipped_world()
CITIES = WORLD.grid.cities
UNTAGGED = Tags(CITIES, tagged=False)
NOWHERE = Cells(np.empty(0, np.int64), np.empty(0, np.int64))
SHORT = scenario("winter_haze", days=3, forecast_hours=30)
RUNS = 20


def days_of(chosen, **options):
    return list(simulate(chosen.plan(), WORLD, **({"tags": UNTAGGED, "cells": NOWHERE} | options)))


@pytest.fixture(scope="module")
def nature():
    starts = Starts(12)
    days = days_of(SHORT, watch=starts)
    return days, starts.take()


@pytest.fixture(scope="module")
def made(nature) -> tuple:
    model = forecast_model(SHORT, WORLD)
    return model, run(model, nature[1][1])


@pytest.fixture(scope="module")
def files(made, tmp_path_factory) -> dict[str, Path]:
    model, forecast = made
    return {
        layout: write.write_run(forecast, model, tmp_path_factory.mktemp(layout), layout=layout)
        for layout in write.LAYOUTS
    }


@pytest.fixture(scope="module")
def winter():
    """A winter month: the cities' means of the nature run, and of runs a day apart."""
    month = scenario("winter_haze", days=28)
    receptors = receptors_of(WORLD.grid, stations())
    operation, starts, series = Operation(month, WORLD), [], []
    for day in days_of(month):
        starts += [start for start in operation.starts(day) if start.init % 24 == 0]
        series.append(city_series(day.ground, receptors, first_hour=day.first_hour))
    items = np.concatenate([each.items for each in series], axis=-1)
    truth = dataclasses.replace(series[0], items=items)
    runs = [forecast_series_of(run(operation.model, start), receptors) for start in starts[:RUNS]]
    return pairs(truth, runs, CITIES)


def stations() -> list[tuple[str, float, float]]:
    registry = WORLD.registry
    known = [(c, registry.stations[s]) for c in CITIES for s in registry.stations_of(c, dt.date(2015, 1, 1))]
    return [(city, station.lon, station.lat) for city, station in known]


def parsed(path: Path):
    return parse_file(path, WORLD.registry, received_at=0.0)


# --- what a run starts from


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_model_without_flaws_gives_the_nature_run(nature, number):
    days, starts = nature
    model = forecast_model(SHORT, WORLD, inventory=INVENTORY, imperfections=NONE)
    start = starts[number]
    forecast = run(model, start)
    first = forecast.init + 1 - days[0].first_hour
    for name in ("amounts", "temperature_c", "humidity_pct", "balance_ppb"):
        true = np.concatenate([getattr(day.ground, name) for day in days], axis=-1)[..., first : first + 30]
        np.testing.assert_allclose(getattr(forecast.ground, name), true, rtol=1e-9, atol=1e-12, err_msg=name)


def test_runs_start_at_00_and_12_utc_of_every_day(nature):
    # 1 January 2015 begins in Chengdu at 16:00 UTC of the day before.
    first = epoch_hour(dt.datetime(2015, 1, 1, tzinfo=dt.UTC))
    assert [start.init for start in nature[1]] == [first + 12 * i for i in range(6)]


@pytest.mark.parametrize(("every_h", "expected"), [(0, []), (6, [0, 6, 12, 18]), (12, [0, 12]), (24, [0])])
def test_starts_are_kept_every_so_many_hours(every_h, expected):
    class Anything:
        tracers = type("Nothing", (), {"copy_totals": staticmethod(lambda: np.zeros(1))})

    starts = Starts(every_h)
    for hour in range(24):
        starts(hour, Anything)
    assert [start.init for start in starts.take()] == expected
    assert starts.take() == []


def test_how_the_state_was_reached_makes_no_difference(nature, made):
    # A nature run with tags, and one that was stopped and taken up again in between.
    _, forecast = made
    model = forecast_model(SHORT, WORLD)
    short = SHORT.changed(days=1)
    tagged = Starts(12)
    days_of(short, tags=Tags(CITIES), watch=tagged)
    start = tagged.take()[1]
    assert start.init == forecast.init
    np.testing.assert_allclose(start.totals, nature[1][1].totals, rtol=1e-9, atol=1e-12)
    again = run(model, start)
    np.testing.assert_allclose(again.ground.amounts, forecast.ground.amounts, rtol=1e-9, atol=1e-12)


def test_runs_before_it_leave_a_run_as_it_is(nature, made):
    model, forecast = made
    run(model, nature[1][0])
    again = run(model, nature[1][1])
    assert np.array_equal(again.ground.amounts, forecast.ground.amounts)
    assert np.array_equal(nature[1][1].totals, days_state(nature[1][1].init))


def days_state(init: int) -> np.ndarray:
    starts = Starts(12)
    days_of(SHORT.changed(days=1), watch=starts)
    (found,) = (start.totals for start in starts.take() if start.init == init)
    return found


def test_another_seed_gives_another_run(made):
    model, forecast = made
    other = dataclasses.replace(model, plan=dataclasses.replace(model.plan, seed=2))
    assert not np.allclose(foreseen(other, forecast.init).temperature_c, forecast.weather.temperature_c, atol=0.5)


# --- how it errs


def test_a_factor_on_emissions_reaches_the_runs(nature):
    start, without = nature[1][0], SHORT.changed(factors={("*", "*", "co"): 0.0})
    less, as_is = (run(forecast_model(chosen, WORLD), start).ground.of("co")[..., -1] for chosen in (without, SHORT))
    inside = WORLD.grid.city >= 0
    assert (less[inside] < as_is[inside]).all()


@given(evenly=st.floats(0.0, 1.0), seed=st.integers(0, 99))
def test_evening_out_moves_emissions_within_their_city(evenly, seed):
    chance = np.random.default_rng(seed)
    city = np.array([0, 0, 0, 1, 1, 2])
    share = chance.random((4, city.size))
    share /= np.stack([np.bincount(city, row)[city] for row in share])
    nothing = np.zeros(city.size, np.int64)
    made = evened(Spread(nothing, nothing, city, share, np.zeros(city.size)), evenly).share
    for before, after in zip(share, made, strict=True):
        np.testing.assert_allclose(np.bincount(city, after), [1.0, 1.0, 1.0])
        for each in range(3):
            assert np.ptp(after[city == each]) <= (1 - evenly) * np.ptp(before[city == each]) + 1e-12


def test_the_analysis_errs_as_much_as_it_says_and_smoothly():
    flaws = Imperfections(analysis_error=0.2, analysis_km=45.0)
    factors = np.stack([analysis_factors(flaws, (40, 32), seed=3, init=400_000 + 12 * i) for i in range(60)])
    logs = np.log(factors)
    assert np.std(logs) == pytest.approx(0.2, rel=0.05)
    # The mean of a log-normal number whose logarithm has the mean -s2/2 is 1.
    assert factors.mean() == pytest.approx(1.0, abs=0.01)
    # White noise under a Gaussian bell of width s is correlated by exp(-d2 / 4 s2): five cells of 9 km apart, exp(-1/4).
    beside = np.corrcoef(logs[:, :-5].ravel(), logs[:, 5:].ravel())[0, 1]
    assert beside == pytest.approx(np.exp(-0.25), abs=0.05)


def test_the_analysis_error_follows_from_seed_and_start_alone():
    drawn = [analysis_factors(Imperfections(), (9, 8), seed=s, init=i) for s, i in ((1, 5), (1, 5), (2, 5), (1, 17))]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.allclose(drawn[0], drawn[2])
    assert not np.allclose(drawn[0], drawn[3])


def test_without_an_analysis_error_the_start_is_true():
    assert (analysis_factors(NONE, (9, 8), seed=1, init=5) == 1.0).all()


def test_the_first_hour_errs_little_and_the_last_day_much(winter):
    lead = winter.hour_end - winter.run
    off = (winter.forecast_pm25_ugm3 - winter.pm25_ugm3).abs() / winter.pm25_ugm3
    assert off[lead == 1].median() < 0.15
    assert off[lead > 144].median() > 2 * off[lead == 1].median()


def test_the_error_of_pm25_grows_with_lead(winter):
    rmse = skill(winter, items=("pm25",)).loc["pm25", "rmse"]
    assert rmse[1] < rmse[3] < rmse[6]
    # Day 7 has some hours of the day only, so days of 24 hours from the start are compared as well.
    after = winter.assign(lead_day=(winter.hour_end - winter.run - 1) // 24 + 1)
    rmse = skill(after, items=("pm25",)).loc["pm25", "rmse"]
    assert rmse[1] < rmse[3] < rmse[7]


def test_the_next_day_meets_the_criteria_for_a_model_of_pm25(winter):
    # Criteria of Emery et al. 2017 for 24-hour PM2.5 (recalled, as in standards/tables/benchmarks.csv).
    score = skill(daily(winter), items=("pm25",)).loc[("pm25", 1)]
    assert abs(score.nmb) < 30 and score.nme < 50 and score.r > 0.40


def test_little_is_left_of_the_correlation_after_a_week(winter):
    r = skill(winter, items=("pm25",)).loc["pm25", "r"]
    assert r[1] > 0.7
    assert r[6] < r[1] - 0.2


def test_each_city_has_a_bias_of_its_own(winter):
    # The biases of eight cities in every other run tell those in the other half: they are no chance.
    number = winter.run.rank(method="dense").astype(int)
    halves = [skill(part, items=("pm25",), by="city", names=("nmb",)) for _, part in winter.groupby(number % 2)]
    odd, even = (half.loc["pm25", "nmb"].to_numpy() for half in halves)
    assert np.corrcoef(odd, even)[0, 1] > 0.8
    assert np.ptp(odd) > 8


def test_the_old_inventory_shows_in_sulphur_and_dust(winter):
    # The older inventory has 1.85 times the coal's SO2, and half of the dust: outdated_factors.csv.
    score = skill(winter, names=("nmb",)).nmb
    assert score["so2"][1] > 10
    assert score["pm10"][3] < score["pm25"][3]


def test_pairs_are_of_hours_that_both_have_and_say_that_they_are_simulated(winter):
    assert winter.attrs["simulated"] is True
    counts = winter.groupby("run").size()
    assert (counts == 168 * len(CITIES)).all()
    assert winter.lead_day.min() == 0 and winter.lead_day.max() == 7
    # A run of 00 UTC starts at 08:00 in Chengdu: 16 hours are left of its first day.
    assert (winter[winter.lead_day == 0].groupby(["run", "city"]).size() == 16).all()


def test_the_lean_of_a_scenario_is_foreseen_at_every_lead():
    lean = scenario("winter_haze", tilts={"ventilation_slow": -2.0}, forecast_hours=120)
    model = forecast_model(lean, WORLD)
    late = [foreseen(model, SHORT.first_hour + 24 * i).ventilation[-1] for i in range(40)]
    # 0.75 of the slow part's lean of -2; the mean of 40 runs of standard deviation 1 is known to 0.16.
    assert np.mean(late) == pytest.approx(-1.5, abs=0.5)


def test_a_flawed_model_mixes_deeper_and_blows_harder():
    model = forecast_model(SHORT, WORLD, imperfections=dataclasses.replace(NONE, mixing_height=1.1, wind=1.2))
    init = SHORT.first_hour
    seen = foreseen(model, init)
    true = weather_of(WORLD.grid, series_of(SHORT.plan(), init, 31), init + 1)
    free = (true.mixing_height_m > 80) & (true.mixing_height_m < 1_600)
    np.testing.assert_allclose(seen.mixing_height_m[free], 1.1 * true.mixing_height_m[free])
    np.testing.assert_allclose(seen.wind_ms, 1.2 * true.wind_ms)
    np.testing.assert_array_equal(seen.temperature_c, true.temperature_c)


@pytest.mark.parametrize(
    "wrong",
    [{"mixing_height": 0.0}, {"wind": float("nan")}, {"deposition": -1.0}, {"evenly": 1.1}, {"analysis_error": -0.1},
     {"analysis_km": 0.0}],
)  # fmt: skip
def test_flaws_that_cannot_be_are_named(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} is .*expected"):
        Imperfections(**wrong)


# --- what it writes, and what is read of it


@pytest.mark.parametrize("layout", write.LAYOUTS)
def test_the_platform_reads_every_file_without_a_reject(files, made, layout):
    found = parsed(files[layout])
    assert found.rejected == []
    assert [block.city for block in found.blocks] == list(CITIES)
    for block in found.blocks:
        assert block.simulated and block.model == "CDAQS-sim"
        assert (block.run_init, block.first_hour, block.hours) == (made[1].init, made[1].init + 1, 30)
        assert not np.isnan(block.values).any()
        assert "start of hour" in block.provenance and "assumed" not in block.provenance
    assert found.blocks[0].run == "CDAQS-sim/2015-01-01T12Z"


def test_both_layouts_say_the_same(files):
    ioapi, cf = (parsed(files[layout]).blocks for layout in ("ioapi", "cf"))
    for one, other in zip(ioapi, cf, strict=True):
        assert one.places == other.places
        # The positions of a curved grid come from an iteration, to some 1e-4 of a cell.
        np.testing.assert_allclose(one.values, other.values, atol=0.05)


def test_the_values_at_stations_are_those_of_the_model(files, made):
    # Interpolated here by another way: pyproj and scipy on the grid of the file, from unrounded values in ug/m3.
    _, forecast = made
    weather, height = forecast.weather, forecast.weather.mixing_height_m
    grid_fields = dict(zip(ITEMS, forecast.ground.items(), strict=True)) | {
        "temperature_c": np.moveaxis(weather.temperature_c, 0, -1),
        "humidity_pct": np.moveaxis(weather.humidity_pct, 0, -1),
        "mixing_height_m": np.moveaxis(0.5 * (height[1:] + height[:-1]), 0, -1),
        "rain_mm": np.moveaxis(weather.rain_mm, 0, -1),
    }
    gas = {"so2": 64.066, "no2": 46.0055, "co": 28.010, "o3": 47.998}
    # A step in ppb (CO: ppm), at the 273 K of GB 3095-2012 3.14 as it stood in 2015.
    half = {name: 0.5 * write.STEPS[name.upper()] * g / 22.401 for name, g in gas.items()}
    half |= {
        "pm25": 1.0,
        "pm10": 2.0,
        "temperature_c": 0.25,
        "humidity_pct": 1.0,
        "mixing_height_m": 8.0,
        "rain_mm": 2**-5,
    }
    for block in parsed(files["ioapi"]).blocks:
        for p, place in enumerate(block.places):
            if place == CITY_MEAN:
                continue
            station = WORLD.registry.stations[place]
            for name, field in grid_fields.items():
                expected = at(field, station.lon, station.lat)
                read = block.values[FORECAST_VARIABLES.index(name), p]
                np.testing.assert_allclose(read, expected, atol=half[name] + 0.01, rtol=1e-3, err_msg=f"{name} {place}")


def at(field: np.ndarray, lon: float, lat: float) -> np.ndarray:
    """Interpolate a field (row, column, hour) bilinearly at a place [deg]."""
    x, y = Proj("+proj=lcc +lat_1=25 +lat_2=40 +lon_0=104 +lat_0=30.75 +R=6370000")(lon, lat)
    row, column = y / 9_000 + 29.5, x / 9_000 + 23.5
    hours = np.arange(field.shape[-1], dtype=float)
    return map_coordinates(field, [np.full_like(hours, row), np.full_like(hours, column), hours], order=1)


def test_winds_at_10_m_are_a_share_of_those_of_the_mixed_layer(files, made):
    model, forecast = made
    flow = model.world.flow_of(forecast.weather.wind_ms[0].T).centred()
    east, north = (REPORTED_SHARE * np.moveaxis(v, 0, -1) for v in flow)
    u, v = (FORECAST_VARIABLES.index(name) for name in ("wind_u_ms", "wind_v_ms"))
    for block in parsed(files["ioapi"]).blocks:
        for p, place in enumerate(block.places):
            if place == CITY_MEAN:
                continue
            station = WORLD.registry.stations[place]
            # Half a step of 0.25 m/s, and what turning by at most 1.5 degrees to true north does to a wind of 5 m/s.
            for variable, field in ((u, east), (v, north)):
                found = at(field, station.lon, station.lat)
                np.testing.assert_allclose(block.values[variable, p], found, atol=0.125 + 0.13)


@pytest.mark.parametrize("layout", write.LAYOUTS)
def test_every_file_says_that_it_is_simulated_and_by_what(files, layout):
    with xr.open_dataset(files[layout], decode_times=False) as file:
        said = file.attrs
    assert said["simulated"] == 1 and said["model"] == "CDAQS-sim" and "SIMULATED" in said["title"]
    assert said["time_label"] == "start" and said["inventory"] == "virtual-2012 v2"
    assert files[layout].name == "cdaqs_sim_2015010112.nc"


@pytest.mark.parametrize("layout", write.LAYOUTS)
def test_the_same_run_gives_the_same_bytes_at_any_time(files, made, tmp_path, layout):
    model, forecast = made
    # Stamps in the library's files would count whole seconds: write until another one has begun.
    for number in range(1_000):
        again = write.write_run(forecast, model, tmp_path / str(number), layout=layout)
        if int(again.stat().st_mtime) != int(files[layout].stat().st_mtime):
            break
    assert again.read_bytes() == files[layout].read_bytes()


def test_a_file_that_is_there_is_never_written_again(files, made):
    model, forecast = made
    path = files["ioapi"]
    before = path.stat().st_mtime_ns
    with pytest.raises(FileExistsError, match=path.name):
        write.write_run(forecast, model, path.parents[1])
    assert path.stat().st_mtime_ns == before


def test_a_run_that_is_there_is_not_made_again(files, nature, made):
    folder = files["ioapi"].parents[1]
    assert list(write.write_missing([nature[1][1]], made[0], folder)) == []


def test_a_file_appears_whole_or_not_at_all(made, tmp_path, monkeypatch):
    def breaks(path, *_, **__):
        Path(path).write_bytes(b"half a file")
        raise OSError("no space left on device")

    monkeypatch.setattr(write, "write_ioapi", breaks)
    model, forecast = made
    with pytest.raises(OSError, match="no space"):
        write.write_run(forecast, model, tmp_path)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_an_unknown_layout_is_named(made, tmp_path):
    with pytest.raises(ValueError, match="'grib', expected one of ioapi, cf"):
        write.write_run(made[1], made[0], tmp_path, layout="grib")


def test_a_week_of_haze_fits_into_little_more_than_a_megabyte(nature, tmp_path):
    model = forecast_model(SHORT.changed(forecast_hours=168), WORLD)
    forecast = run(model, nature[1][0])
    assert isinstance(forecast, Forecast) and forecast.hours == 168
    assert write.write_run(forecast, model, tmp_path).stat().st_size < 1.6e6


def test_the_command_writes_the_runs_of_a_scenario(tmp_path):
    asked = ["clean_autumn", str(tmp_path), "--days", "1", "--forecast-hours", "3", "--layout", "cf"]
    assert command.main(asked) == 0
    names = sorted(p.name for p in tmp_path.rglob("*.nc"))
    assert names == ["cdaqs_sim_2015092000.nc", "cdaqs_sim_2015092012.nc"]


def test_the_command_says_what_is_wrong(tmp_path, caplog):
    assert command.main(["autumn", str(tmp_path)]) == 2
    assert "unknown scenario 'autumn', expected one of winter_haze" in caplog.text
