"""What is read of instruments out of the store, cell by cell: limits, samples of a day, and what is not there."""

from __future__ import annotations

import datetime as dt

import numpy as np
import orjson
import pytest
import sqlalchemy as sa

from ml.attributing import instruments
from ml.attributing.gather import gather
from ml.attribution.observations import CRUSTAL
from ml.attribution.pseudo import COMPONENTS
from streams.store import begin_write, open_store
from streams.store.schema import (
    air_station_hour,
    composition_station_hour,
    emission_city_hour,
    voc_station_hour,
)
from tests.ml.attributing.made import hour_of, keep_tags
from tests.ml.attribution.made import CITIES, FIRST_HOUR, made_tags

FIRST, HOURS = 400_000, 24
STANDING = {"status": "provisional", "revision": 0, "simulated": False, "version": 1}


@pytest.fixture
def store(tmp_path):
    engine = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield engine
    engine.dispose()


def keep(store, table, *rows):
    with begin_write(store) as connection:
        connection.execute(sa.insert(table), list(rows))


def species(station, hour, column, cells, **more):
    return {"station": station, "hour_end": hour_of(FIRST + hour), column: orjson.dumps(cells).decode(),
            "n_species": len(cells), "n_below": 0, **STANDING, **more}  # fmt: skip


def test_a_compound_below_its_limit_counts_as_half_of_it_and_one_without_a_value_is_missing(store):
    keep(store, voc_station_hour, species("S", 0, "species_ppb", {"toluene": 2.5, "benzene": "<0.02"}),
         species("S", 2, "species_ppb", {"toluene": 1.5}), species("S", HOURS, "species_ppb", {"toluene": 9.0}))  # fmt: skip
    found = instruments.compounds(store, ["S", "T"], FIRST, FIRST + HOURS)
    assert list(found) == ["S"] and set(found["S"]) == {"toluene", "benzene"}
    np.testing.assert_array_equal(found["S"]["toluene"][:3], [2.5, np.nan, 1.5])
    np.testing.assert_array_equal(found["S"]["benzene"][:3], [0.01, np.nan, np.nan])  # half of 0.02


def test_composition_is_of_hours_and_of_samples_of_a_day_where_there_is_no_hour(store):
    def row(hour, cells, averaging_h, kind):
        return species("S", hour, "species_ugm3", cells, averaging_h=averaging_h, species_kind=kind)

    elements = dict.fromkeys(CRUSTAL, 0.4)
    keep(store, composition_station_hour, row(23, {"ec": 7.0, "oc": 9.0}, 24, "carbon"), row(23, {"ec": 3.0}, 1, "carbon"),
         row(5, {"ec": "<0.5"}, 1, "carbon"), row(5, elements, 1, "element"), row(6, {"al": 1.0}, 1, "element"),
         row(10, {"oc": 99.0}, 168, "carbon"))  # fmt: skip
    (found,) = instruments.composition(store, ["S"], FIRST, FIRST + HOURS).values()
    at = {name: found[COMPONENTS.index(name)] for name in ("ec", "oc", "crustal")}
    assert (at["ec"][23], at["oc"][23], at["ec"][5]) == (3.0, 9.0, 0.25)
    assert at["crustal"][5] == pytest.approx(2.0)  # five elements of 0.4
    assert np.isnan(at["crustal"][6])  # of one element alone there is no sum
    assert np.isnan(at["oc"][10])  # a week says nothing of a day


def test_stacks_are_read_where_something_was_measured_over_what_was_told(store):
    def row(city, hour, **more):
        told = {"sectors": ["coal", "power"], "species": ["so2", "nox"], "kgh": [[30.0, 5.0], [1.0, None]], **more}
        return {"city": city, "hour_end": hour_of(FIRST + hour), "sectors": orjson.dumps(told).decode(),
                "inventory": "x", "simulated": False, "version": 1}  # fmt: skip

    keep(
        store,
        emission_city_hour,
        row("a", 0, beneath=[["coal", "so2", 20.0], ["power", "so2", 3.0]]),
        row("a", 1),
        row("b", 0),
    )
    found = instruments.stacks(store, ["a", "b"], FIRST, FIRST + HOURS)
    assert list(found) == [("a", "coal", "so2")]  # power is no sector of tags, and b measures nothing
    np.testing.assert_array_equal(found["a", "coal", "so2"][:, :2], [[30.0, np.nan], [20.0, np.nan]])


def test_stacks_are_gathered_in_a_region_without_any_other_site(store):
    """Who learns asks for sites, of which there may be none; who attributes an hour does not."""
    tags = made_tags(days=1, members=1)
    keep_tags(store, tags)
    told = {"sectors": ["coal"], "species": ["so2"], "kgh": [[30.0]], "beneath": [["coal", "so2", 20.0]]}
    keep(store, emission_city_hour, {"city": CITIES[0], "hour_end": hour_of(FIRST_HOUR), "inventory": "x", "simulated": False,
                                     "sectors": orjson.dumps(told).decode(), "version": 1})  # fmt: skip
    found = gather(store, CITIES, FIRST_HOUR, FIRST_HOUR + 24, sites={})
    assert list(found.sent.stacks) == [(CITIES[0], "coal", "so2")] and found.seen.background == {}
    assert gather(store, CITIES, FIRST_HOUR, FIRST_HOUR + 24).sent is None


def test_micro_stations_are_the_median_of_their_city_item_by_item(store):
    values = {"M1": (10.0, 1.0), "M2": (20.0, None), "M3": (90.0, 5.0), "N1": (7.0, 7.0)}
    keep(store, air_station_hour, *(
        {"station": code, "hour_end": hour_of(FIRST), "pm25_ugm3": pm25, "so2_ugm3": so2, "edition": "2012", **STANDING}
        for code, (pm25, so2) in values.items()
    ))  # fmt: skip
    of = dict.fromkeys(("M1", "M2", "M3"), "a") | {"N1": "b"}
    found = instruments.micro_medians(store, of, ["a", "b", "c"], FIRST, FIRST + HOURS)
    # Of 10, 20, 90 and of 1, 5.
    assert (found[5, 0, 0], found[0, 0, 0], found[5, 1, 0]) == (20.0, 3.0, 7.0)
    assert np.isnan(found[:, :, 1:]).all() and np.isnan(found[:, 2]).all() and np.isnan(found[1]).all()


def test_an_hour_is_within_what_was_asked_for_at_its_beginning_and_not_at_its_end(store):
    keep(store, air_station_hour, *(
        {"station": "S", "hour_end": hour_of(FIRST + h), "pm25_ugm3": 1.0 + h, "edition": "2012", **STANDING}
        for h in (-1, 0, HOURS - 1, HOURS)
    ))  # fmt: skip
    found = instruments.station_items(store, ["S"], FIRST, FIRST + HOURS)[5, 0]
    assert np.isfinite(found).sum() == 2 and (found[0], found[-1]) == (1.0, HOURS)
    assert hour_of(FIRST + 1) - hour_of(FIRST) == dt.timedelta(hours=1)
