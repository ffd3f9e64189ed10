"""A city's forecast is of the same thing as a city's observation: the mean over the assessment points that count that day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from standards.days import first_hour_of_day, natural_day
from standards.pollutants import ITEMS
from standards.verification.scores import nmb
from streams.columns import CONCENTRATIONS
from streams.records import CITY_MEAN, FORECAST_VARIABLES, ForecastBlock
from streams.registry.roster import Roster
from tests.streams import replaying as r

CITY, HOURS = "510100", 72
LEAVES = int(first_hour_of_day(natural_day(r.FIRST + 40)))
"""The first hour of the day from which the last station counts no longer."""


def roster() -> Roster:
    """Make four points, of which one is closed for good half-way, and a micro-station that never counts."""
    points = {city: [(station, 0, 10**7) for station in stations] for city, stations in r.STATIONS.items()}
    points[CITY][3] = (r.STATIONS[CITY][3], 0, LEAVES - 1)
    return Roster(r.CITIES, {c: tuple(p) for c, p in points.items()}, {CITY: {"MICRO": "micro"}})


def truth_run(values: np.ndarray, *, area: float) -> ForecastBlock:
    """Make a run that is the truth at every point, and something else over the city's area and at a micro-station."""
    places = (CITY_MEAN, *r.STATIONS[CITY], "MICRO")
    run = np.full((len(FORECAST_VARIABLES), len(places), HOURS), 1.0)
    run[: len(ITEMS), 1:-1] = values
    run[: len(ITEMS), [0, -1]] = area
    return ForecastBlock(
        source="cdaqs", model="CDAQS", run_init=r.FIRST, city=CITY, places=places, first_hour=r.FIRST, values=run
    )


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    values = np.round(r.observations(CITY, HOURS, 21, missing=0) * 1.0137, 3)  # an instrument that sends decimals
    desks = r.Desks(roster())
    for block in [*r.blocks_of(CITY, values), truth_run(values, area=300.0)]:
        desks.take(block)
    return [row for key, row in desks.rows()["air_joined_hour"].items() if key[2]]


def test_a_run_that_is_the_truth_at_the_points_scores_a_bias_of_zero(rows) -> None:
    assert len(rows) == HOURS
    for name in CONCENTRATIONS:
        observed, forecast = (np.array([row[n] for row in rows], float) for n in (name, f"forecast_{name}"))
        assert np.isfinite(observed).all() and observed.std() > 0
        assert nmb(observed, forecast).value == 0, name
        np.testing.assert_array_equal(forecast, observed)


def test_its_index_is_the_observed_index(rows) -> None:
    assert [row["forecast_aqi"] for row in rows] == [row["aqi"] for row in rows]


def test_the_points_are_those_that_count_in_the_hour() -> None:
    values = r.observations(CITY, HOURS, 21, missing=0)
    desks = r.Desks(roster())
    desks.take(truth_run(values, area=300.0))
    found = desks.rows()["forecast_city_hour"]
    points = [found[CITY, r.moment(r.FIRST + h), "CDAQS/2023-01-18T00Z"]["points"] for h in range(HOURS)]
    assert points == [4 if r.FIRST + h < LEAVES else 3 for h in range(HOURS)]
    assert set(points) == {3, 4}


def test_weather_is_that_over_the_area() -> None:
    desks, run = r.Desks(roster()), truth_run(r.observations(CITY, HOURS, 21), area=300.0)
    values = run.values.copy()
    values[len(ITEMS) :, 0], values[len(ITEMS) :, 1:] = 2.5, 9.0
    desks.take(replace(run, values=values))
    assert {row["temperature_c"] for row in desks.rows()["forecast_city_hour"].values()} == {2.5}


@pytest.mark.parametrize("order", [1, -1])
def test_a_run_that_is_issued_again_takes_the_place_of_the_first_be_it_lower(order) -> None:
    desks, values = r.Desks(), r.observations(CITY, HOURS, 4, missing=0)
    first = truth_run(values, area=300.0)
    again = replace(first, values=first.values / 2, received_at=60.0)
    for block in (first, again)[::order]:
        desks.take(block)
    rows = desks.rows()
    hour = r.moment(r.FIRST + 5)
    wanted = np.round(values[5, 0, 5] / 2, 3)
    assert rows["forecast_station_hour"][r.STATIONS[CITY][0], hour, first.run]["forecast_pm25_ugm3"] == wanted
    mean = np.rint(values[5, :, 5] / 2).mean()  # of hours rounded half to even, as reported
    assert rows["forecast_city_hour"][CITY, hour, first.run]["forecast_pm25_ugm3"] == pytest.approx(mean, abs=1e-9)


def test_a_run_received_again_as_it_was_is_a_duplicate() -> None:
    desks = r.Desks()
    run = truth_run(r.observations(CITY, HOURS, 4), area=1.0)
    desks.take(run)
    del desks.lines[:]
    desks.take(replace(run, received_at=60.0))
    rows = desks.rows()
    assert set(rows) == {"source_hour"}
    counts = rows["source_hour"]["cdaqs", r.FIRST]
    assert (counts["accepted"], counts["duplicate"]) == (0, len(run.places))


@pytest.mark.parametrize("order", [1, -1])
def test_a_simulated_run_of_the_same_name_never_hides_a_real_one(order) -> None:
    values = r.observations(CITY, HOURS, 4, missing=0)
    real = truth_run(values, area=1.0)
    made_up = replace(real, values=real.values * 2, simulated=True, received_at=60.0)
    desks = r.Desks()
    for block in (real, made_up)[::order]:
        desks.take(block)
    rows = desks.rows()
    hour = r.moment(r.FIRST + 5)
    city = rows["forecast_city_hour"][CITY, hour, real.run]
    station = rows["forecast_station_hour"][r.STATIONS[CITY][0], hour, real.run]
    assert (station["forecast_pm25_ugm3"], station["simulated"]) == (values[5, 0, 5], 0)
    assert (city["forecast_pm25_ugm3"], city["simulated"]) == (pytest.approx(values[5, :, 5].mean(), abs=1e-3), 0)


def test_a_run_that_is_withdrawn_says_nothing_any_more() -> None:
    desks = r.Desks()
    run = truth_run(r.observations(CITY, HOURS, 4, missing=0), area=1.0)
    desks.take(run)
    desks.take(replace(run, values=run.values * np.nan, received_at=60.0))
    rows = desks.rows()
    hour = r.moment(r.FIRST + 5)
    assert rows["forecast_station_hour"][r.STATIONS[CITY][0], hour, run.run]["forecast_pm25_ugm3"] is None
    assert rows["forecast_city_hour"][CITY, hour, run.run]["forecast_pm25_ugm3"] is None


def test_a_city_follows_its_points_when_a_run_is_issued_again_for_fewer_of_them() -> None:
    desks = r.Desks()
    run = truth_run(r.observations(CITY, HOURS, 4, missing=0), area=1.0)
    again = np.full_like(run.values[:, 1:4], 80.0)
    desks.take(run)
    desks.take(replace(run, places=run.places[1:4], values=again, received_at=60.0))
    row = desks.rows()["forecast_city_hour"][CITY, r.moment(r.FIRST + 5), run.run]
    assert (row["forecast_pm25_ugm3"], row["points"]) == (80.0, 3)
