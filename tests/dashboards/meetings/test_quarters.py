"""Quarters, hosts by turns, and what is due: by a calendar written out by hand."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.meetings.quarters import (
    ASSESSMENT,
    DONE,
    MEETING,
    OPEN,
    OVERDUE,
    REPORT,
    Duty,
    Quarter,
    Rotation,
    due_of,
    host_of,
    quarter_named,
    quarter_of,
)
from dashboards.meetings.rules import NAME, rules_in

CITIES = ("510100", "510600", "510700", "510900", "511100", "511800", "511400", "512000")
Q = Quarter


def test_a_quarter_has_its_calendar_months():
    assert Q(2026, 1).period.last_date == dt.date(2026, 3, 31)
    assert quarter_of(dt.date(2026, 3, 31)) == Q(2026, 1)
    assert quarter_of(dt.date(2026, 4, 1)) == Q(2026, 2)
    assert quarter_named("2026-Q4") == Q(2026, 4)


@pytest.mark.parametrize(
    "name", ["", "2026", "2026-Q0", "2026-Q5", "26-Q1", "2026-q1", "1999-Q4", "2101-Q1", "２０２６-Q1", "2026-Q1 "]
)
def test_what_is_no_quarter_is_none(name):
    assert quarter_named(name) is None


@given(st.integers(2000, 2100), st.integers(1, 4), st.integers(-40, 40))
def test_quarters_go_on_and_back(year, number, count):
    one = Q(year, number)
    assert one.later(count).since(one) == count and one.later(count).later(-count) == one
    assert (one.later(1).period.first_date - one.period.last_date).days == 1


def test_hosts_take_turns_and_a_new_rotation_counts_from_its_own_quarter():
    rotations = [Rotation(Q(2026, 1), CITIES, "old"), Rotation(Q(2027, 1), ("511800", "510100"), "new")]
    assert [host_of(Q(2026, n), rotations)[0] for n in range(1, 5)] == list(CITIES[:4])
    assert [host_of(Q(2027, n), rotations)[0] for n in range(1, 5)] == ["511800", "510100"] * 2
    assert host_of(Q(2025, 4), rotations) is None


def test_a_duty_is_done_open_on_its_day_and_overdue_the_day_after():
    duties = [Duty(Q(2026, 1), kind, days, "x") for kind, days in ((ASSESSMENT, 15), (MEETING, 30), (REPORT, 40))]
    due = due_of(Q(2026, 3), duties, [ASSESSMENT], dt.date(2026, 10, 30))
    assert [(each.kind, each.day, each.state) for each in due] == [
        (ASSESSMENT, dt.date(2026, 10, 15), DONE), (MEETING, dt.date(2026, 10, 30), OPEN),
        (REPORT, dt.date(2026, 11, 9), OPEN),
    ]  # fmt: skip
    assert due_of(Q(2026, 3), duties, [], dt.date(2026, 10, 31))[1].state == OVERDUE
    assert due_of(Q(2025, 4), duties, [], dt.date(2026, 10, 31)) == ()


def test_the_shipped_rules_say_that_they_are_assumed(tmp_path):
    rules = rules_in(tmp_path, CITIES)
    assert all(each.assumed for each in (*rules.rotations, *rules.duties)) and not rules.trouble
    assert {each.kind for each in rules.duties} == {ASSESSMENT, MEETING, REPORT}


def test_a_file_in_the_folder_takes_the_place_of_the_shipped_one(tmp_path):
    (tmp_path / NAME).write_text(
        '[[rotation]]\nfrom = "2026-Q1"\norder = ["511800"]\nsource = "纪要"\n', encoding="utf-8"
    )
    rules = rules_in(tmp_path, CITIES)
    assert host_of(Q(2026, 2), rules.rotations)[0] == "511800"
    assert not rules.rotations[0].assumed and rules.duties == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[rotation]]\nfrom = "2026"\norder = ["511800"]\nsource = "x"', "from is '2026', expected a quarter"),
        ('[[rotation]]\nfrom = "2026-Q1"\norder = ["999999"]\nsource = "x"', "expected division codes"),
        ('[[rotation]]\nfrom = "2026-Q1"\norder = ["511800", "511800"]\nsource = "x"', "each once"),
        ('[[duty]]\nfrom = "2026-Q1"\nkind = "party"\ndays = 1\nsource = "x"', "kind is 'party'"),
        ('[[duty]]\nfrom = "2026-Q1"\nkind = "report"\ndays = true\nsource = "x"', "days is True"),
        ('[[duty]]\nfrom = "2026-Q1"\nkind = "report"\ndays = 1', "source is None"),
        ("[[duty]\n", "expected TOML"),
        ("rotation = 3", "expected [[rotation]] entries"),
        ("hosts = 3", "expected [[rotation]] and [[duty]] alone"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_and_the_shipped_rules_hold(tmp_path, text, said):
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    rules = rules_in(tmp_path, CITIES)
    assert NAME in rules.trouble and said in rules.trouble
    assert rules.rotations == rules_in(None, CITIES).rotations
