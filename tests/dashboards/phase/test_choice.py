"""The periods a reader is offered: by a calendar written by hand, and each one readable."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from dashboards.phase.choice import before, first_choice, offered
from dashboards.phase.question import period_of


def test_on_the_first_of_october_the_third_quarter_is_still_the_last_with_a_whole_day():
    assert first_choice(dt.date(2026, 10, 1)) == "2026-Q3"
    assert first_choice(dt.date(2026, 10, 2)) == "2026-Q4"


def test_groups_hold_the_newest_first():
    groups = dict(offered(dt.date(2026, 11, 30)))
    assert groups["quarters"][:3] == ("2026-Q4", "2026-Q3", "2026-Q2")
    assert groups["months"][0] == "2026-11" and groups["months"][-1] == "2025-11"
    assert groups["years"] == ("2026-H2", "2026-H1", "2025-H2", "2026", "2025", "2024")
    assert groups["campaigns"] == ("ozone-2026", "ozone-2025", "haze-2026", "haze-2025")
    assert dict(offered(dt.date(2026, 3, 3)))["campaigns"] == ("ozone-2025", "haze-2025")


@given(st.dates(dt.date(2016, 1, 3), dt.date(2099, 12, 31)))
def test_every_period_that_is_offered_can_be_read_and_has_begun(today):
    for _, names in offered(today):
        for name in names:
            assert period_of(name).first_date < today, name


def test_the_period_before_is_of_the_same_kind():
    assert [before(name) for name in ("2026-01", "2026-Q1", "2026-H1", "2026", "2026-12", "2026-Q3", "2026-H2")] == [
        "2025-12", "2025-Q4", "2025-H2", "2025", "2026-11", "2026-Q2", "2026-H1",
    ]  # fmt: skip
    assert before("ozone-2026") == "" and before("2026-05-03..2026-06-11") == ""
