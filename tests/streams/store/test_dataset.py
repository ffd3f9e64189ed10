"""The store as a dataset: shapes, missing values, metadata, files, and clear refusals."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
import xarray as xr

from standards.nomenclature import attributes
from streams.records import SPECIES
from streams.store import StoreError, begin_write
from streams.store.dataset import LEFT_OUT, TABLES, open_dataset
from streams.store.schema import metadata, views
from streams.store.upserts import upsert
from tests.streams.store.decoding import decoded

HOUR = 465_000
TRACE = {"edition": "HJ633-2012", "simulated": False, "version": 3, "status": 1, "revision": 0}


def write(store, *batches) -> None:
    with begin_write(store) as connection:
        for batch in batches:
            upsert(connection, [batch])


def hours(city: str, first: int, values, **columns):
    count = len(values)
    return decoded(
        "air_city_hour",
        {"city": city, "hour_end": np.arange(first, first + count), "pm25_ugm3": list(values), **TRACE, **columns},
    )


MADE = {"simulated": False, "version": 3}


def emitted(city: str = "510100", **columns):
    return decoded("emission_city_hour", {"city": city, "hour_end": HOUR, **MADE, **columns})


def forecast(**columns):
    needed = {"city": "510100", "hour_end": HOUR, "points": 4, "lead_day": 0, "edition": "HJ633-2012"}
    return decoded("forecast_city_hour", {**needed, **MADE, **columns})


@pytest.fixture
def filled(store):
    write(
        store,
        hours("510100", HOUR, [10.0, None, 30.0], primary_pollutants=1 << 5, aqi=60),
        hours("510600", HOUR + 1, [40.0], simulated=True, edition="HJ633-2026"),
    )
    return store


def test_rows_become_a_grid_with_missing_where_there_is_no_row(filled):
    data = open_dataset(filled)
    assert dict(data.sizes) == {"city": 2, "hour_end": 3}
    np.testing.assert_array_equal(data.pm25_ugm3, [[10, np.nan, 30], [np.nan, 40, np.nan]])
    assert data.primary_pollutants.sel(city="510100").values.tolist() == ["pm25"] * 3
    assert data.primary_pollutants.sel(city="510600").values.tolist() == ["", "", ""]
    assert data.simulated.values.tolist() == [[0, 0, 0], [-1, 1, -1]]
    assert data.hour_end.values[0] == np.datetime64("1970-01-01T00") + np.timedelta64(HOUR, "h")


def test_the_metadata_tell_what_is_what(filled):
    data = open_dataset(filled)
    assert data.attrs["Conventions"] == "CF-1.11"
    assert data.attrs["simulated"] == 1
    assert data.attrs["editions"] == "HJ633-2012, HJ633-2026"
    assert "observations and simulated" in data.attrs["source"]
    pm25 = data.pm25_ugm3.attrs
    assert pm25["units"] == "ug m-3"
    assert pm25["standard_name"] == "mass_concentration_of_pm2p5_ambient_aerosol_particles_in_air"
    assert pm25["long_name_zh"] == "细颗粒物(PM2.5)浓度"
    assert data.co_24h_mgm3.attrs["units"] == "mg m-3"
    assert data.hour_end.attrs["standard_name"] == "time"


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_name_in_both_languages(table):
    for column in (metadata.tables | views.tables)[table].c:
        if column.name not in ("sectors", "species_ppb", "species_ugm3", "upwind_weights"):
            assert {"long_name", "long_name_zh"} <= set(attributes(column.name)), column.name


def test_a_file_brings_back_what_was_written(filled, tmp_path):
    data = open_dataset(filled)
    data.to_netcdf(tmp_path / "air.nc")
    with xr.open_dataset(tmp_path / "air.nc") as again:
        xr.testing.assert_equal(again.load(), data)
        assert again.pm25_ugm3.attrs["long_name_zh"] == data.pm25_ugm3.attrs["long_name_zh"]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"start": "2023-01-18T01:00Z"}, 2),
        ({"start": "2023-01-18T09:00+08:00", "end": "2023-01-18T01:00"}, 1),
        ({"end": dt.datetime(2023, 1, 18, 1, tzinfo=dt.UTC)}, 2),
        ({"start": dt.date(2023, 1, 18)}, 3),
        ({"end": np.datetime64("2023-01-18T00")}, 1),
        ({"start": "2024-01-01"}, 0),
    ],
)
def test_a_period_includes_both_its_ends(store, limits, expected):
    first = int(np.datetime64("2023-01-18T00", "h").astype(int))
    write(store, hours("510100", first, [1.0, 2.0, 3.0]))
    assert open_dataset(store, **limits).sizes["hour_end"] == expected


def test_cities_may_be_chosen(filled):
    assert open_dataset(filled, cities=["510600"]).city.values.tolist() == ["510600"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"table": "rejected"}, "the table is 'rejected', expected one of air_station_hour"),
        ({"cities": ["999999"]}, "no city 999999, expected some of 510100, 510600"),
        ({"cities": "510100"}, "expected a collection"),
        ({"stations": ["1431A"]}, "air_city_hour has no station, expected a restriction by city, hour_end"),
        ({"start": "yesterday"}, "the time is 'yesterday', expected ISO 8601"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(filled, arguments, message):
    with pytest.raises(StoreError, match=message):
        open_dataset(filled, **arguments)


@pytest.mark.parametrize("table", TABLES)
def test_an_empty_table_is_an_empty_dataset(store, table, tmp_path):
    data = open_dataset(store, table)
    assert set(data.sizes.values()) <= {0, len(SPECIES)}
    assert data.attrs["simulated"] == 0


def test_days_are_a_time_axis(store, tmp_path):
    write(
        store,
        decoded("air_city_day", {"city": "510100", "day": [19_376, 19_377], "o3_mda8_ugm3": [80.0, 90.0], **TRACE}),
    )
    data = open_dataset(store, "air_city_day", start="2023-01-20")
    assert data.day.values.tolist() == [np.datetime64("2023-01-20", "ns").astype(int)]
    assert data.o3_mda8_ugm3.item() == 90
    data.to_netcdf(tmp_path / "day.nc")


SECTORS = json.dumps({
    "sectors": ["traffic", "industry"], "species": list(SPECIES),
    "kgh": [[None, 8.5, None, None, None, None, None], [1, 2, 3, 4, 5, 6, 7]],
})  # fmt: skip


def test_the_join_has_runs_and_emissions_by_sector(store, tmp_path):
    write(
        store, hours("510100", HOUR, [10.0]), emitted(so2_kgh=12.0, inventory="2022", sectors=SECTORS),
        forecast(run="CDAQS/2023-01-17T12Z", run_init=HOUR - 12, lead_hours=12, forecast_aqi=70),
    )  # fmt: skip
    write(store, forecast(run="CDAQS/2023-01-18T00Z", run_init=HOUR, lead_hours=0, forecast_aqi=None))
    data = open_dataset(store, "air_joined_hour")
    assert dict(data.sizes) == {"city": 1, "hour_end": 1, "run": 3, "sector": 2, "species": 7}
    emission = data.emission_kgh.isel(city=0, hour_end=0)
    assert emission.sel(sector="traffic", species="nox").item() == 8.5
    assert np.isnan(emission.sel(sector="traffic", species="so2"))
    assert emission.sel(sector="industry").values.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert np.isnat(data.run_init.sel(run="")).all()
    np.testing.assert_array_equal(data.forecast_aqi.values.ravel(), [np.nan, 70, np.nan])
    data.to_netcdf(tmp_path / "joined.nc")
    one = open_dataset(store, "air_joined_hour", runs=["CDAQS/2023-01-18T00Z"])
    assert one.sizes["run"] == 1
    assert one.emission_kgh.sel(sector="traffic", species="nox").item() == 8.5
    assert open_dataset(store, "air_joined_hour", runs=[]).sizes["run"] == 0
    assert open_dataset(store, "air_joined_hour", runs=[""]).run.values.tolist() == [""]


def test_emissions_have_sectors_as_a_dimension(store, tmp_path):
    write(store, emitted(sectors=SECTORS, so2_kgh=1.0, inventory="2022"))
    write(store, emitted("510600", so2_kgh=None, inventory="2023"))
    data = open_dataset(store, "emission_city_hour")
    assert dict(data.sizes) == {"city": 2, "hour_end": 1, "sector": 2, "species": 7}
    assert "sectors" not in data and data.inventory.values.ravel().tolist() == ["2022", "2023"]
    assert data.emission_kgh.sel(city="510100", sector="industry", species="co").item() == 3
    assert np.isnan(data.emission_kgh.sel(city="510600")).all() and np.isnan(data.so2_kgh.sel(city="510600")).all()
    data.to_netcdf(tmp_path / "emission.nc")


def test_weights_of_the_cities_upwind_are_a_dimension(store, tmp_path):
    weights = {"510600": 0.5, "510700": 0.25}
    write(store, decoded("air_city_hour", {
        "city": "510100", "hour_end": [HOUR, HOUR + 1, HOUR + 2], **TRACE,
        "upwind_weights": [json.dumps(weights), "{}", None],
    }))  # fmt: skip
    data = open_dataset(store)
    assert data.upwind_city.values.tolist() == ["510600", "510700"]
    np.testing.assert_array_equal(data.upwind_weight[0], [[0.5, 0.25], [0, 0], [np.nan, np.nan]])
    run = {"run": "CDAQS/2023-01-18T00Z", "run_init": HOUR, "lead_hours": 0}
    write(store, forecast(**run, upwind_weights=json.dumps(weights)))
    runs = open_dataset(store, "forecast_city_hour")
    assert runs.upwind_weight.dims == ("city", "hour_end", "run", "upwind_city")
    assert runs.upwind_weight.values.ravel().tolist() == [0.5, 0.25] and runs.points.item() == 4
    runs.to_netcdf(tmp_path / "runs.nc")


def test_what_models_gave_is_told_by_model_and_quantity(store, tmp_path):
    row = {"city": "510100", "hour_end": HOUR, "model_version": "1.2", **MADE}
    for run, quantity, value in (
        ("", "o3_ugm3", 80.0),
        ("", "pm25_ugm3", None),
        ("CDAQS/2023-01-18T00Z", "o3_ugm3", 90.0),
    ):
        write(store, decoded("model_hour", {**row, "run": run, "model": "ridge", "quantity": quantity, "value": value}))
    data = open_dataset(store, "model_hour")
    assert data.value.dims == ("city", "hour_end", "run", "model", "quantity")
    assert data.value.sel(model="ridge", quantity="o3_ugm3").values.ravel().tolist() == [80.0, 90.0]
    assert np.isnan(data.value.sel(quantity="pm25_ugm3")).all()
    assert data.model_version.sel(run="", quantity="o3_ugm3").item() == "1.2"
    assert open_dataset(store, "model_hour", runs=[""]).sizes["run"] == 1
    data.to_netcdf(tmp_path / "models.nc")


def test_every_table_is_offered_or_left_out_for_a_reason():
    made = {*metadata.tables, *views.tables}
    assert {*TABLES, *LEFT_OUT} == made and not set(TABLES) & set(LEFT_OUT)
    keyed = {
        name for name in made
        for keys in [[column.name for column in (metadata.tables | views.tables)[name].primary_key]]
        if keys[0] in ("city", "station", "place") and keys[1] in ("hour_end", "day")
    }  # fmt: skip
    assert keyed == set(TABLES)


@pytest.mark.parametrize(
    ("start", "first"),
    [
        ("2023-01-20T20:00Z", 21),  # 04:00 of the 21st in Shanghai
        ("2023-01-21T04:00+08:00", 21),
        ("2023-01-20T16:00Z", 20),  # 24:00 of the 20th: the hour that ends then belongs to it
        ("2023-01-20T16:00:01Z", 21),
        (dt.datetime(2023, 1, 20, 17, tzinfo=dt.UTC), 21),
        (np.datetime64("2023-01-20T15:59"), 20),
        ("2023-01-21", 21),
        (dt.date(2023, 1, 21), 21),
        (np.datetime64("2023-01-21"), 21),
    ],
)
def test_a_moment_given_for_days_means_the_natural_day_of_its_hour(store, start, first):
    write(store, decoded("air_city_day", {"city": "510100", "day": np.arange(19_376, 19_381), "aqi": 50, **TRACE}))
    days = open_dataset(store, "air_city_day", start=start).day.values.astype("datetime64[D]").tolist()
    assert days == [dt.date(2023, 1, day) for day in range(first, 24)]
    until = open_dataset(store, "air_city_day", end=start).day.values.astype("datetime64[D]").tolist()
    assert until == [dt.date(2023, 1, day) for day in range(19, first + 1)]


def test_what_is_known_may_be_asked_for_beyond_the_period(filled):
    write(
        filled,
        forecast(run="CDAQS/2023-01-18T00Z", run_init=HOUR, lead_hours=0),
        forecast(run="odd", run_init=HOUR, lead_hours=0),
    )
    for arguments in (
        {"cities": ["510600"]}, {"table": "air_joined_hour", "cities": ["510100"]},
        {"table": "air_joined_hour", "runs": ["CDAQS/2023-01-18T00Z"]}, {"table": "air_joined_hour", "runs": [""]},
        {"table": "forecast_city_hour", "runs": ["odd"]},
    ):  # fmt: skip
        assert open_dataset(filled, **arguments, start="2031-01-01").sizes["hour_end"] == 0
    for arguments, message in (
        ({"cities": ["x"]}, "air_city_hour has no city x, expected some of 510100, 510600"),
        (
            {"table": "air_joined_hour", "cities": ["x"]},
            "air_joined_hour has no city x, expected some of 510100, 510600",
        ),
        (
            {"table": "air_joined_hour", "runs": ["CDAQS/2024-01-18T00Z"]},
            "no run CDAQS/2024.*expected some of CDAQS/2023",
        ),
        (
            {"table": "forecast_city_hour", "runs": ["even", "odd"]},
            "no run even, expected some of CDAQS/2023-01-18T00Z, odd",
        ),
    ):
        with pytest.raises(StoreError, match=message):
            open_dataset(filled, **arguments, start="2031-01-01")


def test_stations_may_be_chosen_by_their_city(store):
    for code, city in (("1431A", "510100"), ("1500A", "510600"), ("9999Z", None)):
        write(store, decoded("air_station_hour", {"station": [code], "hour_end": HOUR, "city": city, **TRACE}))
    chosen = open_dataset(store, "air_station_hour", cities=["510600"], start="2023-01-01")
    assert chosen.station.values.tolist() == ["1500A"]
    assert open_dataset(store, "air_station_hour", cities=["510600"], start="2031-01-01").sizes["station"] == 0
    with pytest.raises(StoreError, match="no city 510700, expected some of 510100, 510600"):
        open_dataset(store, "air_station_hour", cities=["510700"])
    with pytest.raises(StoreError, match="no station 1, expected some of 1431A, 1500A, 9999Z"):
        open_dataset(store, "air_station_hour", stations=["1"])


def test_it_opens_by_address_too(filled, store_url):
    xr.testing.assert_identical(open_dataset(store_url), open_dataset(filled))
