"""Faults: as many as asked for, each recorded with what would have been written, the same whichever hours are made together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.virtual_airshed.observe.fault_events import BLOCK_HOURS, HABITS, KINDS, ROW, Event, events_in, late_events
from research.virtual_airshed.observe.faults import Series, damaged_rows, drift_factor, mark, record
from research.virtual_airshed.observe.reviews import differs, review
from standards.days import natural_day
from tests.research.virtual_airshed.observe.made_days import FIRST_HOUR

CODES = tuple(f"{1400 + i}A" for i in range(41))
ITEMS = ("so2", "no2", "co", "o3", "pm10", "pm25")
REASONS = {"text": "no number"}


def series_of(values: np.ndarray, *, codes=("1431A",), first_hour=FIRST_HOUR) -> Series:
    return Series(
        "stations", codes, ITEMS, first_hour, values, (0, 0, 1, 0, 0, 0), (15, 25, 0.8, 40, 60, 50), failing=6
    )


def steady(hours: int, *, stations: int = 1) -> np.ndarray:
    """Rising numbers, so that no two hours of an item are alike."""
    return np.broadcast_to(20.0 + np.arange(hours), (6, stations, hours)).copy()


def event(kind: str, first: int, hours: int = 1, *, column: int = 5, size=0.7, luck=0.5, station="1431A") -> Event:
    row = any(h.kind == kind and h.row for h in HABITS["stations"])
    return Event(f"test/{kind}/{first}", kind, station, ROW if row else column, FIRST_HOUR + first, hours, size, luck)


def year(kind: str, *, scale: float = 1.0, feed: str = "stations") -> list[Event]:
    hours = FIRST_HOUR + np.arange(12 * BLOCK_HOURS)
    return [e for e in events_in(feed, CODES, hours, seed=7, scale=scale, columns=6) if e.kind == kind]


@pytest.mark.parametrize("kind", ["gap_row", "gap", "spike", "stuck", "negative", "text"])
def test_events_are_as_many_as_networks_have(kind):
    habit = next(h for h in HABITS["stations"] if h.kind == kind)
    asked = habit.rate * len(CODES) * 12
    # A Poisson number spreads by its square root; events that reach in from before add at most a few.
    assert abs(len(year(kind)) - asked) < 5 * np.sqrt(asked) + 2


def test_twice_the_faults_are_twice_as_many_events_and_none_are_none():
    once, twice = len(year("gap")), len(year("gap", scale=2.0))
    assert abs(twice - 2 * once) < 5 * np.sqrt(4 * once + twice)
    assert year("gap", scale=0.0) == []


def test_a_national_station_lacks_some_three_percent_of_its_hours():
    # The share that this network is asked to have; the number of events spreads by its square root, some 5 % of it here.
    hours = 3 * BLOCK_HOURS
    series = series_of(steady(hours, stations=41), codes=CODES)
    marked = mark(series, events_in("stations", CODES, series.hours, seed=7, scale=1.0, columns=6))
    gone = np.isnan(marked.values) | np.broadcast_to(marked.rows_of("gap_row"), marked.values.shape)
    assert 0.025 < gone.mean() < 0.035


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2_000), st.integers(2, 400), st.data())
def test_events_of_a_span_are_those_of_its_parts(start, hours, data):
    cut = data.draw(st.integers(1, hours - 1))
    span = FIRST_HOUR + start + np.arange(hours)
    whole, left, right = (
        events_in("stations", CODES[:4], part, seed=7, scale=3.0, columns=6) for part in (span, span[:cut], span[cut:])
    )
    assert set(whole) == set(left) | set(right)
    late = [late_events("micro", part, seed=7, scale=5.0) for part in (span, span[:cut], span[cut:])]
    assert set(late[0]) == set(late[1]) | set(late[2])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 23), st.integers(0, 400))
def test_a_day_made_in_two_parts_has_the_faults_of_the_day(cut, day):
    first = FIRST_HOUR + 24 * day
    chance = np.random.default_rng(day)
    values = np.round(20 + 60 * chance.random((6, 6, 24)))
    whole, left, right = (
        series_of(values[:, :, at], codes=CODES[:6], first_hour=first + at.start)
        for at in (slice(0, 24), slice(0, cut), slice(cut, 24))
    )
    events = {
        id(s): events_in("stations", s.codes, s.hours, seed=3, scale=8.0, columns=6) for s in (whole, left, right)
    }
    at_once = mark(whole, events[id(whole)])
    morning = mark(left, events[id(left)])
    evening = mark(right, events[id(right)], morning.held)
    np.testing.assert_array_equal(np.concatenate([morning.values, evening.values], axis=2), at_once.values)
    moved = {(c, s, h + cut): text for (c, s, h), text in evening.wrong_texts.items()}
    assert dict(morning.wrong_texts) | moved == dict(at_once.wrong_texts)
    assert not at_once.held


def test_a_stuck_sensor_repeats_the_value_of_its_first_hour():
    marked = mark(series_of(steady(10)), [event("stuck", 2, 5)])
    assert marked.values[5, 0].tolist() == [20, 21, 22, 22, 22, 22, 22, 27, 28, 29]
    (fault,) = record(marked, rejections=REASONS)
    assert (fault.first_hour, fault.last_hour) == (FIRST_HOUR + 3, FIRST_HOUR + 6)
    assert (fault.true, fault.written) == ("23;24;25;26", "22;22;22;22")


def test_a_sensor_that_stuck_before_these_hours_is_left_alone_where_its_value_is_not_known():
    late = mark(series_of(steady(10)), [event("stuck", -3, 6)])
    np.testing.assert_array_equal(late.values, steady(10))
    known = mark(series_of(steady(10)), [event("stuck", -3, 6)], {"test/stuck/-3": 7.0})
    assert known.values[5, 0, :4].tolist() == [7, 7, 7, 23]


def test_stuck_events_end_with_their_natural_day():
    stuck = year("stuck", scale=5.0)
    assert len(stuck) > 500
    assert all(natural_day(e.first_hour) == natural_day(e.last_hour) for e in stuck)


def test_a_spike_is_one_hour_far_above_the_truth():
    marked = mark(series_of(steady(10)), [event("spike", 4, size=0.5)])
    # 24 times 1.5, and 3.5 steps of 50.
    assert marked.values[5, 0, 4] == 24 * 1.5 + 3.5 * 50
    assert (np.delete(marked.values[5, 0], 4) == np.delete(steady(10)[5, 0], 4)).all()


@given(st.floats(0, 0.999))
def test_a_drift_step_is_neither_small_nor_beyond_belief(size):
    factor = drift_factor(event("drift", 0, size=size))
    assert 0.59 < factor < 0.86 or 1.17 < factor < 1.67


def test_where_two_events_meet_the_hour_has_the_first_of_the_kinds():
    events = sorted(
        [event("drift", 0, 10), event("spike", 3), event("gap_row", 6, 2)], key=lambda e: KINDS.index(e.kind)
    )
    marked = mark(series_of(steady(10)), events)
    told = [(f.kind, f.first_hour - FIRST_HOUR, f.last_hour - FIRST_HOUR) for f in record(marked, rejections=REASONS)]
    assert told == [("gap_row", 6, 7), ("spike", 3, 3), ("drift", 0, 2), ("drift", 4, 5), ("drift", 8, 9)]


def test_what_is_missing_anyway_has_no_fault_of_a_cell():
    values = steady(10)
    values[5, 0, 4] = np.nan
    assert record(mark(series_of(values), [event("spike", 4), event("text", 4)]), rejections=REASONS) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 3_000))
def test_the_record_undoes_every_fault(day):
    """Putting the recorded true cells in place of the written ones gives back what was measured, and nothing else had changed."""
    chance = np.random.default_rng(day)
    series = series_of(np.round(20 + 60 * chance.random((6, 8, 24))), codes=CODES[:8], first_hour=FIRST_HOUR + 24 * day)
    marked = mark(series, events_in("stations", series.codes, series.hours, seed=3, scale=8.0, columns=6))
    cells = {(c, s, h): series.text(c, marked.values[c, s, h]) for c in range(6) for s in range(8) for h in range(24)}
    cells |= dict(marked.wrong_texts)
    clean = {(c, s, h): series.text(c, series.values[c, s, h]) for c, s, h in cells}
    for fault in record(marked, rejections=REASONS):
        if not fault.item:
            continue
        c, s, first = ITEMS.index(fault.item), series.codes.index(fault.station), fault.first_hour - series.first_hour
        for h, (true, written) in enumerate(
            zip(fault.true.split(";"), fault.written.split(";"), strict=True), start=first
        ):
            assert cells[c, s, h] == written
            cells[c, s, h] = true
    assert cells == clean


def test_rows_are_damaged_as_their_events_say():
    cells = ("4", "21", "0.5", "provisional", "0", "true")
    label = "2015-01-01T01:00+08:00"
    whole = f"1431A,{label},4,21,0.5,provisional,0,true"
    made = {
        kind: damaged_rows(event(kind, 0), "1431A", label, cells)
        for kind in ("gap_row", "duplicate", "no_offset", "unknown")
    }
    assert made["gap_row"] == []
    assert made["duplicate"] == [whole, whole]
    assert made["no_offset"] == ["1431A,2015-01-01T01:00,4,21,0.5,provisional,0,true"]
    assert made["unknown"] == [f"X{whole}"]


@given(st.floats(0, 0.9999))
def test_a_line_that_is_cut_has_fewer_cells_and_still_tells_its_station(size):
    cells = ("4", "21", "0.5", "provisional", "0", "true")
    (line,) = damaged_rows(event("cut", 0, size=size), "1431A", "2015-01-01T01:00+08:00", cells)
    assert line.startswith("1431A,2015-01-01T01:00+08:00")
    assert line.count(",") < 1 + len(cells)


def test_an_event_that_damages_no_row_is_refused():
    with pytest.raises(ValueError, match="kind 'spike' has a row"):
        damaged_rows(event("spike", 0), "1431A", "2015-01-01T01:00+08:00", ("4",))


# Review.


def reviewed(*events: Event, hours: int = 10):
    series = series_of(steady(hours))
    return review(mark(series, list(events)), list(events))


@pytest.mark.parametrize("kind", ["spike", "stuck"])
def test_review_strikes_out_what_is_found_and_leaves_what_is_not(kind):
    found, missed = (reviewed(event(kind, 2, 3, luck=luck)) for luck in (0.1, 0.95))
    assert np.isnan(found.reviewed[5, 0]).any() and not found.changed.any()
    assert not np.isnan(missed.reviewed[5, 0]).any()
    assert Counter(f.kind for f in found.faults) == {"invalidated": 1}
    assert missed.faults == ()


def test_review_puts_an_impossible_cell_right_or_leaves_it_empty():
    right, empty = (reviewed(event("negative", 2, luck=luck)) for luck in (0.1, 0.9))
    assert right.reviewed[5, 0, 2] == 22 and [f.kind for f in right.faults] == ["recovered"]
    assert np.isnan(empty.reviewed[5, 0, 2]) and empty.faults == ()


def test_rows_that_were_lost_on_the_way_are_sent_in_review_or_never():
    again, never = (reviewed(event("gap_row", 2, 3, luck=luck)) for luck in (0.1, 0.9))
    assert again.there.all() and (again.reviewed == steady(10)).all()
    assert never.there[0].tolist() == [True] * 2 + [False] * 3 + [True] * 5


@pytest.mark.parametrize("kind", ["cut", "no_offset", "unknown"])
def test_rows_that_could_not_be_read_are_sent_whole_in_review(kind):
    made = reviewed(event(kind, 2))
    assert made.there.all() and (made.reviewed == steady(10)).all()
    assert {f.item for f in made.faults} == set(ITEMS) and {f.kind for f in made.faults} == {"recovered"}


def test_a_drift_step_that_is_found_comes_back_as_a_revision_after_it_has_ended():
    drift = event("drift", 2, 30, luck=0.2)
    made = reviewed(drift)
    assert (made.reviewed[5, 0, 2:] != steady(10)[5, 0, 2:]).all()
    np.testing.assert_array_equal(made.revised, steady(10))
    assert made.changed[0].tolist() == [False] * 2 + [True] * 8
    assert made.arrives > drift.last_hour
    assert not reviewed(event("drift", 2, 30, luck=0.9)).changed.any()


def test_a_reviewer_changes_right_values_too_and_each_is_told():
    made = reviewed(
        event("invalidated", 0, 2, column=0), event("corrected", 0, 2, column=3), event("revised", 0, 2, column=4)
    )
    assert np.isnan(made.reviewed[0, 0, :2]).all()
    assert (made.reviewed[3, 0, :2] != steady(10)[3, 0, :2]).all() and (made.reviewed[4] == steady(10)[4]).all()
    assert (made.revised[4, 0, :2] != steady(10)[4, 0, :2]).all()
    assert sorted((f.kind, f.item) for f in made.faults) == [
        ("corrected", "o3"),
        ("invalidated", "so2"),
        ("revised", "pm10"),
    ]


def test_review_of_a_day_without_faults_changes_nothing():
    made = reviewed()
    assert made.there.all() and not made.changed.any() and made.faults == ()
    np.testing.assert_array_equal(made.reviewed, steady(10))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 3_000))
def test_review_tells_of_every_cell_that_it_changes(day):
    chance = np.random.default_rng(day)
    series = series_of(np.round(20 + 60 * chance.random((6, 8, 24))), codes=CODES[:8], first_hour=FIRST_HOUR + 24 * day)
    events = events_in("stations", series.codes, series.hours, seed=3, scale=8.0, columns=6)
    made = review(mark(series, events), events)
    revised = sum(f.last_hour - f.first_hour + 1 for f in made.faults if f.kind == "revised")
    assert revised == int((differs(made.reviewed, made.revised) & made.there).sum())
    for fault in made.faults:
        after = made.revised if fault.kind == "revised" else made.reviewed
        c, s, h = ITEMS.index(fault.item), series.codes.index(fault.station), fault.first_hour - series.first_hour
        assert fault.written.split(";")[0] == series.text(c, after[c, s, h])
