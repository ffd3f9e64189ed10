"""What of a change of whole months was the weather's stands in an assessment as the store's months have it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from dashboards.phase.assess import assess
from dashboards.phase.content import as_bytes
from dashboards.phase.door import gathered_for
from dashboards.phase.gathered import gathered_from, whole_months
from dashboards.phase.question import question_of
from dashboards.text import catalogue
from standards.assessment.periods import Period, month, quarter
from standards.days import day_of_date
from streams.store import schema
from tests.dashboards.phase import made

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2026, 6, 30)
CHENGDU, DEYANG, MIANYANG = made.CITIES[0], "510600", "510700"


def row(city: str, item: str, month: dt.date, observed: float, normalised: float | None, **other) -> dict:
    """Give a month as the store has it, with a half width of 2 and 700 hours."""
    ends = (None, None) if normalised is None else (normalised - 2.0, normalised + 2.0)
    return {
        "city": city, "item": item, "month": month, "observed": observed, "normalised": normalised, "low": ends[0],
        "high": ends[1], "hours": 700, "skill": 0.7, "unanswered": None, "model": "0a1b2c3d", "weather": "GFS",
        "method": "normalise 1", "simulated": False, "version": 1,
    } | other  # fmt: skip


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    found = made.store(tmp_path_factory.mktemp("weather"))
    made.put_cities(found, made.daily(8, FIRST, LAST, seed=7), FIRST)
    now, before = dt.date(2026, 2, 1), dt.date(2025, 2, 1)
    months = [
        row(CHENGDU, "pm25", before, 60.0, 55.0), row(CHENGDU, "pm25", now, 50.0, 52.0, skill=0.654),
        row(CHENGDU, "o3", before, 70.0, 70.0), row(CHENGDU, "o3", now, 74.0, None, unanswered="skill"),
        row(DEYANG, "pm25", now, 48.0, 47.0), row(MIANYANG, "pm25", now, 40.0, 40.0),
        row(MIANYANG, "pm25", before, 44.0, 43.0, model="another"),
    ]  # fmt: skip
    with found.begin() as connection:
        connection.execute(sa.insert(schema.normalised_month), months)
    return found


def asked(engine, period: str, base: str):
    question = question_of({"period": period, "base": base}, made.CITIES)
    with engine.connect() as connection:
        return gathered_for(connection, question, registry=made.KNOWN, folder=None)


def rows_of(content) -> dict[tuple[str, str], dict]:
    table = next(each for each in content.tables if each.key == "weather")
    keys = [column.key for column in table.columns]
    return {(row[0], row[1]): dict(zip(keys, row, strict=True)) for row in table.rows}


def test_a_change_is_ours_and_the_weathers_with_half_width_and_skill(engine) -> None:
    # By hand: 50 - 60 = -10 observed; 52 - 55 = -3 without the weather; -10 - -3 = -7 is the weather's;
    # sqrt(2^2 + 2^2 + (0.1 * 7)^2) = sqrt(8.49) = 2.91; the lower R2 of both months is 0.654.
    found = rows_of(assess(asked(engine, "2026-02", "2025-02")))[CHENGDU, "pm25"]
    assert found == {
        "city": CHENGDU, "item": "pm25", "weather_observed_ugm3": -10.0, "without_weather_ugm3": -3.0,
        "weather_part_ugm3": -7.0, "weather_half_ugm3": 2.9, "weather_skill": 0.65,
    }  # fmt: skip


def test_what_is_not_told_says_why_and_cities_without_any_month_have_no_row(engine) -> None:
    table = next(each for each in assess(asked(engine, "2026-02", "2025-02")).tables if each.key == "weather")
    at = {(row[0], row[1]): n for n, row in enumerate(table.rows)}
    assert set(at) == {(CHENGDU, "pm25"), (CHENGDU, "o3"), (DEYANG, "pm25"), (MIANYANG, "pm25")}
    for of, why in (((CHENGDU, "o3"), "skill"), ((DEYANG, "pm25"), "none"), ((MIANYANG, "pm25"), "models")):
        assert table.why_missing[f"{at[of]}:weather_part_ugm3"] == f"weather_{why}"
        assert f"phase.why.weather_{why}" in catalogue()
    assert f"{at[CHENGDU, 'pm25']}:weather_part_ugm3" not in table.why_missing


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (("2026-02-01..2026-02-20", "2025-02-01..2025-02-20"), "not_whole_months"),
        (("2026-02", "2025-02-01..2025-02-20"), "not_whole_months"),
        (("2026-05", "2025-05"), "no_normalised"),
    ],
)
def test_it_is_absent_for_a_reason(engine, question, why) -> None:
    assert assess(asked(engine, *question)).about["absent"]["weather"] == why


def test_it_is_computed_again_without_the_store(engine) -> None:
    found = asked(engine, "2026-02", "2025-02")
    assert as_bytes(assess(gathered_from(found.as_bytes()))) == as_bytes(assess(found))


def test_whole_months_are_those_that_begin_and_end_a_period() -> None:
    assert whole_months(quarter(2024, 1)) == (dt.date(2024, 1, 1), dt.date(2024, 3, 1))
    assert whole_months(month(2024, 2)) == (dt.date(2024, 2, 1), dt.date(2024, 2, 1))
    for first, last in (("2024-02-01", "2024-02-28"), ("2024-02-02", "2024-03-31"), ("2024-02-02", "2024-02-20")):
        days = (day_of_date(dt.date.fromisoformat(each)) for each in (first, last))
        assert whole_months(Period("campaign", "x", *days)) is None
