"""An assessment says what the standard computes, under each edition, and can be computed again from its inputs to the byte."""

import datetime as dt

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.phase.assess import assess
from dashboards.phase.content import as_bytes
from dashboards.phase.door import gathered_for, phase_assessment
from dashboards.phase.forecast_days import RUNS, forecast_days
from dashboards.phase.gathered import InputsRefused, gathered_from
from dashboards.phase.question import REGION, question_of
from standards.assessment.assess import assess_period
from standards.assessment.ranking import rank
from standards.days import day_of_date
from standards.editions import edition_named
from standards.index.aqi import daily_aqi
from standards.pollutants import ITEMS
from standards.rounding import round_half_even
from streams.store import schema
from tests.dashboards.phase import made
from tests.dashboards.phase.test_told import gathered

FIRST, LAST = dt.date(2025, 1, 1), dt.date(2026, 6, 30)
VALUES = made.daily(8, FIRST, LAST, seed=7)
PM25 = ITEMS.index("pm25")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    found = made.store(tmp_path_factory.mktemp("phase"))
    made.put_cities(found, VALUES, FIRST)
    points = made.points(("510100",))
    made.put_stations(found, made.daily(len(points), FIRST, LAST, seed=8), FIRST, points)
    return found


def ask(engine, folder=None, **asked):
    question = question_of(asked, made.CITIES)
    with engine.connect() as connection:
        return phase_assessment(connection, question, registry=made.KNOWN, folder=folder)


@pytest.mark.parametrize("edition", ["2012", "2026T", "2031"])
@pytest.mark.parametrize("period", ["2025", "2026-03", "2026-Q2", "2025-H2", "ozone-2025", "2026-05-03..2026-06-11"])
def test_the_cities_are_what_the_standard_computes(engine, period, edition):
    question = question_of({"period": period, "edition": edition}, made.CITIES)
    found = assess_period(VALUES, day_of_date(FIRST), question.period, edition=edition_named(edition))
    table = ask(engine, period=period, edition=edition).table("cities")
    for at, city in enumerate(made.CITIES):
        row = table.row_of(city)
        assert row["pm25_mean_ugm3"] == found.mean[PM25, at]
        assert row["o3_mda8_p90_ugm3"] == found.percentile[ITEMS.index("o3"), at]
        assert row["good_ratio_pct"] == found.aqi_days.good_ratio_pct[at]
        assert row["ranking_index"] == found.ranking.total[at]
        assert row["heavy_days"] == found.aqi_days.heavy_days[at]


def test_the_region_is_the_mean_of_the_cities_unrounded_statistics(engine):
    question = question_of({"period": "2025"}, made.CITIES)
    found = assess_period(VALUES, day_of_date(FIRST), question.period, edition=edition_named("2012"))
    row = ask(engine, period="2025").table("cities").row_of(REGION)
    assert row["pm25_mean_ugm3"] == round_half_even(np.mean(found.values.mean[PM25]), 0)
    assert row["good_days"] == found.aqi_days.good_days.sum()
    assert row["ranking_index"] is None


def test_the_region_has_no_concentration_where_a_city_has_none(engine):
    values = made.daily(8, dt.date(2026, 7, 1), dt.date(2026, 9, 30))
    values[:, 3] = np.nan
    content = assess(gathered(values, values))
    table = content.table("cities")
    assert table.row_of(REGION)["pm25_mean_ugm3"] is None
    assert table.why_missing["8:pm25_mean_ugm3"] == "region_city_missing"
    assert table.row_of(made.CITIES[3])["heavy_days"] is None


def test_a_period_that_crosses_is_shown_under_each_edition_and_under_the_chosen_one(engine):
    content = ask(engine, period="2026-Q1")
    assert list(content.by_edition) == ["2012", "2026T"] and content.question["edition"] == "2026T"
    for edition, first, last in (("2012", "2026-01-01", "2026-02-28"), ("2026T", "2026-03-01", "2026-03-31")):
        part = question_of({"period": f"{first}..{last}"}, made.CITIES).period
        found = assess_period(VALUES, day_of_date(FIRST), part, edition=edition_named(edition))
        held = content.table("cities", edition=edition)
        assert [row[1] for row in held.rows[:8]] == found.mean[PM25].tolist()
    assert not ask(engine, period="2026-Q2").by_edition


def test_both_periods_are_under_the_chosen_edition(engine):
    content = ask(engine, period="2026-Q2", edition="2012")
    base = question_of({"period": "2025-Q2"}, made.CITIES).period
    found = assess_period(VALUES, day_of_date(FIRST), base, edition=edition_named("2012"))
    assert list(content.table("same_edition").column("ranking_index_base"))[:8] == found.ranking.total.tolist()


def test_equal_cities_share_a_rank_and_the_next_is_left_out():
    values = made.daily(8, dt.date(2026, 7, 1), dt.date(2026, 9, 30), gaps=0)
    values[:, 4] = values[:, 2]
    table = assess(gathered(values, values)).table("ranking")
    index = [table.row_of(city)["ranking_index"] for city in made.CITIES]
    assert [table.row_of(city)["rank"] for city in made.CITIES] == rank(np.array(index)).tolist()
    assert index[4] == index[2] and len(set(table.column("rank"))) == 7


def test_every_missing_number_has_its_reason():
    values = made.daily(8, dt.date(2026, 7, 1), dt.date(2026, 9, 30), gaps=0.3)
    values[:, 1], values[2, 5], values[:, 6, 10:] = np.nan, np.nan, np.nan
    content = assess(gathered(values, values * np.nan))
    for table in content.tables:
        silent = {c.key for c in table.columns} & {"primary", "main_item", "missing_items", "exceeding_items", "where"}
        for at, row in enumerate(table.rows):
            for column, value in zip(table.columns, row, strict=True):
                if value is None and column.key not in silent:
                    assert f"{at}:{column.key}" in table.why_missing, (table.key, column.key)
    assert content.about["absent"]["change"] == "base_missing"


def test_a_period_that_still_runs_says_so_and_is_compared_with_the_same_days(tmp_path):
    engine = made.store(tmp_path)
    made.put_cities(engine, VALUES, FIRST)
    made.put_hour(engine, dt.datetime(2026, 5, 10, 17))  # 01:00 of the 11th in Beijing: the 10th is over
    content = ask(engine, period="2026-Q2")
    about = content.about
    assert (about["running"], about["last"], about["days"]) == (True, "2026-05-10", 40)
    assert (about["base_first"], about["base_last"]) == ("2025-04-01", "2025-05-10")
    assert set(content.table("verdicts").column("verdict")) == {None}
    assert content.summary[0].key == "phase.say.running"


def test_an_empty_store_gives_limits_alone_and_says_why(tmp_path):
    content = ask(made.store(tmp_path), period="2026")
    assert [table.key for table in content.tables] == ["limits"]
    assert content.about["absent"]["cities"] == "no_days" and not content.summary


def test_what_was_gathered_is_read_back_and_gives_the_same_bytes(engine):
    with engine.connect() as connection:
        found = gathered_for(
            connection, question_of({"period": "2026-Q1"}, made.CITIES), registry=made.KNOWN, folder=None
        )
    form = found.as_bytes()
    again = gathered_from(form)
    assert again == found and again.as_bytes() == form
    assert as_bytes(assess(again)) == as_bytes(assess(found))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32 - 1), st.sampled_from([np.nan, -0.0, 1e-320, 0.1, 12345.678901]), st.text(max_size=8))
def test_any_inputs_are_read_back_exactly(seed, value, source):
    values = made.daily(8, dt.date(2026, 7, 1), dt.date(2026, 9, 30), seed=seed)
    values[seed % 6, seed % 8, seed % 90] = value
    told = (("510100", 2026, "heavy_days", 1.5, source),)
    found = gathered(values, values, targets=told, earlier=((3, gathered(values, values).now),))
    again = gathered_from(found.as_bytes())
    assert again == found and again.now.values.tobytes() == found.now.values.tobytes() and again.targets == told


@pytest.mark.parametrize("form", [b"", b"[]", b'{"schema":0}', b'{"schema":1}'])
def test_what_holds_no_inputs_is_refused(form):
    with pytest.raises(InputsRefused, match="inputs"):
        gathered_from(form)


def test_a_revision_changes_the_draft_and_not_what_was_gathered(tmp_path):
    engine = made.store(tmp_path)
    made.put_cities(engine, VALUES, FIRST, status="provisional")
    question = question_of({"period": "2026-Q2"}, made.CITIES)
    with engine.connect() as connection:
        before = gathered_for(connection, question, registry=made.KNOWN, folder=None)
    frozen = as_bytes(assess(before))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE air_city_day SET pm25_ugm3 = 999, status = 'reviewed', revision = 1, version = 2 "
            "WHERE city = '510100' AND day = '2026-05-05'"
        )
    after = ask(engine, period="2026-Q2")
    assert as_bytes(after) != frozen
    assert after.table("revisions").rows == (("510100", "pm25", 1),)
    assert as_bytes(assess(gathered_from(before.as_bytes()))) == frozen


def test_forecasts_are_scored_by_the_days_between_their_start_and_the_day(tmp_path):
    engine = made.store(tmp_path)
    first, last = dt.date(2026, 9, 1), dt.date(2026, 9, 30)
    values = np.tile(np.array([8.0, 20.0, 0.6, 60.0, 40.0, 50.0])[:, None, None], (1, 8, 30))
    made.put_cities(engine, values, first)
    with engine.begin() as connection:
        for start, pm25 in ((dt.datetime(2026, 9, 9, 16), 50.0), (dt.datetime(2026, 9, 20, 0), 130.0)):
            connection.execute(sa.insert(schema.forecast_city_hour), made.run_of("510100", start, pm25))
    table = ask(engine, period=f"{first}..{last}", places="510100").table("scores")
    assert table.column("lead_days") == (1, 2, 3, 4, 5, 6, 7)
    # Runs from 00:00 of the 10th and from 08:00 of the 20th each hold seven whole days; one is right, one far too high.
    assert set(table.column("pairs")) == {2} and set(table.column("level_accuracy_pct")) == {50.0}
    # HJ 633-2026: PM2.5 of 50 and of 130 ug/m3 are AQI of the table; the mean error is half of their difference.
    values = np.array([[8, 8], [20, 20], [0.6, 0.6], [60, 60], [40, 40], [50, 130]], float)
    told = daily_aqi(values, edition=edition_named("2026T")).aqi
    assert set(table.column("aqi_bias")) == {round((told[1] - told[0]) / 2, 1)}


def test_a_long_period_reads_a_bounded_number_of_runs(tmp_path):
    engine = made.store(tmp_path)
    with engine.begin() as connection:
        for back in range(150):
            start = dt.datetime(2026, 9, 29, 16) - back * dt.timedelta(days=1)
            rows = made.run_of("510100", start, hours=25)
            connection.execute(sa.insert(schema.forecast_city_hour), rows)
    with engine.connect() as connection:
        found, model = forecast_days(connection, ("510100",), question_of({"period": "2026"}, made.CITIES).period)
    assert model == "CDAQS" and 0 < np.isfinite(found).sum() <= RUNS


@pytest.mark.parametrize("short", ["now", "base"])
def test_a_quarter_is_neither_compared_with_one_of_its_months_nor_ranked_by_it(tmp_path, short):
    """A quarter needs more days than September has (standards/tables/validity.csv, quarter): 30 of 92 are too few."""
    engine = made.store(tmp_path)
    for name, year in (("now", 2025), ("base", 2024)):
        first, last = dt.date(year, 9 if name == short else 7, 1), dt.date(year, 9, 30)
        made.put_cities(engine, made.daily(len(made.CITIES), first, last, seed=year, gaps=0), first)
    made.put_hour(engine, dt.datetime(2025, 10, 2, 20))
    content = ask(engine, tmp_path, period="2025-Q3")
    change, ranking = content.table("change"), content.table("ranking")
    assert set(change.column("pm25_change_pct")) == set(change.column("good_ratio_change_pp")) == {None}
    assert set(change.column("change_rank")) == {None}
    assert (set(ranking.column("rank")) == {None}) == (short == "now")
    assert not [each.key for each in content.summary if any(table == "change" for _, table, *_ in each.cells)]
