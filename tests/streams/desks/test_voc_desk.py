"""The desk of organic compounds: which row counts, whatever arrives in whatever order, and what is stored of it."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.voc import reactivity as voc
from standards.voc.species import SPECIES, coefficients
from streams.memory import book as books
from streams.records import SpeciesBlock, VocBlock
from tests.streams import replaying as r
from tests.streams.desks.test_desks import _moment

CITY, STATION = "510100", "0100A"
NAN = float("nan")
EXAMPLE = {"ethene": 4.1, "propene": 0.9, "isoprene": 0.35, "toluene": 2.3, "m,p-xylene": 1.1}


def row(values: dict[str, float | str], *, hour: int = 0, station: str = STATION, **fields) -> VocBlock:
    """Make a block of one row; a text such as "<0.02" is a detection limit."""
    limits = [float(x[1:]) if isinstance(x, str) else NAN for x in values.values()]
    numbers = [NAN if isinstance(x, str) else x for x in values.values()]
    below = None if np.isnan(limits).all() else np.array(limits).reshape(-1, 1, 1)
    known = {"source": "voc-csv", "city": CITY, "stations": (station,), "first_hour": r.FIRST + hour}
    return VocBlock(
        **known | fields, species=tuple(values), values=np.array(numbers, float).reshape(-1, 1, 1), below_ppb=below,
        present=np.ones((1, 1), bool),
    )  # fmt: skip


def history(hours: int, seed: int, *, stations: int = 2, **fields) -> VocBlock:
    """Make a block of all compounds with gaps and detection limits."""
    rng = np.random.default_rng(seed)
    shape = (len(SPECIES), stations, hours)
    ppb = np.round(rng.gamma(1, 0.5, shape), 3)
    limits = np.where(ppb < 0.02, 0.02, NAN)
    values = np.where((ppb < 0.02) | (rng.random(shape) < 0.1), NAN, ppb)
    known = {"source": "voc-csv", "city": CITY, "first_hour": r.FIRST, "present": rng.random(shape[1:]) < 0.95}
    names = tuple(f"S{i}" for i in range(stations))
    species = tuple(each.name_en for each in SPECIES)
    return VocBlock(**known | fields, stations=names, species=species, values=values, below_ppb=limits)


def cut(block: VocBlock, size: int) -> list[VocBlock]:
    spans = [slice(at, at + size) for at in range(0, block.hours, size)]
    return [
        replace(
            block, first_hour=block.first_hour + span.start, values=block.values[..., span],
            present=block.present[:, span], below_ppb=block.below_ppb[..., span],
        )
        for span in spans
    ]  # fmt: skip


def stored(*blocks: SpeciesBlock, table: str = "voc_station_hour") -> dict:
    """Give the rows of a table after blocks came, by their keys."""
    desks = r.Desks()
    for block in blocks:
        desks.take(block)
    return desks.rows()[table]


def one(*blocks: VocBlock) -> dict:
    (found,) = stored(*blocks).values()
    return found


def test_the_worked_example_is_stored_with_its_sums_and_their_coverage() -> None:
    # ethene 4.1, propene 0.9, toluene 2.3, m,p-xylene 1.1, isoprene 0.35 ppb: worked by hand with MIR and kOH of the tables.
    found = stored(row(EXAMPLE))[STATION, _moment(r.FIRST)]
    assert json.loads(found["species_ppb"]) == EXAMPLE
    assert (found["total_ppb"], found["n_species"], found["n_below"]) == (8.75, 5, 0)
    assert found["ofp_ugm3"] == pytest.approx(142.58, abs=0.006)
    assert found["oh_reactivity_per_s"] == pytest.approx(3.129, abs=0.0006)
    assert (found["ofp_species"], found["oh_reactivity_species"]) == (5, 5)
    assert (found["ofp_mass_share"], found["oh_reactivity_mass_share"]) == (1.0, 1.0)
    trace = ("city", "source", "status", "revision", "simulated")
    assert [found[name] for name in trace] == [CITY, "voc-csv", "provisional", 0, False]


def test_a_compound_without_coefficient_is_left_out_of_its_sum_and_told() -> None:
    # Which compounds have no MIR is the table's to say.
    names = [each.name_en for each in SPECIES]
    without = names[int(np.flatnonzero(np.isnan(coefficients("mir", names)))[0])]
    both = dict(sorted({"toluene": 2.0, without: 3.0}.items(), key=lambda item: names.index(item[0])))
    found, alone = one(row(both)), one(row({"toluene": 2.0}))
    assert found["ofp_ugm3"] == alone["ofp_ugm3"] and (found["n_species"], found["ofp_species"]) == (2, 1)
    assert 0 < found["ofp_mass_share"] < 1 and found["total_ppb"] == 5.0


def test_a_detection_limit_is_stored_and_counted_and_adds_nothing() -> None:
    found, without = one(row({"benzene": "<0.02", "toluene": 2.3})), one(row({"toluene": 2.3}))
    assert json.loads(found["species_ppb"]) == {"benzene": "<0.02", "toluene": 2.3}
    assert (found["n_species"], found["n_below"]) == (1, 1)
    assert [found[n] for n in ("total_ppb", "ofp_ugm3")] == [without[n] for n in ("total_ppb", "ofp_ugm3")]


def test_a_row_of_nothing_is_stored_without_a_verdict() -> None:
    for found in (one(row({"toluene": NAN})), one(row({"toluene": "<0.02"}))):
        sums = ("total_ppb", "ofp_ugm3", "oh_reactivity_per_s", "ofp_mass_share", "oh_reactivity_mass_share")
        assert found["n_species"] == 0 and [found[name] for name in sums] == [None] * 5


def test_stored_sums_are_those_of_the_functions_that_a_notebook_calls() -> None:
    block = history(30, 1)
    found = stored(block)
    functions = {"total_ppb": voc.tvoc, "ofp_ugm3": voc.ofp, "oh_reactivity_per_s": voc.oh_reactivity}
    for name, function in functions.items():
        whole = function(block.values, block.species, unit="ppb", least_measured=0.0)
        for (station, hour), there in np.ndenumerate(block.present):
            key = (block.stations[station], _moment(r.FIRST + hour))
            assert (key in found) is bool(there)
            if there:
                assert found[key][name] == pytest.approx(float(whole.total[station, hour]), abs=0.00051)
    assert len(found) == block.present.sum()
    for (station, hour), there in np.ndenumerate(block.present):
        if there:
            cells = json.loads(found[block.stations[station], _moment(r.FIRST + hour)]["species_ppb"])
            finite = np.flatnonzero(np.isfinite(block.values[:, station, hour]))
            numbers = {name: x for name, x in cells.items() if not isinstance(x, str)}
            assert numbers == {block.species[i]: block.values[i, station, hour] for i in finite}


TOLUENE, MORE = {"benzene": NAN, "toluene": 2.0}, {"benzene": 0.1, "toluene": 1.0}
LINE_2, LINE_9 = np.array([[2]], np.int32), np.array([[9]], np.int32)
STRONGER = [
    (row(TOLUENE), row(MORE, status="reviewed", revision=9, simulated=True), "measured beats simulated before all"),
    (row(TOLUENE, status="reviewed"), row(MORE, revision=9), "reviewed beats provisional"),
    (row(TOLUENE, revision=2), row(MORE, revision=1), "the higher revision"),
    (row(TOLUENE, released_at=2.0), row(MORE, released_at=1.0), "the later release, be it poorer"),
    (
        row({"toluene": 2.0}, released_at=2.0),
        row({"toluene": 9.0}, released_at=1.0, received_at=5.0),
        "or lower, or received first",
    ),
    (row({"toluene": NAN}, released_at=2.0), row({"toluene": 9.0}, released_at=1.0), "or without any value"),
    (
        row(TOLUENE, received_at=2.0),
        row(MORE, received_at=1.0, released_at=1.0),
        "the receipt where no release is known",
    ),
    (row(TOLUENE, released_at=1.0, received_at=2.0), row(MORE, released_at=1.0, received_at=1.0), "the later receipt"),
    (row(TOLUENE, lines=LINE_9), row(MORE, lines=LINE_2), "of one file the later line"),
    (row(TOLUENE, lines=LINE_2), row({"toluene": NAN}, lines=LINE_9), "of one file a line with values"),
    (row(TOLUENE, simulated=True, status="reviewed"), row(MORE, simulated=True), "the same among simulated rows"),
]


@pytest.mark.parametrize(("winner", "loser", "why"), STRONGER, ids=[each[2] for each in STRONGER])
def test_the_stronger_row_counts_in_either_order(winner, loser, why) -> None:
    assert one(winner, loser) == one(loser, winner) == one(winner) != one(loser), why


def test_rows_that_tie_in_sum_and_source_give_one_answer() -> None:
    ties = [
        row({"benzene": 1.0, "toluene": 2.0}),
        row({"benzene": 2.0, "toluene": 1.0}),
        row(MORE | TOLUENE | {"benzene": 1.0}),
    ]
    ties += [replace(ties[0], source="other-feed")]
    answers = [one(*r.shuffled(ties, seed)) for seed in range(8)]
    assert all(answer == answers[0] for answer in answers)


def test_a_row_wins_as_a_whole() -> None:
    first, revised = row({"benzene": 1.0, "toluene": 2.0}), row({"benzene": NAN, "toluene": 1.5}, revision=1)
    assert json.loads(one(first, revised)["species_ppb"]) == {"toluene": 1.5}


def test_a_pair_and_its_parts_may_come_in_rows_of_one_hour() -> None:
    apart, pair = row({"m-xylene": 1.0, "p-xylene": 2.0}), row({"m,p-xylene": 3.5}, revision=1)
    assert (
        json.loads(one(apart, pair)["species_ppb"])
        == json.loads(one(pair, apart)["species_ppb"])
        == {"m,p-xylene": 3.5}
    )


def test_rows_are_accounted_for_as_accepted_or_duplicate() -> None:
    desks, block = r.Desks(), history(50, 2)
    for each in (block, block, replace(block, revision=1), block, replace(block, simulated=True, revision=2)):
        desks.take(each)
    counts = desks.rows()["source_hour"]
    for hour, rows in enumerate(block.present.sum(axis=0).tolist()):
        found = counts.get(("voc-csv", r.FIRST + hour), {"accepted": 0, "duplicate": 0, "late": 0})
        assert found == {"accepted": 2 * rows, "duplicate": 3 * rows, "late": 0}


@pytest.mark.parametrize("size", [1, 7, 24, 260])
def test_the_size_of_blocks_does_not_matter(size) -> None:
    block = history(500, 3, first_hour=r.FIRST)
    assert stored(*cut(block, size)) == stored(block)


def test_stations_outside_the_cities_are_stored_without_a_city() -> None:
    block = replace(row(EXAMPLE), city="other-03")
    assert one(block)["city"] is None


def test_compounds_leave_the_other_tables_alone_and_are_left_alone() -> None:
    desks, city = r.Desks(), r.observations(CITY, 48, 1)
    for block in (*r.blocks_of(CITY, city), history(48, 4), *r.forecasts(CITY, 24, 1)):
        desks.take(block)
    without = r.Desks()
    for block in (*r.blocks_of(CITY, city), *r.forecasts(CITY, 24, 1)):
        without.take(block)
    rows, expected = desks.rows(), without.rows()
    assert rows.pop("voc_station_hour") == stored(history(48, 4))
    rows["source_hour"] = {key: row_ for key, row_ in rows["source_hour"].items() if key[0] != "voc-csv"}
    assert rows == expected


def test_old_hours_leave_the_state_and_are_taken_all_the_same(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(books, "CAPACITY", 3)
    desks, first = r.Desks(archive=tmp_path), r.FIRST // books.PIECE_HOURS * books.PIECE_HOURS
    for piece in range(6):
        desks.take(row(EXAMPLE, hour=first + piece * books.PIECE_HOURS - r.FIRST))
    held = {key: value for key, value in desks.pieces[CITY].items() if key.startswith("v")}
    pieces = [f"v{first // books.PIECE_HOURS + piece}" for piece in range(6)]
    assert sorted(held) == pieces
    assert [key for key in pieces if not isinstance(held[key], str)] == pieces[3:]
    for _ in range(2):
        desks.take(row({"toluene": 9.0}, hour=first - r.FIRST, revision=5))
    rows = desks.rows()
    assert rows["voc_station_hour"][STATION, _moment(first)]["revision"] == 5
    assert rows["source_hour"]["voc-csv", first] == {"accepted": 2, "duplicate": 1, "late": 0}


def test_memory_of_a_year_is_small() -> None:
    # Checkpoints write all of it: a digest of 8 bytes a station-hour, a few more where hours are missing, and little besides.
    desks = r.Desks()
    for seed in range(37):
        desks.take(history(240, seed, stations=1, first_hour=r.FIRST + 240 * seed))
    kept = {key: value for key, value in desks.pieces[CITY].items() if key.startswith("v")}
    assert len(pickle.dumps(kept)) < 34 * 8880


def test_a_block_that_fails_leaves_no_trace(monkeypatch) -> None:
    desks = r.Desks()
    desks.take(row(EXAMPLE))
    book, held = desks.books[CITY].copy(), pickle.dumps(dict(desks.pieces[CITY]))

    def broken(*_, **__):
        raise ZeroDivisionError("made")

    with monkeypatch.context() as patch:
        patch.setattr(voc, "ofp", broken)
        with pytest.raises(ZeroDivisionError):
            desks.take(row({"toluene": 1.0}, revision=1))
    assert desks.books[CITY] == book and pickle.dumps(dict(desks.pieces[CITY])) == held
    desks.take(row({"toluene": 1.0}, revision=1))
    assert desks.rows()["voc_station_hour"][STATION, _moment(r.FIRST)]["revision"] == 1


_CELLS = st.sampled_from([NAN, 0.0, 0.5, 1.0, 1.5, "<0.02", "<0.5"])
_ROWS = st.builds(
    lambda benzene, toluene, **fields: row({"benzene": benzene, "toluene": toluene}, **fields),
    _CELLS, _CELLS, hour=st.integers(0, 2), station=st.sampled_from(["A", "B"]),
    status=st.sampled_from(["provisional", "reviewed"]), revision=st.integers(0, 1), simulated=st.booleans(),
    source=st.sampled_from(["voc-csv", "other"]), released_at=st.sampled_from([None, 1.0, 2.0]),
    received_at=st.sampled_from([1.0, 2.0]),
)  # fmt: skip


def _merit(block: VocBlock) -> tuple:
    """Say in plain words what the description of the layout says: which row counts."""
    says = bool(np.isfinite(block.values).any() or (block.below_ppb is not None and np.isfinite(block.below_ppb).any()))
    came = block.received_at if block.released_at is None else block.released_at, block.received_at
    return not block.simulated, block.status == "reviewed", block.revision, *came, says


@settings(max_examples=150, deadline=None)
@given(st.lists(_ROWS, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_rows_that_count(blocks, random_) -> None:
    mixed = [*blocks, *blocks[::2]]
    random_.shuffle(mixed)
    desks = r.Desks()
    for block in mixed:
        desks.take(block)
    rows = {name: r.untraced(each) if name != "source_hour" else each for name, each in desks.rows().items()}
    assert rows["voc_station_hour"] == r.untraced(stored(*blocks))
    assert sum(sum(counts.values()) for counts in rows["source_hour"].values()) == len(mixed)
    for (station, moment), found in rows["voc_station_hour"].items():
        rivals = [b for b in blocks if b.stations == (station,) and _moment(b.first_hour) == moment]
        best = max(map(_merit, rivals))
        winners = [*r.untraced({i: one(b) for i, b in enumerate(rivals) if _merit(b) == best}).values()]
        assert found in winners
