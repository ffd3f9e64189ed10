"""Samples in the store: counted row by row, corrected by later files, and taken out again."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from streams import registry
from streams.intake.retraction import Said, Wrong
from streams.laboratory.keeping import keep_samples
from streams.laboratory.reading import read_file
from streams.laboratory.retracting import withdraw
from streams.store import open_store
from streams.store.rules import broken_rules
from streams.store.schema import laboratory_sample, rejected, row_history, source_file, source_hour, source_total
from tests.streams.laboratory.tables import GOOD, as_csv, row

REGISTRY = registry.load()
NOW = dt.datetime(2026, 11, 30, 8)
SAID = Said("b.csv", "somebody", "wrong blank", 1_796_000_000.0)


@pytest.fixture
def store(tmp_path):
    engine = open_store(tmp_path / "store.sqlite")
    yield engine
    engine.dispose()


@pytest.fixture
def keep(store, tmp_path):
    """Bring a file of some rows into the store."""

    def bring(name, *rows, simulated=False):
        read = read_file(as_csv(tmp_path / name, *rows), REGISTRY, today=NOW.date())
        return keep_samples(store, read, now=NOW, simulated=simulated)

    return bring


def results(store) -> dict:
    """Give what counts: results by sample, "below" where it lies below a limit."""
    c = laboratory_sample.c
    with store.connect() as connection:
        rows = connection.execute(sa.select(c.sample, c.result).where(~c.withdrawn)).all()
    return {sample: "below" if result is None else result for sample, result in rows}


def said(store, table) -> list[dict]:
    with store.connect() as connection:
        return [dict(each) for each in connection.execute(sa.select(table)).mappings()]


def balanced(store) -> bool:
    told = ("accepted", "duplicate", "late", "rejected")
    books = [*said(store, source_hour), *said(store, source_total), *said(store, source_file)]
    with store.connect() as connection:
        return all(each["rows_in"] == sum(each[name] for name in told) for each in books) and not list(
            broken_rules(connection)
        )


def take_out(store, said=SAID, **wrong):
    return withdraw(store, Wrong(**wrong), said)


def test_every_row_of_a_file_is_in_the_books(store, keep):
    kept = keep("a.csv", GOOD, row(sample="S2", result="ND"), GOOD, row(cas="x"), row(date="?"))
    assert (kept.rows, kept.accepted, kept.duplicate, kept.rejected) == (5, 2, 1, 2)
    assert dict(kept.reasons) == {"no CAS number": 1, "no date": 1} and balanced(store)
    assert results(store) == {"S1": 2.5, "S2": "below"}
    # The samples' day ends at 16:00 UTC; a row whose day cannot be read stands under the first hour of all.
    hours = {each["hour_end"]: (each["rows_in"], each["rejected"]) for each in said(store, source_hour)}
    assert hours == {dt.datetime(2026, 3, 1, 16): (4, 1), dt.datetime(1970, 1, 1): (1, 1)}
    (file,) = said(store, source_file)
    assert (file["file"], file["source"], file["rows_in"], file["last_hour"]) == (
        "a.csv",
        "laboratory",
        5,
        dt.datetime(2026, 3, 1, 16),
    )


def test_rejects_lie_with_all_others(store, keep):
    keep("a.csv", row(cas="1763-23-2"))
    (found,) = said(store, rejected)
    assert (found["source"], found["file"], found["position"]) == ("laboratory", "a.csv", "line 2, column CAS号")
    assert (found["value"], found["rows"], found["set_aside"]) == ("1763-23-2", 1, False)


def test_the_same_file_again_changes_nothing(store, keep):
    keep("a.csv", GOOD)
    before = said(store, laboratory_sample)
    assert keep("a.csv", GOOD).duplicate == 1
    assert said(store, laboratory_sample) == before and not said(store, row_history) and balanced(store)


def test_a_later_file_corrects_and_what_stood_there_is_kept(store, keep):
    keep("a.csv", GOOD)
    assert keep("b.csv", row(result="2.9")).accepted == 1
    (now,), (before,) = said(store, laboratory_sample), said(store, row_history)
    assert now["result"] == 2.9 and '"result": 2.5' in before["row"] and before["version"] < now["version"]
    assert len(before["key"]) <= 80 and balanced(store)


def test_a_simulated_sample_gives_way_to_a_measured_one_and_never_the_other_way(store, keep):
    keep("s.csv", GOOD, simulated=True)
    assert keep("a.csv", row(result="3")).accepted == 1
    assert keep("s.csv", row(result="4"), simulated=True).duplicate == 1
    assert results(store) == {"S1": 3.0}


def test_what_is_retracted_gives_place_to_what_was_said_before(store, keep):
    keep("a.csv", GOOD, row(sample="S2"))
    keep("b.csv", row(result="2.9"), row(sample="S3", result="7"))
    found = take_out(store, file="b.csv")
    assert (found.rows, found.rows_restored) == (2, 1)
    assert results(store) == {"S1": 2.5, "S2": 2.5} and balanced(store)
    assert [each["file"] for each in said(store, source_file)][-1] == "retraction of b.csv, by somebody: wrong blank"


def test_a_retracted_row_never_returns_in_whatever_order_files_are_retracted(store, keep):
    keep("a.csv", GOOD)
    keep("b.csv", row(result="2.9"))
    assert take_out(store, file="a.csv").rows == 1
    assert results(store) == {"S1": 2.9}
    assert take_out(store, file="b.csv").rows_restored == 0
    assert results(store) == {}


def test_a_retracted_file_that_is_brought_again_counts(store, keep):
    keep("b.csv", GOOD)
    take_out(store, file="b.csv")
    assert take_out(store, file="b.csv").rows == 0
    assert keep("b.csv", GOOD).accepted == 1 and results(store) == {"S1": 2.5} and balanced(store)


def test_a_part_of_a_file_is_retracted_by_its_days(store, keep):
    keep("b.csv", GOOD, row(sample="S2", date="2026-04-01"))
    march = 24 * (dt.date(2026, 3, 1) - dt.date(1970, 1, 1)).days
    assert take_out(store, source="laboratory", first=march, end=march + 24).rows == 1
    assert results(store) == {"S2": 2.5}


def test_hours_alone_another_name_and_a_run_mean_no_sample(store, keep):
    keep("b.csv", GOOD)
    for wrong in (
        {"first": 0, "end": 1 << 30},
        {"file": "c.csv"},
        {"run": "CDAQS/2026-01-01T00Z"},
        {"source": "cnemc-wide"},
    ):
        assert take_out(store, **wrong).rows == 0
    assert results(store) == {"S1": 2.5}


def test_a_file_is_named_by_the_digits_of_its_sha256(store, keep):
    keep("b.csv", GOOD)
    (file,) = said(store, source_file)
    assert take_out(store, file=file["digest"][:7]).rows == 0 and take_out(store, file=file["digest"][:8]).rows == 1
