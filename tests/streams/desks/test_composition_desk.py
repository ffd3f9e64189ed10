"""The desk of composition: which row counts, that kinds and averaging times are never mixed, and what is stored of a row."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.components import COMPONENTS, KINDS
from streams.records import CompositionBlock
from tests.streams import replaying as r
from tests.streams.desks.test_desks import _moment
from tests.streams.desks.test_voc_desk import stored as rows_after

CITY, STATION = "510100", "S510100"
NAN = float("nan")
IONS = {"sulphate": 9.6, "nitrate": 21.4, "ammonium": 10.2}


def row(values: dict[str, float | str], *, hour: int = 0, station: str = STATION, **fields) -> CompositionBlock:
    """Make a block of one row; a text such as "<0.05" is a detection limit."""
    limits = [float(x[1:]) if isinstance(x, str) else NAN for x in values.values()]
    numbers = np.array([NAN if isinstance(x, str) else x for x in values.values()], float).reshape(-1, 1, 1)
    below = None if np.isnan(limits).all() else np.array(limits).reshape(-1, 1, 1)
    known = {"source": "composition-csv", "city": CITY, "stations": (station,), "first_hour": r.FIRST + hour}
    made = {"species": tuple(values), "values": numbers, "below_ugm3": below, "present": np.ones((1, 1), bool)}
    return CompositionBlock(**known | fields, **made)


def history(hours: int, seed: int, kind: str, *, stations: int = 2, **fields) -> CompositionBlock:
    """Make a block of all species of a kind with gaps and detection limits."""
    rng, known = np.random.default_rng(seed), [each for each in COMPONENTS if each.kind == kind]
    shape = (len(known), stations, hours)
    ugm3 = np.round(rng.uniform(0, 0.9, shape) * np.array([each.most_ugm3 for each in known])[:, None, None], 4)
    low, gone = rng.random(shape) < 0.1, rng.random(shape) < 0.1
    made = {
        "stations": tuple(f"S{i}" for i in range(stations)), "species": tuple(each.name for each in known),
        "values": np.where(low | gone, NAN, ugm3), "below_ugm3": np.where(low, 0.0125, NAN),
        "present": rng.random(shape[1:]) < 0.95,
    }  # fmt: skip
    return CompositionBlock(**{"source": "composition-csv", "city": CITY, "first_hour": r.FIRST} | fields, **made)


stored = partial(rows_after, table="composition_station_hour")


def one(*blocks: CompositionBlock) -> dict:
    return next(iter(stored(*blocks).values()))


def test_a_row_is_stored_with_its_species_their_number_and_their_sum() -> None:
    found = stored(row(IONS | {"chloride": "<0.05"}))[STATION, _moment(r.FIRST), 1, "ion"]
    assert json.loads(found["species_ugm3"]) == IONS | {"chloride": "<0.05"}
    assert (found["n_species"], found["n_below"]) == (3, 1)
    assert found["total_ugm3"] == pytest.approx(41.2)  # 9.6 + 21.4 + 10.2
    trace = ("city", "source", "status", "revision", "simulated")
    assert [found[name] for name in trace] == [CITY, "composition-csv", "provisional", 0, False]


def test_a_row_of_nothing_has_no_total() -> None:
    for found in (one(row({"oc": NAN})), one(row({"oc": "<0.5"}))):
        assert (found["n_species"], found["total_ugm3"]) == (0, None)


def test_kinds_and_averaging_times_stand_beside_one_another_and_undo_nothing() -> None:
    blocks = [
        row(IONS), row({"oc": 12.8, "ec": 3.1}, revision=7), row({"fe": 0.62}), row({"levoglucosan": 0.3}),
        row(IONS | {"sulphate": 8.0}, averaging_h=24, status="reviewed", revision=9), row({"oc": 11.0}, averaging_h=24),
    ]  # fmt: skip
    for seed in range(4):
        found = stored(*r.shuffled(blocks, seed))
        assert {key[2:]: json.loads(each["species_ugm3"]) for key, each in found.items()} == {
            (1, "ion"): IONS, (1, "carbon"): {"oc": 12.8, "ec": 3.1}, (1, "element"): {"fe": 0.62},
            (1, "marker"): {"levoglucosan": 0.3}, (24, "ion"): IONS | {"sulphate": 8.0}, (24, "carbon"): {"oc": 11.0},
        }  # fmt: skip


def test_a_row_wins_as_a_whole_within_its_kind() -> None:
    first, revised = row({"oc": 12.0, "ec": 3.0}), row({"oc": 11.5, "ec": NAN}, revision=1)
    for blocks in ((first, revised), (revised, first)):
        assert json.loads(one(*blocks)["species_ugm3"]) == {"oc": 11.5}


STRONGER = [
    (row(IONS), row({"nitrate": 1.0}, status="reviewed", revision=9, simulated=True), "measured before simulated"),
    (row(IONS, status="reviewed"), row({"nitrate": 1.0}, revision=9), "reviewed before provisional"),
    (row(IONS, revision=2), row({"nitrate": 1.0}, revision=1), "the higher revision"),
    (row({"nitrate": 1.0}, released_at=2.0), row(IONS, released_at=1.0), "the later release, be it poorer"),
    (row({"nitrate": NAN}, released_at=2.0), row(IONS, released_at=1.0), "or without any value"),
    (row(IONS, received_at=2.0), row({"nitrate": 1.0}, received_at=1.0), "the later receipt"),
]


@pytest.mark.parametrize(("winner", "loser", "why"), STRONGER, ids=[each[2] for each in STRONGER])
def test_the_stronger_row_counts_in_either_order(winner, loser, why) -> None:
    assert one(winner, loser) == one(loser, winner) == one(winner) != one(loser), why


def test_rows_are_accounted_for_as_accepted_or_duplicate() -> None:
    desks, block = r.Desks(), history(50, 2, "ion")
    for each in (block, block, replace(block, revision=1), replace(block, averaging_h=24), block):
        desks.take(each)
    counts = desks.rows()["source_hour"]
    for hour, rows in enumerate(block.present.sum(axis=0).tolist()):
        found = counts.get(("composition-csv", r.FIRST + hour), {"accepted": 0, "duplicate": 0, "late": 0})
        assert found == {"accepted": 3 * rows, "duplicate": 2 * rows, "late": 0}


@pytest.mark.parametrize("size", [1, 7, 260])
def test_the_size_of_blocks_does_not_matter(size) -> None:
    block = history(300, 3, "element")
    parts = [
        replace(block, first_hour=block.first_hour + at, values=block.values[..., at : at + size],
                below_ugm3=block.below_ugm3[..., at : at + size], present=block.present[:, at : at + size])
        for at in range(0, block.hours, size)
    ]  # fmt: skip
    assert stored(*parts) == stored(block) and len(stored(block)) == block.present.sum()


def test_stations_outside_the_cities_are_stored_without_a_city() -> None:
    assert one(replace(row(IONS), city="other-03"))["city"] is None


def test_composition_leaves_the_other_tables_alone_and_is_left_alone() -> None:
    observed = r.blocks_of(CITY, r.observations(CITY, 48, 1))
    ions = history(48, 4, "ion")
    both, without = r.Desks(), r.Desks()
    for block in (*observed, ions):
        both.take(block)
    for block in observed:
        without.take(block)
    rows, expected = both.rows(), without.rows()
    assert rows.pop("composition_station_hour") == stored(ions)
    rows["source_hour"] = {key: each for key, each in rows["source_hour"].items() if key[0] != "composition-csv"}
    assert rows == expected


_CELLS = st.sampled_from([NAN, 0.0, 0.5, 1.5, "<0.02", "<0.5"])
_ROWS = st.builds(
    lambda names, first, second, **fields: row(dict(zip(names, (first, second), strict=True)), **fields),
    st.sampled_from([("sulphate", "nitrate"), ("oc", "ec")]), _CELLS, _CELLS, hour=st.integers(0, 1),
    averaging_h=st.sampled_from([1, 24]), status=st.sampled_from(["provisional", "reviewed"]), revision=st.integers(0, 1),
    simulated=st.booleans(), released_at=st.sampled_from([None, 1.0, 2.0]), received_at=st.sampled_from([1.0, 2.0]),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(_ROWS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_each_kind_and_averaging_time_has_the_row_that_it_would_have_alone(blocks, random_) -> None:
    mixed = [*blocks, *blocks[::2]]
    random_.shuffle(mixed)
    found = r.untraced(stored(*mixed))
    for kind in KINDS:
        for averaging_h in (1, 24):
            own = [block for block in blocks if (block.kind, block.averaging_h) == (kind, averaging_h)]
            alone = r.untraced(stored(*own)) if own else {}
            assert {key: each for key, each in found.items() if key[2:] == (averaging_h, kind)} == alone
