"""Where no model carries tags: the light tagger, below it the inventory, below it nothing; and how far each is trusted."""

from __future__ import annotations

import datetime as dt

import numpy as np
import orjson
import pytest
import sqlalchemy as sa

from ml.attributing import emitted
from ml.attributing.corrections import Shelf
from ml.attributing.region import region_of
from ml.attributing.rows import Lately, age_years, trust
from ml.attributing.spans import attributed
from ml.attribution.inventory import OUTSIDE
from ml.attribution.observations import Observations
from ml.attribution.outcome import Grounds
from standards.days import day_of_date, first_hour_of_day
from streams import registry
from streams.contributors import SECTORS
from streams.store import begin_write, open_store
from streams.store.attribution import contributions_of
from streams.store.lines import EPOCH
from streams.store.schema import emission_city_hour, forecast_city_hour
from tests.ml.attributing.made import hour_of, keep_observed

KNOWN = registry.load()
CITIES = tuple(KNOWN.cities)
FIRST = int(first_hour_of_day(day_of_date(dt.date(2023, 1, 20))))
BEFORE, HOURS = 72, 24
SPECIES = ("so2", "nox", "co", "nh3", "voc", "pm25", "pm10")


@pytest.fixture
def store(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    items = np.full((6, len(CITIES), HOURS), 80.0)
    keep_observed(engine, Observations(first_hour=FIRST, items=items), cities=CITIES)
    yield engine
    engine.dispose()


def emissions(city: str, hour: int, sectors=SECTORS) -> dict:
    kgh = [[100.0 * (s + 1)] * len(SPECIES) for s in range(len(sectors))]
    told = orjson.dumps({"sectors": list(sectors), "species": list(SPECIES), "kgh": kgh}).decode()
    return {
        "city": city,
        "hour_end": hour_of(hour),
        "inventory": "MEIC 2020",
        "sectors": told,
        "simulated": False,
        "version": 1,
    }


def weather(city: str, hour: int, init: int, *, wind: float = 1.5) -> dict:
    return {
        "city": city, "hour_end": hour_of(hour), "run": f"CDAQS/{hour_of(init):%Y-%m-%dT%HZ}", "run_init": hour_of(init),
        "lead_hours": hour - init, "lead_day": 1, "points": 4, "edition": "2012", "simulated": False, "version": 1,
        "wind_u_ms": wind, "wind_v_ms": 0.5, "temperature_c": 8.0, "humidity_pct": 70.0, "mixing_height_m": 500.0, "rain_mm": 0.0,
    }  # fmt: skip


def keep(store, table, rows) -> None:
    with begin_write(store) as connection:
        connection.execute(sa.insert(table), rows)


def rows_of(store, tmp_path):
    region = region_of(KNOWN, FIRST)
    hours = range(FIRST, FIRST + HOURS)
    parts = list(attributed(store, region, Shelf(tmp_path), hours, hours[-1]))
    assert not [each for _, rejects in parts for each in rejects]
    return [row for rows, _ in parts for row in rows]


def every(make, *, begin=FIRST - BEFORE):
    return [make(city, hour) for city in CITIES for hour in range(begin, FIRST + HOURS)]


def test_without_tags_the_light_tagger_tells_pm25_and_no_ozone(store, tmp_path):
    keep(store, emission_city_hour, every(emissions))
    keep(store, forecast_city_hour, every(lambda city, hour: weather(city, hour, (hour - 1) // 12 * 12)))
    rows = rows_of(store, tmp_path)
    assert {row["tier"] for row in rows} == {"light tagger"} and {row["quantity"] for row in rows} == {"pm25"}
    assert {row["span"] for row in rows} == {"hour", "day"} and len(rows) == len(CITIES) * (HOURS + 1)
    for row in rows:
        parts = contributions_of(row)
        assert parts.total == pytest.approx(80.0, abs=0.002) and parts.outside > 0
        assert row["models"].startswith("light-tagger on CDAQS/2023-01-") and row["inventory"] == "MEIC 2020"
        assert row["confidence"] in ("low", "poor")


def test_no_run_that_started_later_is_in_an_hour(store, tmp_path):
    keep(store, emission_city_hour, every(emissions))
    keep(store, forecast_city_hour, every(lambda city, hour: weather(city, hour, (hour - 1) // 12 * 12)))
    before = rows_of(store, tmp_path)
    middle = FIRST + 12
    late = [weather(city, hour, middle, wind=-6.0) for city in CITIES for hour in range(middle + 1, FIRST + HOURS)]
    with begin_write(store) as connection:
        connection.execute(sa.insert(forecast_city_hour).prefix_with("OR REPLACE"), late)
    after = rows_of(store, tmp_path)
    kept = {(r["city"], r["hour_end"]): r for r in after if r["span"] == "hour"}
    changed = {row["hour_end"] for row in before if row["span"] == "hour" and kept[row["city"], row["hour_end"]] != row}
    assert changed == set(range(middle + 1, FIRST + HOURS))


def test_without_weather_the_shares_of_the_own_inventory_are_told_and_are_poor(store, tmp_path):
    keep(store, emission_city_hour, every(emissions))
    rows = rows_of(store, tmp_path)
    assert {(row["tier"], row["confidence"]) for row in rows} == {("inventory shares", "poor")}
    parts = contributions_of(rows[0])
    own = CITIES.index(rows[0]["city"])
    # Sector s emits s + 1 times as much of everything as the first: its share of what is the city's own is (s + 1) / 45.
    np.testing.assert_allclose(parts.values[:, own], 80.0 * (1.0 - OUTSIDE) * np.arange(1, 10) / 45.0, atol=0.002)
    assert parts.outside == pytest.approx(80.0 * OUTSIDE, abs=0.002) and parts.total == pytest.approx(80.0, abs=0.002)


@pytest.mark.parametrize(
    ("inventory_until", "weather_too", "reasons"),
    [
        (None, False, ["no tags", "no inventory", "no weather"]),
        (FIRST, True, ["no tags", "inventory over:2.6"]),  # MEIC 2020, from the middle of its year to January 2023
        (FIRST, False, ["no tags", "inventory over:2.6", "no weather"]),
    ],
)
def test_without_an_attribution_it_is_told_what_is_lacking_and_how_old_the_last_inventory_is(
    store, tmp_path, inventory_until, weather_too, reasons
):
    if inventory_until is not None:
        keep(
            store,
            emission_city_hour,
            [emissions(city, h) for city in CITIES for h in range(FIRST - 72, inventory_until)],
        )
    if weather_too:
        keep(store, forecast_city_hour, every(lambda city, hour: weather(city, hour, (hour - 1) // 12 * 12)))
    rows = [row for row in rows_of(store, tmp_path) if row["tier"] == "none"]
    assert {row["hour_end"] for row in rows} >= {FIRST + HOURS - 1}
    assert orjson.loads(next(row for row in rows if row["hour_end"] == FIRST + HOURS - 1)["reasons"]) == reasons


def test_an_inventory_that_is_too_old_is_the_reason_and_says_its_age(store, tmp_path):
    def old(city, hour):
        return emissions(city, hour) | {"inventory": "MEIC 2012"}

    keep(store, emission_city_hour, every(old))
    rows = rows_of(store, tmp_path)
    assert {(row["tier"], row["packed"]) for row in rows} == {("none", None)}
    # 1 July 2012 to 20 January 2023: 10.6 years.
    assert all("inventory too old:10.6" in orjson.loads(row["reasons"]) for row in rows)


def test_an_inventory_that_is_ten_years_old_tells_nothing_alone_and_tags_are_poor_with_it():
    light, tags = (Grounds(tier=tier, members=4, feeds=("stations",)) for tier in ("light tagger", "corrected tags"))
    told = {"quantity": "pm25", "observed": True}
    assert trust(light, **told, lately=Lately(age=11.0))[0] == "none"
    assert trust(tags, **told, lately=Lately(age=11.0))[0] == "poor"
    assert trust(tags, **told, lately=Lately(age=0.5))[0] == "high"
    assert trust(light, **told, lately=Lately(age=0.5))[0] == "low"


def test_the_age_of_an_inventory_is_that_of_the_year_it_names():
    hour = (dt.datetime(2023, 7, 1) - EPOCH) // dt.timedelta(hours=1)
    assert age_years("MEIC 2020 + measured", hour) == pytest.approx(3.0, abs=0.01)
    assert age_years("MEIC 2025", hour) == 0.0 and age_years("the town's own", hour) is None


def test_what_an_inventory_does_not_name_beside_what_it_names_is_not_emitted() -> None:
    """Dust has no SO2 where coal has; a species that is told of no sector stays unknown, as does a city without inventory."""
    kgh = np.full((2, 2, len(SECTORS), 3), np.nan)  # two species, two cities
    kgh[0, 0, SECTORS.index("coal")] = 5.0
    silent = emitted._silent(kgh)
    assert silent[0, 0, SECTORS.index("dust")] and not silent[0, 0, SECTORS.index("coal")]
    assert not silent[1, 0, SECTORS.index("coal")] and not silent[:, 1].any()
