"""Tables beside statistics and ranking hold what arithmetic by hand gives from rows made by hand."""

import datetime as dt
import json

import numpy as np
import pytest
import sqlalchemy as sa

from dashboards.phase.assess import assess
from dashboards.phase.question import question_of
from standards.assessment.trends import spearman, theil_sen
from standards.days import day_of_date
from standards.editions import edition_named
from standards.index.aqi import daily_aqi
from streams.store import schema
from tests.dashboards import attributed
from tests.dashboards.phase import made, rich
from tests.dashboards.phase.test_told import days, gathered

CHENGDU, DEYANG = made.CITIES[:2]
CLEAN = np.array([8.0, 20.0, 0.6, 60.0, 40.0, 20.0])
"""A day of level 1 or 2 under every edition: SO2, NO2, CO, O3, PM10, PM2.5."""


def flat_days(first: dt.date, last: dt.date, cities: int = 8) -> np.ndarray:
    return np.tile(CLEAN[:, None, None], (1, cities, (last - first).days + 1))


@pytest.fixture
def store(tmp_path):
    engine = made.store(tmp_path)
    first, last = dt.date(2026, 4, 1), dt.date(2026, 4, 10)
    made.put_cities(engine, flat_days(first, last), first)
    return engine


def put(engine, table, *rows):
    with engine.begin() as connection:
        connection.execute(sa.insert(table), list(rows))


def ask(engine, folder=None, period="2026-04-01..2026-04-10", **asked):
    return rich.ask(engine, folder, period=period, **asked)


def test_episodes_of_the_period_are_listed_with_their_times_in_beijing(store):
    inside = rich.episode("A", "haze", dt.datetime(2026, 4, 2, 20), 10, 180.0, CHENGDU)
    running = rich.episode("B", "ozone", dt.datetime(2026, 4, 9, 5), 4, 210.0, DEYANG, over=False)
    before = rich.episode("C", "haze", dt.datetime(2026, 3, 20, 5), 24, 190.0, CHENGDU)
    put(store, schema.episode_event, inside, running, before)
    table = ask(store).table("episodes")
    assert table.column("episode") == ("A", "B")
    # 20:00 UTC is 04:00 of the next day in Beijing; the peak stands 5 h and the end 10 h after the start.
    row = table.row_of("A")
    assert (row["start"], row["peak"], row["end"]) == ("2026-04-03 04:00", "2026-04-03 09:00", "2026-04-03 14:00")
    assert (row["peak_value_ugm3"], row["peak_city"], row["city_hours"]) == (180, CHENGDU, 50)
    assert table.row_of("B")["end"] is None and table.why_missing["1:end"] == "not_ended"


def test_attribution_is_the_mean_of_the_days_and_its_shares_add_up(store):
    ends = [dt.datetime(2026, 4, day, 16) for day in (3, 4)]
    rows = [attributed.row(CHENGDU, made.CITIES, end, seed=1, total=total) | {"span": "day"}
            for end, total in zip(ends, (60.0, 100.0), strict=True)]  # fmt: skip
    put(store, schema.attribution, *rows)
    content = ask(store)
    for key, columns in (("attribution_sectors", 10), ("attribution_places", 9)):
        table = content.table(key)
        assert len(table.rows) == columns and set(table.column("attributed_days")) == {2}
        assert sum(table.column("share_pct")) == pytest.approx(100, abs=0.05 * columns)
        assert sum(table.column("attributed_ugm3")) == pytest.approx(80, abs=0.05 * columns)  # (60 + 100) / 2
    # The same seed shares both days out alike: 24 parts of 24 + the sum of all sectors come from outside (attributed.row).
    rng = np.random.default_rng(1)
    near = np.where(np.array(made.CITIES) == CHENGDU, 0.65, 0.35 / 7)
    parts = np.array(attributed.SIZE)[:, None] * near * rng.uniform(0.7, 1.3, (9, 8))
    outside = 24 / (24 + parts.sum())
    half = rng.uniform(1.5, 6.0, 10)[-1]
    row = content.table("attribution_sectors").row_of(f"{CHENGDU}|pm25|outside")
    assert row["share_pct"] == pytest.approx(100 * outside, abs=0.06)
    assert row["attributed_ugm3"] == pytest.approx(80 * outside, abs=0.06)
    assert row["high_pct"] - row["share_pct"] == pytest.approx(half, abs=0.15)
    assert row["share_pct"] - row["low_pct"] == pytest.approx(half, abs=0.15)


def test_scores_are_of_the_pairs_of_told_and_seen_indices(store):
    start = dt.datetime(2026, 4, 1, 16)  # 00:00 of the 2nd in Beijing: seven whole days follow
    put(store, schema.forecast_city_hour, *made.run_of(CHENGDU, start, pm25=20.0))
    table = ask(store, places=CHENGDU).table("scores")
    seen = daily_aqi(CLEAN[:, None], edition=edition_named("2026T")).aqi[0]
    # Told: 8, 20, 0.6, 60, 40 and 20 ug/m3 in each hour, the same index as seen: all right, no error.
    assert np.isfinite(seen) and table.column("lead_days") == (1, 2, 3, 4, 5, 6, 7)
    assert set(table.column("pairs")) == {1} and set(table.column("aqi_bias")) == {0}
    assert set(table.column("level_accuracy_pct")) == {100} and set(table.column("aqi_rmse")) == {0}


def test_revisions_count_the_days_of_each_item_that_were_replaced(store):
    kept = {
        "so2_ugm3": 8.0,
        "no2_ugm3": 20.0,
        "co_mgm3": 0.6,
        "o3_mda8_ugm3": 60.0,
        "pm10_ugm3": 40.0,
        "pm25_ugm3": 20.0,
    }
    moment = {"table": "air_city_day", "version": 1, "superseded_at": dt.datetime(2026, 4, 20, 1)}
    changed = [
        ("2026-04-02", {"pm25_ugm3": 33.0}),
        ("2026-04-03", {"pm25_ugm3": 31.0, "pm10_ugm3": 50.0}),
        ("2026-04-04", {}),
    ]
    put(store, schema.row_history, *(
        moment | {"key": f"{CHENGDU}/{day}", "row": json.dumps(kept | other)} for day, other in changed
    ), moment | {"key": f"{CHENGDU}/2026-03-31", "row": json.dumps(kept | {"pm25_ugm3": 1.0})})  # fmt: skip
    content = ask(store)
    assert set(content.table("revisions").rows) == {(CHENGDU, "pm25", 2), (CHENGDU, "pm10", 1), (CHENGDU, None, 1)}
    assert content.about["revised_last"].startswith("2026-04-20T01:00")


def test_coverage_counts_days_by_item_and_by_how_they_stand(tmp_path):
    engine, first = made.store(tmp_path), dt.date(2026, 4, 1)
    values = flat_days(first, dt.date(2026, 4, 10))
    values[5, 0, :3] = np.nan
    made.put_cities(engine, values[:, :1, :6], first, [CHENGDU])
    made.put_cities(engine, values[:, :1, 6:], dt.date(2026, 4, 7), [CHENGDU], status="provisional", simulated=True,
                    stations_valid=None)  # fmt: skip
    row = ask(engine, places=CHENGDU).table("coverage").row_of(CHENGDU)
    assert (row["pm25_valid_days"], row["pm10_valid_days"], row["period_days"]) == (7, 10, 10)
    assert (row["reviewed_days"], row["provisional_days"], row["published_days"], row["simulated_days"]) == (6, 4, 4, 4)


def test_exceptional_events_leave_their_days_out_of_the_mean_and_not_out_of_the_days(tmp_path):
    first = dt.date(2026, 4, 1)
    values = flat_days(first, dt.date(2026, 4, 10), 1)
    values[4, 0, :2], values[5, 0, :2] = 440.0, 120.0
    engine = made.store(tmp_path)
    made.put_cities(engine, values, first, [CHENGDU])
    (tmp_path / "events.toml").write_text(
        '[[event]]\nkind = "dust"\nfirst = 2026-04-01\nlast = 2026-04-02\nsource = "number 1"\n', encoding="utf-8"
    )
    content = ask(engine, tmp_path, places=CHENGDU)
    row = content.table("exceptional").row_of(CHENGDU)
    # PM10: (2 × 440 + 8 × 40) / 10 = 120 with, 40 without; PM2.5: (2 × 120 + 8 × 20) / 10 = 40 with, 20 without.
    assert (row["pm10_mean_ugm3"], row["pm10_without_ugm3"], row["excluded_pm10_days"]) == (120, 40, 2)
    assert (row["pm25_mean_ugm3"], row["pm25_without_ugm3"], row["excluded_pm25_days"]) == (40, 20, 2)
    assert row["good_ratio_pct"] == 80  # 8 of 10 days, dust or not (Huanban Jiance [2016] No. 120)
    assert content.table("events").rows == (("dust", "2026-04-01", "2026-04-02", CHENGDU, "pm10,pm25", "number 1"),)


def test_targets_tell_value_gap_and_what_the_rest_allows(tmp_path):
    engine, first = made.store(tmp_path), dt.date(2026, 1, 1)
    values = flat_days(first, dt.date(2026, 4, 10), 1)  # 100 days of 365
    values[5, 0, :10] = 60.0  # ten days of 60 among ninety of 20: a mean of 24
    made.put_cities(engine, values, first, [CHENGDU])
    (tmp_path / "targets.toml").write_text(
        f'[[target]]\nplace = "{CHENGDU}"\nyear = 2026\nkind = "pm25_mean_ugm3"\nvalue = 23.0\nsource = "a"\n',
        encoding="utf-8",
    )
    row = ask(engine, tmp_path, places=CHENGDU).table("targets").row_of(CHENGDU)
    assert (row["pm25_to_date_ugm3"], row["pm25_target_ugm3"], row["pm25_gap_ugm3"], row["left_days"]) == (
        24,
        23,
        1,
        265,
    )
    # (23 × 365 − 24 × 100) / 265 = 5995 / 265 = 22.62…
    assert row["pm25_left_ugm3"] == 22.6 and row["pm25_state"] == "off_path"


def test_the_trend_is_the_rank_correlation_and_the_median_slope_of_the_years():
    question = question_of({"period": "2026-07-01..2026-07-10", "places": CHENGDU}, made.CITIES)
    means = [20.0, 23.0, 22.0, 27.0, 30.0, 34.0, 33.0]  # this year first, then back in time

    def year(number: int, mean: float):
        values = flat_days(dt.date(number, 7, 1), dt.date(number, 7, 10), 1)
        values[5] = mean
        return values

    earlier = tuple(
        (back, days(year(2026 - back, mean), dt.date(2026 - back, 7, 1))) for back, mean in enumerate(means) if back
    )
    content = assess(gathered(year(2026, means[0]), year(2025, means[1]), question, earlier=earlier))
    series = np.array(means[::-1])
    row = content.table("trend").row_of(f"{CHENGDU}|pm25_mean_ugm3")
    # Ranks 6 7 5 4 2 3 1 against 1 to 7: the squared differences 25 25 4 0 9 9 36 add up to 108; 1 − 6 × 108 / (7 × 48) = −0.929.
    assert row["r_s"] == -0.929 == round(spearman(series).r_s, 3)
    assert (row["trend_verdict"], row["trend_years"], row["first_year"]) == ("falling", 7, "2020")
    slope = theil_sen(series, np.arange(7.0)).slope
    slopes = [(series[j] - series[i]) / (j - i) for i in range(7) for j in range(i + 1, 7)]
    assert row["slope_per_year"] == round(float(np.median(slopes)), 2) == round(slope, 2) < 0
    yearly = content.table("yearly")
    assert [r[yearly.index("pm25_mean_ugm3")] for r in yearly.rows] == list(series)
    assert day_of_date(dt.date(2026, 7, 1)) == question.period.first_day
