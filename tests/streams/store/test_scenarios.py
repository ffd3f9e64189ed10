"""Answers of measures in the store: what is packed comes back, and no window is seen before it was known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from streams.store.scenarios import AHEAD, SINCE, newest_windows, packed_free, rows_of_window, unpacked_free
from streams.store.schema import scenario
from tests.dashboards import foreseen, stores

SHAPE = (3, 4, 2)
NUMBERS = arrays(float, SHAPE, elements=st.one_of(st.floats(-2, 2), st.just(float("nan"))))
DAY = dt.timedelta(days=1)


@given(NUMBERS, NUMBERS)
def test_free_cuts_come_back_within_half_a_step_and_nothing_known_stays_nothing_known(middle, spread) -> None:
    back = unpacked_free(packed_free(middle, spread), SHAPE)
    for given_, found in zip((middle, spread), back, strict=True):
        assert np.allclose(given_, found, rtol=0, atol=0.51e-5, equal_nan=True)


def test_a_table_of_other_cities_is_refused_in_words() -> None:
    text = packed_free(np.zeros(SHAPE), np.zeros(SHAPE))
    with pytest.raises(ValueError, match=r"48 numbers for a table of \(3, 4, 9\), expected 216"):
        unpacked_free(text, (3, 4, 9))


@pytest.fixture(scope="module")
def connection(tmp_path_factory):
    engine = stores.empty_store(tmp_path_factory.mktemp("scenarios"))
    with engine.begin() as written:
        written.execute(sa.insert(scenario), foreseen.scenarios())
    with engine.connect() as connection:
        yield connection


def test_of_windows_ahead_the_newest_run_that_had_started_counts(connection) -> None:
    asked = {"kind": AHEAD, "back": 36 * foreseen.HOUR}
    assert newest_windows(connection, foreseen.WARNED, foreseen.RUN, **asked)[1] == foreseen.RUN
    assert newest_windows(connection, foreseen.WARNED, foreseen.RUN - foreseen.HOUR, **asked) is None, (
        "the other is too old"
    )
    early = newest_windows(connection, foreseen.WARNED, foreseen.RUN - 3 * DAY, **asked)
    assert early == (dt.datetime(2025, 12, 19, 16), dt.datetime(2025, 12, 16, 0))


def test_a_window_gone_by_is_not_seen_before_it_has_ended(connection) -> None:
    end, asked = dt.datetime(2025, 12, 19, 16), {"kind": SINCE, "back": 10 * DAY}
    assert newest_windows(connection, foreseen.WARNED, end, **asked) == (end, end)
    assert newest_windows(connection, foreseen.WARNED, end - foreseen.HOUR, **asked) is None
    assert newest_windows(connection, "999999", end, **asked) is None


def test_rows_of_a_window_are_of_it_alone(connection) -> None:
    found = rows_of_window(
        connection, foreseen.CITIES, (foreseen.RUN + 88 * foreseen.HOUR, foreseen.RUN), free_of="510600"
    )
    assert len(found) == 8 * 4 * 2 + 2 and {row["kind"] for row in found} == {AHEAD}
    assert {row["city"] for row in found if row["measure"] == "free"} == {"510600"}
