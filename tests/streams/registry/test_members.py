"""A city is assessed from its assessment points alone; every other station is assessed for itself, under the same city."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from standards.averaging import city_mean, daily_values, moving_mean, ozone_8h, reported_hours
from standards.days import day_of_date, first_hour_of_day
from streams.memory import book as books
from streams.records import Block, CityPlace, ObservationBlock, iso_hour
from streams.registry.members import Members
from streams.registry.roster import Roster
from streams.wire import messages
from tests.streams import replaying as r

CITY, HOURS = "510100", 24 * 6
FIRST = int(first_hour_of_day(19_378))  # 2023-01-21
GONE_AFTER, COUNTS_FROM = FIRST + 24 * 2 - 1, FIRST + 24 * 3
POINTS = (("1001A", 0, 10**7), ("1002A", 0, 10**7), ("1003A", 0, GONE_AFTER), ("1004A", COUNTS_FROM, 10**7))
OTHERS = {"S01": "super", "B01": "background", "V01": "mobile", **{f"M{i:02d}": "micro" for i in range(6)}}
ROSTER = Roster((CityPlace(CITY, 104.07, 30.67),), {CITY: POINTS}, {CITY: OTHERS})
STATIONS = (*(code for code, *_ in POINTS), *OTHERS, "unknown")


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    rng = np.random.default_rng(5)
    made = np.rint(rng.gamma(4, 15, (6, len(STATIONS), HOURS)))
    made[2] /= 50
    made[rng.random(made.shape) < 0.1] = np.nan
    return made


def _blocks(values: np.ndarray, stations: tuple[str, ...], *, size: int = 24, **fields) -> list[Block]:
    rows = [STATIONS.index(code) for code in stations]
    return [
        ObservationBlock(
            source="made", city=CITY, stations=stations, first_hour=FIRST + at, values=values[:, rows, at : at + size],
            present=np.ones((len(rows), min(size, HOURS - at)), bool), **fields,
        )
        for at in range(0, HOURS, size)
    ]  # fmt: skip


def _rows(blocks: list[Block]) -> dict:
    desks = r.Desks(ROSTER)
    for block in blocks:
        desks.take(block)
    return desks.rows()


def _moment(hour: int) -> str:
    return iso_hour(int(hour)).replace("T", " ").replace("Z", ":00.000000")


def _thousandths(value: float) -> float | None:
    return None if np.isnan(value) else np.rint(value * 1000) / 1000


def _counting(values: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Blank what does not count, written out by hand: (..., point, hour)."""
    points = values[..., : len(POINTS), :].copy()
    points[..., 2, hours > GONE_AFTER] = np.nan
    points[..., 3, hours < COUNTS_FROM] = np.nan
    return points


def test_the_city_is_the_mean_of_its_points_in_the_days_in_which_they_count(values) -> None:
    rows = _rows(_blocks(values, STATIONS))
    hours, values = FIRST + np.arange(HOURS), reported_hours(values)
    hourly = city_mean(_counting(values, hours))
    pm25, _ = moving_mean(values[5], 24, min_count=20)
    o3, _ = ozone_8h(values[3])
    pm25, o3 = (city_mean(_counting(each[None], hours))[0] for each in (pm25, o3))
    days = daily_values(values, FIRST)
    by_day = city_mean(
        _counting(days.means, FIRST + 24 * np.arange(HOURS // 24)),
        min_share=0.5,  # HJ 663-2013 6.1.4: a city of fewer than 4 points
        expected=np.array([3, 3, 2, 3, 3, 3]),
    )
    for h, hour in enumerate(hours):
        row = rows["air_city_hour"][CITY, _moment(hour)]
        assert [row[name] for name in ("so2_ugm3", "co_mgm3", "pm25_ugm3")] == [
            _thousandths(hourly[i, h]) for i in (0, 2, 5)
        ]
        assert (row["pm25_24h_ugm3"], row["o3_8h_ugm3"]) == (_thousandths(pm25[h]), _thousandths(o3[h]))
        counting = ~np.isnan(_counting(values, hours)[..., h])
        expected = 2 if GONE_AFTER < hour < COUNTS_FROM else 3
        assert (row["stations_reporting"], row["stations_expected"]) == (counting.any(axis=0).sum(), expected)
        assert row["completeness"] == pytest.approx(counting.sum() / (6 * expected), abs=1e-3)
        joined = rows["air_joined_hour"][CITY, _moment(hour), ""]
        assert joined["pm25_ugm3"] == row["pm25_ugm3"] and joined["aqi"] == row["aqi"]
    for d, (_, row) in enumerate(sorted(rows["air_city_day"].items())):
        assert row["pm10_ugm3"] == _thousandths(by_day[4, d]) and row["o3_mda8_ugm3"] == _thousandths(by_day[3, d])
        assert row["stations_expected"] == (2 if d == 2 else 3)


def test_every_station_is_assessed_and_stored_with_its_city(values) -> None:
    rows = _rows(_blocks(values, STATIONS))
    for table, count in (("air_station_hour", HOURS), ("air_station_day", HOURS // 24)):
        assert {key[0] for key in rows[table]} == set(STATIONS)
        assert len(rows[table]) == len(STATIONS) * count
        assert {row["city"] for row in rows[table].values()} == {CITY}
    counts = rows["source_hour"]["made", FIRST]
    assert counts == {"accepted": len(STATIONS), "duplicate": 0, "late": 0}


@pytest.mark.parametrize("seed", range(3))
def test_stations_may_come_together_or_apart_in_any_order(values, seed) -> None:
    together = _rows(_blocks(values, STATIONS))
    cut = (STATIONS[:3], STATIONS[3:7], STATIONS[7:])
    apart = [block for stations in cut for block in _blocks(values, stations, size=(24, 7, 48)[seed])]
    rows = _rows(r.shuffled([*apart, *apart[::5]], seed))
    for table, expected in together.items():
        if table != "source_hour":
            assert rows[table] == expected, table


def test_a_city_in_which_only_other_stations_report_has_no_row(values) -> None:
    rows = _rows([*_blocks(values, tuple(OTHERS)), *_blocks(values, ("unknown",))])
    assert {key[0] for key in rows["air_station_hour"]} == {*OTHERS, "unknown"}
    assert set(rows) == {"air_station_hour", "air_station_day", "source_hour"}


def test_status_revision_simulated_and_wind_of_a_city_are_those_of_its_points(values) -> None:
    def winds(east_ms: float, stations: tuple[str, ...]) -> np.ndarray:
        return np.full((2, len(stations), 24), east_ms)

    points, others = ("1001A", "1002A"), tuple(OTHERS)
    blocks = [
        replace(block, wind_ms=winds(3.0, points)) for block in _blocks(values, points, status="reviewed", revision=1)
    ]
    blocks += [
        replace(block, wind_ms=winds(-9.0, others))
        for block in _blocks(values, others, status="provisional", revision=7, simulated=True)
    ]
    rows = _rows(blocks)
    for table in ("air_city_hour", "air_city_day", "air_joined_hour"):
        for row in rows[table].values():
            assert (row["status"], row["revision"], row["simulated"]) == ("reviewed", 1, False), table
    assert {row["wind_source"] for row in rows["air_joined_hour"].values()} == {"stations"}
    assert all(row["simulated"] for key, row in rows["air_station_hour"].items() if key[0] in others)


def test_an_hour_of_micro_stations_writes_no_row_of_the_city_and_wakes_no_neighbour(values) -> None:
    desks = r.Desks(ROSTER)
    for block in _blocks(values, STATIONS)[:-1]:
        desks.take(block)
    micro, points = tuple(c for c, kind in OTHERS.items() if kind == "micro"), tuple(code for code, *_ in POINTS)
    last = HOURS - 24
    for stations, touched in ((micro, (*micro, "V01")), (points, (*points, "S01", "B01", "unknown"))):
        desks.lines.clear()
        block = next(b for b in _blocks(values, stations) if b.first_hour == FIRST + last)
        desks.take(block)
        tables = {messages.rows_from(line).table for line in desks.lines}
        assert ("air_city_hour" in tables) is (stations == points)
        written = {key[0] for key in desks.rows()["air_station_hour"]}
        assert written == set(touched)


def test_micro_stations_push_no_point_out_of_the_state(monkeypatch, values, tmp_path) -> None:
    monkeypatch.setattr(books, "CAPACITY", 2)
    desks, first = r.Desks(ROSTER, archive=tmp_path), -(-FIRST // books.PIECE_HOURS) * books.PIECE_HOURS
    (block,) = _blocks(values[..., :HOURS], ("1001A",), size=HOURS)
    (micro,) = _blocks(values[..., :HOURS], ("M00",), size=HOURS)
    for piece, each in enumerate((block, block, micro, micro, micro)):
        desks.take(replace(each, first_hour=first + piece * books.PIECE_HOURS))
    state = [key for key, value in desks.pieces[CITY].items() if key[0] in "om" and not isinstance(value, str)]
    number = first // books.PIECE_HOURS
    assert sorted(state) == sorted([f"o{number}", f"o{number + 1}", f"m{number + 3}", f"m{number + 4}"])


def test_like_is_compared_with_like() -> None:
    members = Members(POINTS, OTHERS)
    (by_points, points), (micro, by_micro) = members.neighbours(STATIONS)
    assert {STATIONS[i] for i in points} == {"1001A", "1002A", "1003A", "1004A"}
    assert {STATIONS[i] for i in by_points} == {"1001A", "1002A", "1003A", "1004A", "S01"}
    assert {STATIONS[i] for i in micro} == {STATIONS[i] for i in by_micro} == {f"M{i:02d}" for i in range(6)}


def test_a_natural_day_of_a_date_is_the_span_of_a_station() -> None:
    first = int(first_hour_of_day(day_of_date(dt.date(2023, 1, 2))))
    members = Members((("a", first, first + 23), ("b", 0, 10**7)))
    hours = np.arange(first - 1, first + 25)
    assert members.counting(("b", "a", "x"), hours).sum(axis=1).tolist() == [26, 24, 0]
    assert members.expected(hours).tolist() == [1] + [2] * 24 + [1]
    assert not Members().counting(("a",), hours).any() and not Members().expected(hours).any()
