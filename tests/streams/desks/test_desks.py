"""The desks against a batch computation, and against themselves in every disorder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from standards.averaging import city_mean, daily_values, moving_mean, ozone_8h, reported_hours, running_day_max
from standards.days import first_hour_of_day
from standards.editions import edition_named
from standards.index.aqi import PRIMARY_CODES, daily_aqi, hourly_aqi
from streams.memory import book as books
from streams.records import iso_hour
from tests.streams import replaying as r

HOURS = 24 * 9 + 5


@pytest.fixture(scope="module")
def history() -> dict[str, np.ndarray]:
    return {place.code: r.observations(place.code, HOURS, 3) for place in r.CITIES}


@pytest.fixture(scope="module")
def blocks(history) -> list:
    made = [block for city, values in history.items() for block in r.blocks_of(city, values)]
    for city in history:
        made += r.forecasts(city, 72, 5) + r.emissions(city, 120, 6)
    return made


@pytest.fixture(scope="module")
def in_order(blocks) -> dict:
    desks = r.Desks()
    for block in blocks:
        desks.take(block)
    return desks.rows()


def _moment(hour: int) -> str:
    return iso_hour(hour).replace("T", " ").replace("Z", ":00.000000")


def _thousandths(value: float) -> float | None:
    return None if np.isnan(value) else np.rint(value * 1000) / 1000


def test_station_hours_equal_a_batch_computation(history, in_order) -> None:
    edition = edition_named("2012")
    for city, values in history.items():
        mean, _ = moving_mean(values, 24, min_count=20)
        eight, _ = ozone_8h(values[3])
        day_max = running_day_max(eight, r.FIRST)
        report = hourly_aqi(values, edition=edition)
        for s, station in enumerate(r.STATIONS[city]):
            for h in range(HOURS):
                row = in_order["air_station_hour"][station, _moment(r.FIRST + h)]
                assert row["pm25_24h_ugm3"] == _thousandths(mean[5, s, h])
                assert row["co_24h_mgm3"] == _thousandths(mean[2, s, h])
                assert row["o3_8h_ugm3"] == _thousandths(eight[s, h])
                assert row["o3_8h_max_ugm3"] == _thousandths(day_max[s, h])
                assert row["pm10_ugm3"] == _thousandths(values[4, s, h])
                assert row["aqi"] == (None if np.isnan(report.aqi[s, h]) else report.aqi[s, h])
                assert row["primary_pollutants"] == PRIMARY_CODES[report.primary[s, h]]
        assert sum(key[0] in r.STATIONS[city] for key in in_order["air_station_hour"]) == len(r.STATIONS[city]) * HOURS


def test_city_hours_and_days_equal_a_batch_computation(history, in_order) -> None:
    edition = edition_named("2012")
    for city, values in history.items():
        hourly = city_mean(values)
        report = hourly_aqi(hourly, edition=edition)
        for h in range(HOURS):
            row = in_order["air_city_hour"][city, _moment(r.FIRST + h)]
            assert row["pm25_ugm3"] == _thousandths(hourly[5, h])
            assert row["aqi"] == (None if np.isnan(report.aqi[h]) else report.aqi[h])
            assert row["stations_expected"] == 4
        days = daily_values(values, r.FIRST)
        means = city_mean(days.means, min_share=0.75, expected=4)
        daily = daily_aqi(means, edition=edition)
        found = sorted(key[1] for key in in_order["air_city_day"] if key[0] == city)
        assert len(found) == means.shape[1]
        for d, day in enumerate(found):
            row = in_order["air_city_day"][city, day]
            assert row["o3_mda8_ugm3"] == _thousandths(means[3, d])
            assert row["aqi"] == (None if np.isnan(daily.aqi[d]) else daily.aqi[d])


def test_joined_rows_hold_each_run_and_the_emissions(history, in_order) -> None:
    rows = in_order["air_joined_hour"]
    city, hour = "510100", _moment(r.FIRST + 30)
    base, runs = rows[city, hour, ""], [key for key in rows if key[:2] == (city, hour) and key[2]]
    assert sorted(rows[key]["lead_hours"] for key in runs) == [30, 42]
    (emission,) = r.emissions(city, 120, 6)
    assert base["nox_kgh"] == pytest.approx(emission.values[:, 1, 30].sum())
    assert base["completeness"] == pytest.approx(2 / 3, abs=1e-3) and base["wind_source"] == "forecast"
    run = rows[next(key for key in runs if rows[key]["lead_hours"] == 30)]
    forecast = next(b for b in r.forecasts(city, 72, 5) if b.run_init == r.FIRST)
    assert run["forecast_pm25_ugm3"] == np.rint(forecast.values[5, 1, 30])  # at the one point of the run, as reported
    assert run["pm25_ugm3"] == base["pm25_ugm3"] and run["completeness"] == 1
    assert any(row["upwind_nox_kgh"] for row in rows.values())


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_repetition_gives_the_same_rows(blocks, in_order, seed) -> None:
    desks = r.Desks()
    for block in r.shuffled([*blocks, *blocks[:: seed + 2]], seed):
        desks.take(block)
    rows = desks.rows()
    for table, expected in in_order.items():
        if table != "source_hour":
            assert rows[table] == expected, table
    again, once = ({key: sum(c.values()) for key, c in x["source_hour"].items()} for x in (rows, in_order))
    assert all(again[key] >= n for key, n in once.items()) and sum(again.values()) > sum(once.values())
    accepted = {key: counts["accepted"] for key, counts in rows["source_hour"].items()}
    assert accepted == {key: counts["accepted"] for key, counts in in_order["source_hour"].items()}


@pytest.mark.parametrize("size", [1, 7, 24, 240])
def test_block_size_does_not_matter(history, in_order, size) -> None:
    desks = r.Desks()
    city = "510600"
    for block in r.blocks_of(city, history[city][..., :100], size=size):
        desks.take(block)
    whole = r.Desks()
    whole.take(r.blocks_of(city, history[city][..., :100], size=100)[0])
    rows, expected = desks.rows(), whole.rows()
    for table in ("air_station_hour", "air_city_hour", "air_station_day", "air_city_day", "air_joined_hour"):
        assert rows[table] == expected[table], table


@pytest.mark.parametrize("seed", range(3))
def test_revisions_weeks_later_win_wherever_they_arrive(history, seed) -> None:
    city, rng = "510100", np.random.default_rng(seed)
    values = r.observations(city, 24 * 45, seed)
    revised = values.copy()
    at = slice(24 * 3, 24 * 3 + 30)
    revised[..., at] = np.where(rng.random(revised[..., at].shape) < 0.5, np.nan, np.round(revised[..., at] * 1.5, 1))
    first = r.blocks_of(city, values, size=48)
    corrections = r.blocks_of(city, revised[..., at], first=r.FIRST + at.start, size=10, revision=2, status="reviewed")
    stale = r.blocks_of(city, values[..., at] * 0, first=r.FIRST + at.start, size=30, revision=1)
    late, mixed = r.Desks(), r.Desks()
    for block in [*first, *stale, *corrections]:
        late.take(block)
    for block in r.shuffled([*first, *stale, *corrections], seed):
        mixed.take(block)
    assert late.rows()["air_station_hour"] == mixed.rows()["air_station_hour"]
    assert late.rows()["air_city_day"] == mixed.rows()["air_city_day"]
    row = late.rows()["air_station_hour"][r.STATIONS[city][0], _moment(r.FIRST + at.start)]
    assert (row["status"], row["revision"]) == ("reviewed", 2)
    whole = np.concatenate([revised[..., : at.stop], values[..., at.stop :]], axis=-1)
    mean, _ = moving_mean(reported_hours(whole), 24, min_count=20)
    touched = late.rows()["air_station_hour"][r.STATIONS[city][1], _moment(r.FIRST + at.stop + 20)]
    assert touched["pm10_24h_ugm3"] == _thousandths(mean[4, 1, at.stop + 20])


def test_two_sources_that_disagree_give_one_answer(history) -> None:
    city = "511100"
    one, other = (r.blocks_of(city, r.observations(city, 48, seed), source=f"feed-{seed}") for seed in (1, 2))
    answers = []
    for order in ([*one, *other], [*other, *one], r.shuffled([*one, *other], 5)):
        desks = r.Desks()
        for block in order:
            desks.take(block)
        answers.append(desks.rows()["air_station_hour"])
    assert answers[0] == answers[1] == answers[2]


def test_old_hours_leave_the_state_and_are_taken_all_the_same(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(books, "CAPACITY", 3)
    city, desks = "510100", r.Desks(archive=tmp_path)
    for block in r.blocks_of(city, r.observations(city, 240 * 6, 1), size=120):
        desks.take(block)
    kept = {key: value for key, value in desks.pieces[city].items() if key.startswith("o")}
    assert len([key for key, value in kept.items() if not isinstance(value, str)]) == 3 < len(kept)
    desks.take(r.blocks_of(city, r.observations(city, 24, 2), status="reviewed")[0])
    rows = desks.rows()
    assert rows["source_hour"]["made", r.FIRST] == {"accepted": 8, "duplicate": 0, "late": 0}
    assert rows["air_station_hour"][r.STATIONS[city][0], _moment(r.FIRST)]["status"] == "reviewed"


def test_the_edition_changes_with_the_day_inside_one_block() -> None:
    city, first = "510100", first_hour_of_day(20_511)  # 2026-02-27
    values = np.full((6, 4, 72), 10.0)
    values[2], values[5] = 0.5, 65
    desks = r.Desks()
    desks.take(r.blocks_of(city, values, first=first, size=72)[0])
    rows = desks.rows()["air_city_day"]
    assert {key[1]: (row["edition"], row["aqi"]) for key, row in rows.items()} == {
        "2026-02-27": ("HJ 633-2012", 88), "2026-02-28": ("HJ 633-2012", 88), "2026-03-01": ("HJ 633-2026", 105),
    }  # fmt: skip
    hours = desks.rows()["air_city_hour"]
    boundary = first_hour_of_day(20_513)
    assert hours[city, _moment(boundary - 1)]["edition"] == "HJ 633-2012"
    assert hours[city, _moment(boundary)]["edition"] == "HJ 633-2026"


def test_forecasts_without_observations_do_not_fill_the_state(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(books, "CAPACITY", 5)
    desks, city = r.Desks(archive=tmp_path), "510100"
    for day in range(12):
        for run in r.forecasts(city, 24, day, first=r.FIRST + 24 * day):
            desks.take(run)
    runs = [value for key, value in desks.pieces[city].items() if key.startswith("f")]
    assert len(runs) == 24 and len([value for value in runs if not isinstance(value, str)]) == 5


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_measured_hour_replaces_a_simulated_one_of_higher_status_and_revision(order) -> None:
    city = "510100"
    made = [
        replace(block, simulated=True)
        for block in r.blocks_of(city, r.observations(city, 48, 1), source="a", status="reviewed", revision=9)
    ]
    here = np.zeros((4, 24), bool)
    here[:3] = True
    values = r.observations(city, 24, 2)
    values[:, 1, 5] = np.nan  # a row without a value: nothing was measured, and no made-up number says otherwise
    measured = r.blocks_of(city, values, source="b", present=here)
    desks = r.Desks()
    for part in order:
        for block in (made, measured)[part]:
            desks.take(block)
    rows = desks.rows()["air_station_hour"]
    for (station, moment), row in rows.items():
        s = r.STATIONS[city].index(station)
        kept = s < 3 and moment < _moment(r.FIRST + 24)
        assert (row["simulated"], row["source"]) == ((False, "b") if kept else (True, "a"))
        assert (row["status"], row["revision"]) == (("provisional", 0) if kept else ("reviewed", 9))
    assert rows[r.STATIONS[city][1], _moment(r.FIRST + 5)]["pm25_ugm3"] is None
    assert all(row["simulated"] for row in desks.rows()["air_city_hour"].values()), "the fourth station is simulated"
