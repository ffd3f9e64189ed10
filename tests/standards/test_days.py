"""Natural days of Asia/Shanghai against the calendar of the standard library."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standards.days import date_of_day, day_of_date, first_hour_of_day, hour_of_day, natural_day, split_days
from tests.test_import_law import ROOT, sources

DOCTOR = ROOT / "infra" / "doctor.py"
"""Asks the machine whether its own table of zones agrees."""
HOURS = st.integers(200_000, 1_000_000)


@given(HOURS)
def test_an_hour_belongs_to_the_local_date_of_its_start(hour_end):
    start = dt.datetime.fromtimestamp((hour_end - 1) * 3600, ZoneInfo("Asia/Shanghai"))
    assert date_of_day(natural_day(hour_end)) == start.date()
    assert hour_of_day(hour_end) == start.hour + 1


def test_the_hour_ending_at_midnight_belongs_to_the_day_before():
    midnight = int(dt.datetime(2023, 1, 20, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()) // 3600
    assert date_of_day(natural_day(midnight)) == dt.date(2023, 1, 19)
    assert hour_of_day(midnight) == 24
    assert first_hour_of_day(day_of_date(dt.date(2023, 1, 20))) == midnight + 1


@given(HOURS, st.integers(0, 60))
def test_split_days_puts_every_hour_at_its_place(first_hour, hours):
    values = np.arange(2.0 * hours).reshape(2, hours)
    by_day, first_day = split_days(values, first_hour)
    assert first_day == natural_day(first_hour)
    assert np.isfinite(by_day).sum() == values.size
    for t in range(hours):
        day, hour = natural_day(first_hour + t) - first_day, hour_of_day(first_hour + t)
        assert by_day[:, day, hour - 1].tolist() == values[:, t].tolist()


@pytest.mark.parametrize("hours", [np.array([0, 16, 17]), np.array([470_000])])
def test_arrays_and_numbers_agree(hours):
    assert natural_day(hours).tolist() == [natural_day(int(h)) for h in hours]
    assert hour_of_day(hours).tolist() == [hour_of_day(int(h)) for h in hours]


def test_nobody_else_says_how_far_shanghai_is_ahead():
    said = re.compile(r"hours=8\b|ZoneInfo\([\"']|UTC_OFFSET\w* = |\bh\"\) \+ 8|hours\) \+ 8")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if said.search(line) and path not in (ROOT / "standards" / "days.py", DOCTOR)
    ]
    assert found == []
