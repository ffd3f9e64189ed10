"""What is no value of its hour is refused by name; rain becomes rain of the hour from amounts, rates, totals and buckets."""

from __future__ import annotations

import numpy as np
import pytest

from streams.sources.forecasts import at_places
from streams.sources.forecasts.hourly import require_hourly
from tests.streams.sources.forecasts.making import LAT, LON, block_of, plain, read, reasons, refused, series


def said(**attrs) -> dict:
    run = plain()
    run["variables"]["O3"][3] |= attrs
    return run


def under(name: str) -> dict:
    run = plain(name)
    run["variables"][name][3]["standard_name"] = "mole_fraction_of_ozone_in_air"
    return run


# CF-1.11 7.3: the method over an axis; 7.4: within and over are climatological.
@pytest.mark.parametrize(
    "run",
    [
        said(cell_methods="time: maximum"),
        said(cell_methods="time: maximum (interval: 8 hours)"),
        said(cell_methods="time: minimum"),
        said(cell_methods="time: mean (interval: 8 hours)"),
        said(cell_methods="time: mean (interval: 1 day)"),
        said(cell_methods="time: mean (8 hours)"),
        said(cell_methods="time: mean (24-hour)"),
        said(cell_methods="time: sum"),
        said(cell_methods="time: maximum within days time: mean over days"),
        said(cell_methods="time: standard_deviation"),
        said(cell_methods="realization: standard_deviation time: mean"),
        said(cell_methods="area: mean time: maximum"),
        said(cell_methods="area: maximum"),
        said(long_name="MDA8 ozone"),
        said(long_name="daily maximum ozone"),
        said(var_desc="Max-8-hour"),
        said(var_desc="Daily-average"),
        said(description="8-hour mean ozone"),
        said(long_name="24h running mean"),
        said(long_name="moving 8-h average"),
        said(long_name="1-hour maximum"),
        said(long_name="hourly maximum"),
        under("O3_8HRMAX"),
        under("MDA8_O3"),
        under("O3_8h"),
        under("o3_24hr"),
        under("O3_MAX1H"),
        under("o3_daily"),
        under("MAX8HRO3"),
    ],
)
def test_what_is_no_value_of_its_hour_is_refused_by_name(tmp_path, run) -> None:
    text = refused(read(tmp_path, run))
    assert "hour" in text and "variable" in text


@pytest.mark.parametrize(
    "run",
    [
        said(cell_methods="time: mean"),
        said(cell_methods="time: point"),
        said(cell_methods="time: mean (interval: 1 hour)"),
        said(cell_methods="area: mean time: mean"),
        said(cell_methods="time: mean (1 hour)"),
        said(cell_methods="time: mean (2 m above ground)"),
        said(long_name="bias-corrected ozone"),
        said(cell_methods="time: mean (interval: 30 s comment: sampled)"),
        said(cell_methods="lat: lon: mean time: point"),
        said(long_name="ozone, 24h forecast"),
        said(long_name="hourly mean ozone"),
        said(long_name="ozone at 8 m"),
        said(long_name="1-hour mean"),
        said(cell_methods=""),
        said(long_name="O3 volume mixing ratio"),
        under("O3_hourly"),
        under("o3_surface"),
    ],
)
def test_a_mean_or_a_value_of_the_hour_is_taken(tmp_path, run) -> None:
    assert read(tmp_path, run).rejected == [] and series(read(tmp_path, run))[0] > 0


@pytest.mark.parametrize(
    "words",
    [
        "standard deviation of ozone",
        "ozone ensemble spread",
        "O3 analysis increment",
        "ozone anomaly",
        "90th percentile of ozone",
    ],
)
def test_what_is_said_about_a_forecast_is_not_the_forecast(tmp_path, words) -> None:
    assert "not the forecast itself" in refused(read(tmp_path, said(long_name=words)))


def test_a_daily_axis_may_hold_daily_means() -> None:
    require_hourly("O3_8HRMAX", {"long_name": "daily"}, step=24.0, rain=False)


def raining(name: str, values, units: str = "mm", **attrs) -> dict:
    run = plain(name, units, np.asarray(values, float))
    run["variables"][name][3] |= attrs
    return run


def test_a_total_that_is_set_to_zero_has_no_rain_in_that_hour(tmp_path) -> None:
    total = [0, 1, 3, 0.5, 1, 1]
    parsed = read(tmp_path, raining("RAINNC", total))
    np.testing.assert_allclose(series(parsed, "rain_mm"), [np.nan, 1, 2, np.nan, 0.5, 0])
    assert "set to zero in 1 steps" in block_of(parsed).provenance


def test_where_a_total_is_set_to_zero_somewhere_it_is_everywhere(tmp_path) -> None:
    data = np.broadcast_to(np.array([0, 1, 1, 0.0, 0, 0])[:, None, None], (6, LAT.size, LON.size)).copy()
    # In the south less had fallen than falls after the total was set to zero: nothing falls back there.
    data[:, :9] = np.array([0, 0, 0, 5.0, 5, 5])[:, None, None]
    parsed = read(tmp_path, plain("RAINNC", "mm", data))
    for block in parsed.blocks:
        assert np.isnan(block.values[-1][:, 3]).all() and not np.isnan(block.values[-1][:, 4]).any()


def test_what_falls_again_and_again_is_no_total(tmp_path) -> None:
    run = raining("tp", [1, 0, 2, 0, 3, 0])
    run["variables"]["O3"] = plain()["variables"]["O3"]
    parsed = read(tmp_path, run)
    assert "not a total since the start" in reasons(parsed) and np.isnan(series(parsed, "rain_mm")).all()


def test_a_sum_over_each_step_is_an_amount_of_it(tmp_path) -> None:
    parsed = read(tmp_path, raining("tp", [1, 0, 2, 0, 3, 0], cell_methods="time: sum"))
    np.testing.assert_allclose(series(parsed, "rain_mm"), [1, 0, 2, 0, 3, 0])
    parsed = read(tmp_path, raining("rain_mm", [1, 0, 2, 0, 3, 0], cell_methods="time: sum (interval: 1 hour)"))
    np.testing.assert_allclose(series(parsed, "rain_mm"), [1, 0, 2, 0, 3, 0])


def test_rates_are_taken_by_the_hour(tmp_path) -> None:
    parsed = read(tmp_path, raining("prate", np.arange(6) / 3600, "kg m-2 s-1"))
    np.testing.assert_allclose(series(parsed, "rain_mm"), np.arange(6), rtol=1e-5)
    assert "unknown unit" in reasons(read(tmp_path, raining("tp", np.arange(6), "mm/h")))


def test_a_fall_by_packing_is_no_rain(tmp_path) -> None:
    parsed = read(tmp_path, raining("tp", np.array([5, 5, 4.96, 5, 5, 6]) / 1000, "m"))
    np.testing.assert_allclose(series(parsed, "rain_mm"), [np.nan, 0, 0, 0.04, 0, 1], atol=1e-3)


def test_buckets_of_wrf_are_added_to_its_totals(tmp_path) -> None:
    # WRF-ARW User's Guide: total = I_RAINNC * BUCKET_MM + RAINNC.
    run = raining("RAINNC", [90, 95, 5, 20, 99, 3])
    run["attrs"]["BUCKET_MM"] = np.float32(100)
    run["variables"]["I_RAINNC"] = [
        "i4",
        ("time", "lat", "lon"),
        np.broadcast_to(np.array([0, 0, 1, 1, 1, 2])[:, None, None], (6, 17, 19)),
        {"units": ""},
    ]
    np.testing.assert_allclose(series(read(tmp_path, run), "rain_mm"), [np.nan, 5, 10, 15, 79, 4])
    run["attrs"]["BUCKET_MM"] = np.float32(-1)
    assert "not a total" in refused(read(tmp_path, run))


def test_all_kinds_of_rain_of_wrf_are_added(tmp_path) -> None:
    run = raining("RAINNC", np.arange(6))
    for name in ("RAINC", "RAINSH"):
        run["variables"][name] = raining(name, np.arange(6))["variables"][name]
    np.testing.assert_allclose(series(read(tmp_path, run), "rain_mm")[1:], 3)


def test_a_run_read_in_pieces_is_the_run_read_at_once(tmp_path, monkeypatch) -> None:
    steps = 30
    rng = np.random.default_rng(5)
    run = plain("O3", "ppbV", rng.uniform(20, 80, (steps, LAT.size, LON.size)), steps=steps)
    for name, units, values in (
        ("RAINNC", "mm", np.cumsum(rng.uniform(0, 2, steps))), ("T2", "K", rng.uniform(280, 290, steps)),
        ("PM25", "kg kg-1", rng.uniform(1e-8, 5e-8, steps)), ("PSFC", "Pa", np.full(steps, 95_000.0)),
    ):  # fmt: skip
        run["variables"][name] = plain(name, units, values, steps=steps)["variables"][name]
    whole = read(tmp_path, run)
    monkeypatch.setattr(at_places, "MOST_AT_ONCE", 4 * LAT.size * LON.size)
    pieces = read(tmp_path, run)
    assert whole.rejected == pieces.rejected == [] and len(whole.blocks) == len(pieces.blocks) > 5
    for one, two in zip(whole.blocks, pieces.blocks, strict=True):
        np.testing.assert_array_equal(one.values, two.values)
    run["variables"]["O3"][2] = np.where(np.arange(steps)[:, None, None] >= 25, -500, run["variables"]["O3"][2])
    assert np.isnan(series(read(tmp_path, run))).all()
