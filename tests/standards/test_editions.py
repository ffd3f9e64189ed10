"""Which edition holds when, and what its limits are (GB 3095 Table 1, HJ 633 Table 1 and 3)."""

import datetime as dt
import pickle
from itertools import pairwise

import pytest

from standards.days import day_of_date
from standards.editions import EDITIONS, edition_for, edition_named, edition_runs, limit

E2012, E2026, E2031 = EDITIONS


@pytest.mark.parametrize(
    ("date", "name"),
    [
        ("2005-01-01", "2012"),
        ("2012-03-01", "2012"),
        ("2026-02-28", "2012"),
        ("2026-03-01", "2026T"),
        ("2030-12-31", "2026T"),
        ("2031-01-01", "2031"),
        ("2099-01-01", "2031"),
    ],
)
def test_edition_follows_the_observation_date(date, name):
    assert edition_for(dt.date.fromisoformat(date)).name == name


def test_editions_carry_the_texts_that_are_stored():
    assert [(e.code, e.limits_code) for e in EDITIONS] == [
        ("HJ 633-2012", "GB 3095-2012"),
        ("HJ 633-2026", "GB 3095-2026 transition"),
        ("HJ 633-2026", "GB 3095-2026"),
    ]
    assert E2012.valid_to + dt.timedelta(1) == E2026.valid_from
    assert E2026.valid_to + dt.timedelta(1) == E2031.valid_from


def test_runs_are_split_where_the_edition_changes():
    first = day_of_date(dt.date(2026, 2, 27))
    assert edition_runs(first, 4) == [(slice(0, 2), E2012), (slice(2, 4), E2026)]
    assert edition_runs(first, 2) == [(slice(0, 2), E2012)]
    assert edition_runs(first, 0) == []
    runs = edition_runs(first, 3000)
    assert [e.name for _, e in runs] == ["2012", "2026T", "2031"] and runs[-1][0].stop == 3000
    assert all(a.stop == b.start for (a, _), (b, _) in pairwise(runs))


# item, period, (grade 1, grade 2) of GB 3095-2012, the transition, 2031: GB 3095-2012 Table 1 (p. 3), GB 3095-2026
# Table 1 (p. 3), where the left pair of columns is the transition. SO2 over one hour: 500 is of the transition only.
LIMITS = [
    ("so2", "year", (20, 60), (20, 60), (20, 20)),
    ("so2", "day", (50, 150), (50, 150), (50, 50)),
    ("so2", "hour", (150, 500), (150, 500), (150, 150)),
    ("no2", "year", (40, 40), (40, 40), (30, 30)),
    ("no2", "day", (80, 80), (80, 80), (50, 50)),
    ("no2", "hour", (200, 200), (200, 200), (200, 200)),
    ("co", "day", (4, 4), (4, 4), (4, 4)),
    ("co", "hour", (10, 10), (10, 10), (10, 10)),
    ("o3", "8h", (100, 160), (100, 160), (100, 160)),
    ("o3", "hour", (160, 200), (160, 200), (160, 200)),
    ("pm10", "year", (40, 70), (40, 60), (20, 50)),
    ("pm10", "day", (50, 150), (50, 120), (50, 100)),
    ("pm25", "year", (15, 35), (15, 30), (10, 25)),
    ("pm25", "day", (35, 75), (35, 60), (25, 50)),
]


@pytest.mark.parametrize("row", LIMITS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_limits_are_those_of_the_table(row):
    item, period, *expected = row
    for edition, (grade1, grade2) in zip(EDITIONS, expected, strict=True):
        assert limit(item, period, edition=edition) == grade2
        assert limit(item, period, grade=1, edition=edition) == grade1


def test_what_has_no_limit_is_refused_with_what_there_is():
    with pytest.raises(ValueError, match=r"no limit for 'o3' over 'year'.*'8h', 'hour'"):
        limit("o3", "year", edition=E2026)
    with pytest.raises(ValueError, match="grade is 3"):
        limit("o3", "8h", grade=3, edition=E2026)
    with pytest.raises(ValueError, match="expected one of 2012, 2026T, 2031"):
        edition_named("2026")


def test_an_edition_survives_pickling_as_itself():
    assert all(pickle.loads(pickle.dumps(e)) is e for e in EDITIONS)
