"""Measured hours of a sector lie over the inventory, at home and upwind of the others, in whatever order they come."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.assess.upwind import upwind_weights
from streams.desks import routing
from streams.memory.book import PIECE_HOURS
from streams.records import SPECIES, EmissionBlock, RecordError
from streams.wire.messages import block_from, block_line
from tests.streams import replaying as r
from tests.streams.desks.test_desks import _moment

HERE, THERE, THIRD = (place.code for place in r.CITIES)
FIRST = -(-r.FIRST // PIECE_HOURS) * PIECE_HOURS - 12
"""Half a day before a piece of the state ends, so that a block lies in two."""
SO2, NOX = SPECIES.index("so2"), SPECIES.index("nox")


def _block(
    inventory: str, kgh: dict[str, dict[str, float]], *, city: str = THERE, start: int = 0, hours: int = 24, **fields
):
    values = np.full((len(kgh), len(SPECIES), hours), np.nan)
    for i, of_species in enumerate(kgh.values()):
        for species, amount in of_species.items():
            values[i, SPECIES.index(species)] = amount
    return EmissionBlock(source="emissions", city=city, inventory=inventory, sectors=tuple(kgh), first_hour=FIRST + start,
                         values=values, **fields)  # fmt: skip


INVENTORY = _block("X", {"coal": {"so2": 100.0, "nox": 50.0}, "road": {"nox": 200.0}})
CEMS = _block("measured Y", {"coal": {"so2": 30.0}, "steel": {"so2": 7.0}}, start=6, hours=10, measured=True)


def _air() -> list:
    """Air over the two cities, and at the first a forecast whose wind comes from the second."""
    run = next(block for block in r.forecasts(HERE, 24, 3, first=FIRST) if block.run_init == FIRST - 12)
    values = run.values.copy()
    values[6:8] = np.array([-1.0, -1.5])[:, None, None]
    blocks = [replace(run, values=values)]
    for city in (HERE, THERE):
        blocks += r.blocks_of(city, r.observations(city, 24, 1, first=FIRST), first=FIRST)
    return blocks


def _rows(blocks: list) -> dict:
    desks = r.Desks()
    for block in blocks:
        desks.take(block)
    return desks.rows()["air_joined_hour"]


def _base(rows: dict, city: str, hour: int) -> dict:
    return rows[city, _moment(FIRST + hour), ""]


@pytest.mark.parametrize("seed", range(4))
def test_a_measured_sector_takes_the_place_of_its_own_numbers_only(seed) -> None:
    rows = _rows(r.shuffled([*_air(), INVENTORY, CEMS], seed))
    before, during, after = (_base(rows, THERE, hour) for hour in (5, 6, 16))
    assert (during["so2_kgh"], during["nox_kgh"]) == (30 + 7, 50 + 200)
    assert (before["so2_kgh"], after["so2_kgh"]) == (100, 100)
    assert [row["inventory"] for row in (before, during, after)] == ["X", "X + measured Y", "X"]
    said = json.loads(during["sectors"])
    by_sector = dict(zip(said["sectors"], said["kgh"], strict=True))
    assert (by_sector["coal"][SO2], by_sector["coal"][NOX], by_sector["steel"][SO2]) == (30, 50, 7)
    assert by_sector["road"][NOX] == 200 and by_sector["road"][SO2] is None
    assert not during["simulated"]


@pytest.mark.parametrize("seed", range(4))
def test_another_city_sees_upwind_what_the_city_itself_emits(seed) -> None:
    rows = _rows(r.shuffled([*_air(), INVENTORY, CEMS], seed))
    weight = upwind_weights(np.array([-1.0]), np.array([-1.5]), r.CITIES, HERE)[0, 0]
    for hour in range(24):
        home, seen = _base(rows, THERE, hour), _base(rows, HERE, hour)
        for species in ("so2", "nox"):
            assert seen[f"upwind_{species}_kgh"] == pytest.approx(weight * home[f"{species}_kgh"], abs=1e-3)
    assert _base(rows, HERE, 6)["upwind_so2_kgh"] < _base(rows, HERE, 5)["upwind_so2_kgh"]


def test_measured_hours_without_an_inventory_stand_alone() -> None:
    row = _base(_rows([*_air(), CEMS]), THERE, 6)
    assert (row["so2_kgh"], row["nox_kgh"], row["inventory"]) == (37, None, "measured Y")


@pytest.mark.parametrize(
    ("blocks", "so2_kgh", "inventory", "simulated"),
    [
        ([replace(INVENTORY, inventory="Z", simulated=True), INVENTORY], 100, "X", False),
        ([replace(INVENTORY, inventory="A", simulated=True), INVENTORY], 100, "X", False),
        ([replace(INVENTORY, simulated=True), CEMS], 37, "X + measured Y", True),
        ([INVENTORY, replace(CEMS, simulated=True)], 100, "X", False),
        ([replace(INVENTORY, simulated=True), replace(CEMS, simulated=True)], 37, "X + measured Y", True),
        ([INVENTORY, CEMS, replace(CEMS, inventory="measured Z", simulated=True)], 37, "X + measured Y", False),
        ([INVENTORY, CEMS, replace(CEMS, inventory="measured Z", values=CEMS.values * 2)], 74, "X + measured Z", False),
        ([CEMS, replace(CEMS, inventory="measured Z", simulated=True)], 37, "measured Y", False),
        # All that the inventory says is measured: nothing of it is used, and it need not be told that it is simulated.
        ([_block("X", {"coal": {"so2": 9.0}}, simulated=True), CEMS], 37, "measured Y", False),
    ],
)  # fmt: skip
def test_measured_beats_simulated_whatever_its_name_and_simulated_says_what_was_used(
    blocks, so2_kgh, inventory, simulated
) -> None:
    for seed in range(3):
        rows = _rows(r.shuffled([*_air(), *blocks], seed))
        row = _base(rows, THERE, 6)
        assert (row["so2_kgh"], row["inventory"], bool(row["simulated"])) == (so2_kgh, inventory, simulated)
        assert bool(_base(rows, HERE, 6)["simulated"]) is simulated


DRAWN = st.lists(
    st.tuples(
        st.sampled_from(["X", "W", "measured Y"]), st.booleans(), st.booleans(),
        st.lists(st.sampled_from(["coal", "road", "steel"]), min_size=1, max_size=2, unique=True), st.integers(0, 20),
        st.integers(1, 12), st.integers(0, 10**6),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def _drawn(name: str, measured: bool, simulated: bool, sectors: list[str], start: int, hours: int, seed: int):
    rng = np.random.default_rng(seed)
    values = np.round(rng.gamma(2, 100, (len(sectors), len(SPECIES), hours)))
    values[rng.random(values.shape) < 0.3] = np.nan
    return EmissionBlock(source="emissions", city=THERE, inventory=name, sectors=tuple(sectors), first_hour=FIRST + start,
                         values=values, measured=measured, simulated=simulated)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(DRAWN, st.randoms(use_true_random=False))
def test_the_order_in_which_layers_and_air_arrive_does_not_matter(drawn, random) -> None:
    blocks = [*(_drawn(*each) for each in drawn), *_air()]
    mixed = [*blocks, *blocks[::2]]
    random.shuffle(mixed)
    rows, expected = _rows(mixed), _rows(blocks)
    assert rows == expected
    weight = upwind_weights(np.array([-1.0]), np.array([-1.5]), r.CITIES, HERE)[0, 0]
    for hour in range(24):
        home, seen = _base(rows, THERE, hour)["nox_kgh"], _base(rows, HERE, hour)["upwind_nox_kgh"]
        if home is not None:
            assert seen == pytest.approx(weight * home, abs=1e-3)


def test_every_city_gets_an_emission_as_it_is_and_only_its_own_one_that_cannot_be_read() -> None:
    cities = tuple(place.code for place in r.CITIES)
    line = block_line(CEMS)
    routed = dict(routing.route(line, cities))
    assert set(routed) == set(cities) and routed[THERE] == line
    for key, each in routed.items():
        assert each.startswith(f"{key}\t") and block_from(each).city == THERE and block_from(each).measured
    broken = line.replace('"inventory":', '"inventorium":')
    assert list(routing.route(broken, cities)) == [(THERE, broken)]
    observed = block_line(r.blocks_of(HERE, r.observations(HERE, 1, 1))[0])
    assert list(routing.route(observed, cities)) == [(HERE, observed)]


def test_measured_is_true_or_false() -> None:
    with pytest.raises(RecordError, match="measured is 'yes', expected true or false"):
        replace(CEMS, measured="yes")
