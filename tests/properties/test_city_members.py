"""Whatever stations that do not count report, and whenever it arrives, it changes nothing that is said of a city."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.records import ObservationBlock
from streams.registry.roster import Roster
from tests.streams import replaying as r

CITY, HOURS = r.CITIES[0].code, 30
POINTS = r.STATIONS[CITY]
OTHERS = {"S1": "super", "B1": "background", "M1": "micro", "M2": "micro", "V1": "mobile"}
ROSTER = Roster(r.CITIES, r.ROSTER.stations, {CITY: OTHERS})
OF_CITY = ("air_city_hour", "air_city_day", "air_joined_hour", "episode_event")
BLOCKS = st.tuples(
    st.lists(st.sampled_from([*OTHERS, "nobody"]), min_size=1, max_size=5, unique=True), st.integers(0, HOURS - 1),
    st.integers(1, 30), st.booleans(), st.sampled_from(["provisional", "reviewed"]), st.integers(0, 3),
)  # fmt: skip


def _other(
    stations: list[str], start: int, hours: int, simulated: bool, status: str, revision: int
) -> ObservationBlock:
    shape = (6, len(stations), hours)
    values = np.random.default_rng(start).choice([np.nan, 0.1, 900.0], shape)
    return ObservationBlock(
        source="other", city=CITY, stations=tuple(stations), first_hour=r.FIRST + start, values=values,
        present=np.ones(shape[1:], bool), status=status, revision=revision, simulated=simulated,
        wind_ms=np.full((2, *shape[1:]), 7.0),
    )  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=5), st.integers(0, 10**6))
def test_stations_that_do_not_count_change_nothing_about_the_city(drawn, seed) -> None:
    counting = [b for city in r.STATIONS for b in r.blocks_of(city, r.observations(city, HOURS, 1) * 3, size=10)]
    counting += r.forecasts(CITY, 24, 2) + r.emissions(CITY, 24, 3)
    without, within = r.Desks(ROSTER), r.Desks(ROSTER)
    for block in counting:
        without.take(block)
    for block in r.shuffled([*counting, *(_other(*each) for each in drawn)], seed):
        within.take(block)
    before, after = without.rows(), within.rows()
    assert before["episode_event"], "the made air is bad enough for an episode"
    for table in OF_CITY:
        assert after[table] == before[table], table
    points = {key: row for key, row in after["air_station_hour"].items() if key[0] not in OTHERS and key[0] != "nobody"}
    assert points == before["air_station_hour"]
