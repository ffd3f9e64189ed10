"""What a store says of its simulated past: what is planned, what is in, which month is next, how long it will take."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from streams.store.connect import begin_write
from streams.store.past import ENDED, FORECAST, OBSERVED, PLANNED, Past, note, past_of, real_files
from streams.store.schema import metadata

SPANS = ("2026-02-01/2026-02-15", "2026-01-01/2026-02-01", "2025-12-01/2026-01-01", "2025-11-01/2025-12-01")
NOON = dt.datetime(2026, 2, 22, 12, 0)


def past(observed: int, forecast: int = 0, *, every_s: float = 40.0, ended: str | None = None) -> Past:
    moments = tuple(NOON + dt.timedelta(seconds=every_s * n) for n in range(len(SPANS)))
    return Past(
        SPANS, frozenset(SPANS[:observed]), frozenset(SPANS[:forecast]), moments[:observed], moments[:forecast], ended
    )


def read(store: sa.Engine) -> Past | None:
    with store.connect() as connection:
        return past_of(connection)


def test_a_store_without_a_past_says_so(store) -> None:
    assert read(store) is None


def test_what_was_noted_is_read_the_newest_first_and_once_however_often(store) -> None:
    for _ in range(2):
        with begin_write(store) as connection:
            note(connection, PLANNED, reversed(SPANS))
            note(connection, OBSERVED, SPANS[:2])
            note(connection, FORECAST, SPANS[:1])
    found = read(store)
    assert found.planned == SPANS
    assert found.observed == {*SPANS[:2]}
    assert found.forecast == {SPANS[0]}
    assert len(found.stored_at) == 2
    assert found.ended is None


def test_the_months_are_counted_down_and_then_those_of_the_forecasts() -> None:
    assert [past(n).next for n in range(4)] == ["2026-02", "2026-01", "2025-12", "2025-11"]
    assert [past(4, n).next for n in range(5)] == ["2026-02", "2026-01", "2025-12", "2025-11", None]
    assert not past(3).of_forecasts
    assert past(4).of_forecasts


def test_what_is_left_is_told_by_the_pace_so_far_and_not_before_there_is_one() -> None:
    assert past(0).minutes_left is None
    assert past(1).minutes_left is None
    # Two more at 40 s each are 80 s, three at 130 s are 390 s.
    assert past(2).minutes_left == 1
    assert past(2, every_s=130.0).minutes_left == 4
    assert past(4, 1).minutes_left is None


def test_a_past_that_ended_has_no_next_month(store) -> None:
    assert past(2, ended="own-data").next is None
    with begin_write(store) as connection:
        note(connection, ENDED, ["own-data"])
    assert read(store).ended == "own-data"


def test_a_real_file_is_found_where_any_of_its_hours_lies_in_the_span(store) -> None:
    with begin_write(store) as connection:
        for digest, simulated, hour in (("a", False, 10), ("b", True, 30)):
            at = NOON + dt.timedelta(hours=hour)
            connection.execute(sa.insert(metadata.tables["source_file"]).values(
                digest=digest, file="f.csv", source="s", first_hour=at, last_hour=at + dt.timedelta(hours=4), rows_in=1,
                rejected=0, simulated=simulated, received_at=NOON))  # fmt: skip
    found = {}
    with store.connect() as connection:
        for first, last in ((0, 9), (0, 10), (12, 13), (14, 50), (15, 50)):
            span = NOON + dt.timedelta(hours=first), NOON + dt.timedelta(hours=last)
            found[first, last] = real_files(connection, *span)
    assert found == {(0, 9): False, (0, 10): True, (12, 13): True, (14, 50): True, (15, 50): False}
