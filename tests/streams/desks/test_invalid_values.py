"""A value that cannot be decides nothing about a city; one that is unlikely does, and says so; a person's word is above both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.days import first_hour_of_day, natural_day
from standards.pollutants import ITEMS
from streams.assess.hours import affected, assess, context
from streams.assess.quality import IMPOSSIBLE, KINDS, invalid_items, quality_flags
from streams.memory import cityhours
from streams.records import CityPlace, ObservationBlock
from streams.registry.roster import Roster
from streams.store import begin_write
from streams.store.history import superseded
from streams.store.lines import effect_of
from streams.store.rows import decoded
from streams.store.schema import air_city_hour, air_station_hour
from streams.store.upserts import upsert
from tests.properties.test_quality_window import restless
from tests.streams import replaying as r

CITY = "510100"
SEVEN = tuple(f"143{i}A" for i in range(1, 8))
ROSTER = Roster((CityPlace(CITY, 104.07, 30.67),), {CITY: tuple((code, 0, 10**7) for code in SEVEN)})
PM25, O3, CO, PM10 = (ITEMS.index(code) for code in ("pm25", "o3", "co", "pm10"))
FIRST = int(first_hour_of_day(natural_day(476_500)))  # a day in May 2024
NAN = np.nan


def day(hours: int = 24) -> np.ndarray:
    """Give seven stations of which all is as usual at all hours: AQI 57 for PM2.5 of 40 (HJ 633-2012: 50 + 5 * 50 / 40)."""
    usual = np.array([5.0, 20.0, 0.5, 80.0, 60.0, 40.0])
    return np.broadcast_to(usual[:, None, None], (6, 7, hours)).copy()


def block(values: np.ndarray, **fields) -> ObservationBlock:
    head = {
        "source": "station-csv",
        "city": CITY,
        "stations": SEVEN,
        "first_hour": FIRST,
        "status": "provisional",
        "revision": 0,
    }
    return ObservationBlock(**(head | {"values": values, "present": np.ones(values.shape[1:], bool)} | fields))


def rows(*blocks: ObservationBlock) -> dict[str, dict[tuple, dict]]:
    desks = r.Desks(ROSTER)
    for each in blocks:
        desks.take(each)
    return desks.rows()


def city(found: dict, hour: int) -> dict:
    return found["air_city_hour"][CITY, r.moment(FIRST + hour)]


def station(found: dict, code: str, hour: int) -> dict:
    return found["air_station_hour"][code, r.moment(FIRST + hour)]


def kinds(row: dict, item: str) -> set[str]:
    words = (word.partition(":") for word in row["flags"].split())
    return {kind for kind, _, items in words if item in items.split(",")}


def test_a_fill_of_nines_does_not_decide_the_city() -> None:
    values = day()
    values[PM25, 0, 9], values[O3, 1, 11] = 9999, 999
    found = rows(block(values))
    assert (city(found, 9)["pm25_ugm3"], city(found, 9)["aqi"]) == (40.0, 57)
    assert (city(found, 11)["o3_ugm3"], city(found, 11)["aqi"]) == (80.0, 57)
    (of_day,) = found["air_city_day"].values()
    assert (of_day["pm25_ugm3"], of_day["o3_mda8_ugm3"], of_day["aqi"]) == (40.0, 80.0, 57)
    fill = station(found, SEVEN[0], 9)
    assert (fill["pm25_ugm3"], kinds(fill, "pm25")) == (9999.0, {"range", "spike", "apart"})
    assert (fill["aqi"], fill["primary_pollutants"]) == (None, ""), "an index lacks an item that does not count"
    assert fill["pm25_24h_ugm3"] is None and station(found, SEVEN[0], 23)["pm25_24h_ugm3"] == 40.0
    assert kinds(station(found, SEVEN[1], 11), "o3") == {"spike", "apart", "sentinel"}
    assert city(found, 9)["completeness"] == pytest.approx(41 / 42, abs=1e-3)


def test_a_station_that_reports_carbon_monoxide_in_micrograms_does_not_decide_the_city() -> None:
    values = day()
    values[CO, 2] = 500
    found = rows(block(values))
    assert {(city(found, h)["co_mgm3"], city(found, h)["aqi"], city(found, h)["primary_pollutants"]) for h in range(24)} == {
        (0.5, 57, "pm25")
    }  # fmt: skip
    (of_day,) = found["air_city_day"].values()
    assert (of_day["co_mgm3"], of_day["aqi"], of_day["primary_pollutants"]) == (0.5, 57, "pm25")
    assert all("range:co" in station(found, SEVEN[2], h)["flags"] for h in range(24))
    assert found["air_station_day"][SEVEN[2], next(iter(found["air_station_day"]))[1]]["co_mgm3"] is None


def test_a_dead_station_does_not_lower_the_city() -> None:
    values = day()
    values[:, 3] = 0
    found = rows(block(values))
    assert (city(found, 12)["pm25_ugm3"], city(found, 12)["aqi"], city(found, 12)["stations_reporting"]) == (
        40.0,
        57,
        6,
    )
    assert invalid_items(station(found, SEVEN[3], 12)["flags"]) == set(ITEMS)


def test_what_rests_on_a_suspect_value_says_so_as_long_as_it_does() -> None:
    values = day(72) + np.rint(3 * np.sin(np.arange(72) * 2.1)) * np.array([1, 1, 0, 1, 1, 1])[:, None, None]
    values[PM25, 4, 30] = 240
    found = rows(block(values))
    assert kinds(station(found, SEVEN[4], 30), "pm25") == {"spike", "apart", "inverted"}
    assert (station(found, SEVEN[4], 30)["suspect"], station(found, SEVEN[4], 31)["suspect"]) == ("pm10,pm25", "")
    assert city(found, 30)["suspect"] == "pm10,pm25"
    assert city(found, 30)["pm25_ugm3"] > 60, "it counts"
    resting = [h for h in range(72) if "pm25" in city(found, h)["suspect_means"]]
    assert resting == list(range(30, 54))
    assert [row["suspect"] for row in found["air_city_day"].values()] == ["", "pm10,pm25", ""]
    assert found["air_joined_hour"][CITY, r.moment(FIRST + 30), ""]["suspect"] == "pm10,pm25"


def test_an_ozone_mean_rests_on_the_hours_of_its_day_so_far() -> None:
    values = day(48) + np.rint(3 * np.sin(np.arange(48) * 2.1)) * np.array([0, 1, 0, 1, 1, 1])[:, None, None]
    values[O3, 0, 10] = 400
    found = rows(block(values))
    assert [h for h in range(48) if "o3" in city(found, h)["suspect_means"]] == list(range(10, 24))


def test_a_reviewed_value_counts_and_keeps_its_flag() -> None:
    values = day()
    values[PM25, 0, 9] = 900
    values[CO, 0, 9] = 300
    first, then = rows(block(values)), rows(block(values), block(values[:, :1, 9:10], stations=SEVEN[:1], first_hour=FIRST + 9,
                                                                 status="reviewed"))  # fmt: skip
    assert city(first, 9)["co_mgm3"] == 0.5
    assert city(then, 9)["co_mgm3"] == pytest.approx((6 * 0.5 + 300) / 7, abs=1e-3)
    assert {"range", "spike"} <= kinds(station(first, SEVEN[0], 9), "co") <= kinds(station(then, SEVEN[0], 9), "co")
    assert "pm25" in station(first, SEVEN[0], 9)["suspect"] and station(then, SEVEN[0], 9)["suspect"] == ""


def test_the_history_of_a_row_has_the_flag_that_a_person_overruled(store) -> None:
    values = day()
    values[CO, 0, 9] = 300
    desks = r.Desks(ROSTER)
    desks.take(block(values))
    _store(store, desks)
    desks.lines.clear()
    desks.take(block(values[:, :1, 9:10], stations=SEVEN[:1], first_hour=FIRST + 9, status="reviewed"))
    _store(store, desks)
    moment = np.datetime64(FIRST + 9, "h").astype("datetime64[us]").item()
    (was,) = superseded(store, "air_station_hour", SEVEN[0], moment)
    assert (was["status"], was["co_mgm3"], was["co_24h_mgm3"]) == ("provisional", 300.0, None)
    assert "range:co" in was["flags"]
    with store.connect() as connection:
        now = connection.execute(air_station_hour.select().where(
            air_station_hour.c.station == SEVEN[0], air_station_hour.c.hour_end == moment)).mappings().one()  # fmt: skip
        mean = connection.execute(air_city_hour.select().where(air_city_hour.c.hour_end == moment)).mappings().one()
    assert now["status"] == "reviewed" and kinds(was, "co") <= kinds(now, "co")
    assert mean["co_mgm3"] == pytest.approx((6 * 0.5 + 300) / 7, abs=1e-3)


def _store(store, desks: r.Desks) -> None:
    with begin_write(store) as connection:
        upsert(connection, [effect.rows for line in desks.lines if (effect := effect_of(line)).rows is not None])


STATED = ("flags", "version")
"""What a row says of a value that does not count is its own."""


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_impossible_values_change_no_result_of_any_table(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.fmin(np.round(restless(rng, 7, 72), 3), 99_000)
    hours = cityhours.from_block(block(values))
    members = ROSTER.members(CITY)
    flags = quality_flags(values, neighbours=members.neighbours(SEVEN))
    # Hours of a wrong unit stay in sight of each other: docs/quality_flags.md.
    hidden = flags[[KINDS.index(kind) for kind in IMPOSSIBLE if kind != "unit"]].any(axis=0)
    without = replace(hours, values=np.where(hidden, np.nan, values))
    with_them, missing = (_tables(each) for each in (hours, without))
    assert with_them.keys() == missing.keys()
    for table, found in with_them.items():
        for key, row in found.items():
            other = missing[table][key]
            shown = {name for name, value in row.items() if value != other[name]} - set(STATED)
            if table == "air_station_hour":  # the raw value stands in its row
                gone = {
                    name
                    for name in shown
                    if other[name] is None and name.startswith(tuple(invalid_items(row["flags"])))
                }
                shown -= {name for name in gone if "24h" not in name and "8h" not in name}
            assert not shown, (table, key, shown)


def _tables(hours: cityhours.CityHours) -> dict[str, dict[tuple, dict]]:
    result = assess(
        hours, hours.first_hour, hours.end, city=CITY, members=ROSTER.members(CITY), sources=("made",), version=1
    )
    found: dict[str, dict[tuple, dict]] = {}
    for made in result.tables:
        there = decoded(made)
        for each in there:
            row = dict(zip(there.names, each, strict=True))
            key = tuple(row.get(name) for name in ("station", "city", "hour_end", "day"))
            found.setdefault(made.table, {})[key] = row
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(80, 130), st.integers(1, 30))
def test_a_piece_with_its_context_gives_the_rows_of_the_whole(seed: int, first: int, length: int) -> None:
    hours = cityhours.from_block(block(np.fmin(np.round(restless(np.random.default_rng(seed), 7, 240), 3), 99_000)))
    whole = _rows_between(hours, hours.first_hour, hours.end, hours.first_hour + first, length)
    begin, end = hours.first_hour + first, hours.first_hour + first + length
    low, high = context(begin, end)
    part = hours.window(max(low, hours.first_hour), min(high, hours.end))
    assert _rows_between(part, begin, end, begin, length) == whole
    reach = affected(begin, end)
    assert reach[0] < begin and reach[1] > end


def _rows_between(hours, first: int, end: int, begin: int, length: int) -> dict:
    result = assess(hours, first, end, city=CITY, members=ROSTER.members(CITY), sources=("made",), version=1)
    wanted = {r.moment(hour) for hour in range(begin, begin + length)}
    found = {}
    for made in result.tables:
        if made.table in ("air_station_hour", "air_city_hour"):
            there = decoded(made)
            for each in there:
                row = dict(zip(there.names, each, strict=True))
                if row["hour_end"] in wanted:
                    found[made.table, row.get("station"), row["hour_end"]] = row
    return found
