"""When a program is started again and when it counts as missing: laws over any course of runs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.restarts import MISSING_AFTER, Record, RestartPolicy

POLICY = RestartPolicy()
RUNS = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=80)


def record_of(runs: list[float]) -> tuple[Record, list[float]]:
    """Let a program end after each of the runs [s], a clock going on meanwhile; give its record and the waits."""
    record, waits, now = Record(), [], 0.0
    for lasted in runs:
        now += lasted
        record.runs(POLICY, lasted)
        waits.append(record.ended(POLICY, lasted, now, 1))
        now += waits[-1]
    return record, waits


@given(RUNS)
def test_every_end_is_followed_by_a_start_within_five_minutes(runs):
    _, waits = record_of(runs)
    assert all(1.0 <= wait <= 300.0 for wait in waits)


@given(st.lists(st.floats(0.0, 59.9), min_size=1, max_size=80))
def test_the_pauses_of_one_that_keeps_ending_never_shrink_and_reach_the_longest(runs):
    _, waits = record_of(runs)
    assert waits == sorted(waits) and waits[0] == 1.0
    # 1 s doubled nine times is 512 s, more than the five minutes.
    assert len(waits) < 10 or waits[-1] == 300.0


@given(RUNS, st.floats(60.0, 1e6))
def test_who_ran_steadily_begins_anew(runs, steady):
    _, waits = record_of([*runs, steady])
    assert waits[-1] == 1.0


@given(RUNS)
def test_it_is_missing_exactly_while_it_ended_twice_in_a_row_without_a_steady_run(runs):
    record, _ = record_of(runs)
    tail = next((n for n, lasted in enumerate(reversed(runs)) if lasted >= POLICY.steady_s), len(runs) - 1)
    assert record.missing == (tail + 1 >= MISSING_AFTER)


@given(st.lists(st.floats(0.0, 59.9), min_size=2, max_size=20))
def test_it_has_been_missing_since_the_first_end_and_its_return_is_told_once(runs):
    record, _ = record_of(runs)
    assert record.since == runs[0]
    assert not record.runs(POLICY, 59.0) and record.missing
    assert record.runs(POLICY, 60.0) and not record.missing
    assert not record.runs(POLICY, 61.0)


def test_the_wait_stays_a_number_after_any_number_of_ends():
    assert POLICY.wait_after(100_000) == 300.0
