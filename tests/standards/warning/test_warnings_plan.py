"""Warnings against the vectors of the plans, and the states a warning goes through day by day."""

import datetime as dt
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standards.days import first_hour_of_day
from standards.warning.plan import WarningState, advance, latest_notice, reduction_share, warning_level
from standards.warning.plan_files import parse_plan, plan_for, plan_named, plans

NAN = float("nan")
NONE, YELLOW, ORANGE, RED = 0, 1, 2, 3
CHENGDU, OZONE = plan_named("chengdu_2024"), plan_named("chengdu_o3_2021")
PM25_PLANS = [plan_named(name) for name in ("national_2024", "sichuan_2024", "chengdu_2024")]
FOLDER = Path(__file__).parents[3] / "standards" / "tables" / "plans"

# Daily AQI and the level, by the rule of 环大气〔2024〕6号 and the Chengdu plan of 2024.
VECTORS = [
    ([160, 155, 140], YELLOW), ([160, 170, 180], ORANGE), ([210, 130], YELLOW), ([210, 220, 140], ORANGE),
    ([160, 210, 160], ORANGE), ([210, 220, 230], ORANGE), ([210, 305, 230], RED), ([149, 150, 150], NONE),
]  # fmt: skip
# IAQI of ozone: above 150 on 3 days; above 150 on 4 days and above 200 on one; above 200 on 3 days.
OZONE_VECTORS = [
    ([160, 160], NONE), ([160, 160, 160], YELLOW), ([160, 160, 160, 160], YELLOW), ([160, 210, 160, 160], ORANGE),
    ([210, 210], NONE), ([210, 210, 210], RED), ([150, 150, 150, 150], NONE), ([210, 160, 160], YELLOW),
]  # fmt: skip


@pytest.mark.parametrize("plan", PM25_PLANS, ids=lambda p: p.name)
@pytest.mark.parametrize(("aqi", "level"), VECTORS)
def test_levels_of_the_plans_of_2024(plan, aqi, level):
    assert warning_level(aqi, plan=plan) == level


@pytest.mark.parametrize(("iaqi", "level"), OZONE_VECTORS)
def test_levels_of_the_ozone_scale_of_2021(iaqi, level):
    assert warning_level(iaqi, plan=OZONE) == level


def test_thresholds_are_exceeded_strictly():
    assert warning_level([200], plan=CHENGDU) == NONE and warning_level([201], plan=CHENGDU) == YELLOW
    assert (
        warning_level([210, 300, 230], plan=CHENGDU) == ORANGE and warning_level([210, 301, 230], plan=CHENGDU) == RED
    )


def test_missing_days_give_no_verdict_and_never_a_level():
    assert warning_level([], plan=CHENGDU) is None
    assert warning_level([NAN, NAN, NAN], plan=CHENGDU) is None
    assert warning_level([160, NAN, 160], plan=CHENGDU) is None
    assert warning_level([100, NAN], plan=CHENGDU) is None
    assert warning_level([210, NAN], plan=CHENGDU) == YELLOW


def test_a_short_break_makes_one_episode_and_the_break_does_not_count():
    assert warning_level([160, 100, 160], plan=CHENGDU) == NONE
    assert warning_level([210, 220, 230, 100, 305], plan=CHENGDU) == RED
    assert warning_level([210, 220, 230, 100, 100, 305], plan=CHENGDU) == ORANGE
    text = (FOLDER / "chengdu_2024.toml").read_text(encoding="utf-8")
    summed = parse_plan(text.replace('durations = "longest"', 'durations = "sum"'))
    assert warning_level([160, 100, 160], plan=summed) == YELLOW
    apart = parse_plan(text.replace("max_break_days = 1", "max_break_days = 0"))
    assert warning_level([210, 220, 230, 100, 305], plan=apart) == ORANGE


def run(series, *, plan=CHENGDU, lead=3, days=None, observed=True):
    """Decide each day of a series whose forecasts come true; give the events."""
    state, events = WarningState(), []
    for day in range(len(series) if days is None else days):
        seen = series[day] if observed else NAN
        state, event = advance(state, day, series[day + 1 : day + 1 + lead], seen, plan=plan)
        events.append(event)
    return state, events


def changes(events):
    return [(e.kind, e.day, e.previous, e.level, e.first_day) for e in events if e.kind != "keep"]


def test_a_warning_starts_rises_falls_and_ends():
    series = [100, 100, 160, 210, 305, 230, 160, 160, 100, 90, 80, 80, 80]
    _, events = run(series, days=10)
    assert changes(events) == [
        ("start", 0, NONE, YELLOW, 2), ("upgrade", 1, YELLOW, ORANGE, 2), ("upgrade", 2, ORANGE, RED, 3),
        ("downgrade", 5, RED, ORANGE, 6), ("lift", 7, ORANGE, NONE, 8),
    ]  # fmt: skip


def test_a_third_day_is_the_third_though_the_first_was_observed():
    state, event = advance(WarningState(), 0, [160, 160, 100], plan=CHENGDU)
    assert (event.kind, event.level, event.first_day) == ("start", YELLOW, 1)
    _, event = advance(state, 1, [160, 160, 100], 170, plan=CHENGDU)
    assert (event.kind, event.level) == ("upgrade", ORANGE)


def test_observations_alone_start_nothing():
    _, event = advance(WarningState(), 0, [100, 100, 100], 350, plan=CHENGDU)
    assert (event.kind, event.level) == ("keep", NONE)


def test_a_break_of_one_day_does_not_lift_and_one_of_two_days_does():
    start, _ = advance(WarningState(), 0, [210, 210, 100], plan=CHENGDU)
    after, _ = advance(start, 1, [210, 100, 210], 210, plan=CHENGDU)
    state, event = advance(after, 2, [100, 210, 100], 210, plan=CHENGDU)
    assert (event.kind, event.level, state.first_day) == ("keep", ORANGE, 1)
    state, event = advance(after, 2, [100, 100, 210], 210, plan=CHENGDU)
    assert (event.kind, event.first_day, state.level) == ("lift", 3, NONE)
    _, event = advance(state, 3, [100, 210, 100], 100, plan=CHENGDU)
    assert (event.kind, event.level, event.first_day) == ("start", YELLOW, 5)


def test_a_rule_without_an_observation_still_keeps_what_has_started():
    _, events = run([100, 160, 160, 160, 100, 100, 100], days=4, observed=False)
    assert changes(events) == [("start", 0, NONE, ORANGE, 1), ("lift", 3, ORANGE, NONE, 4)]


@pytest.mark.parametrize("forecast", [[], [NAN, NAN, NAN], [100], [100, NAN, 100], [NAN, 100, 100]])
def test_a_forecast_with_missing_days_neither_starts_nor_lifts(forecast):
    warned, _ = advance(WarningState(), 0, [210, 210], plan=CHENGDU)
    for state, level in ((WarningState(), NONE), (warned, ORANGE)):
        _, event = advance(state, 1, forecast, plan=CHENGDU)
        assert (event.kind, event.level) == ("keep", level)


def test_a_warning_that_has_not_begun_is_called_off_only_when_its_own_days_are_clean():
    state, event = advance(WarningState(), 0, [100, 100, 100, 210, 210], plan=CHENGDU)
    assert (event.kind, event.level, event.first_day) == ("start", ORANGE, 4)
    _, event = advance(state, 1, [100, 100, 210, 210], 100, plan=CHENGDU)
    assert event.kind == "keep"
    _, event = advance(state, 1, [100, 100, 100], 100, plan=CHENGDU)
    assert event.kind == "keep"  # the second day of the warning is beyond the forecast
    state, event = advance(state, 1, [100, 100, 100, 100], 100, plan=CHENGDU)
    assert (event.kind, state.first_day) == ("lift", None)


def test_a_day_may_be_decided_again_but_not_a_day_that_has_passed():
    state, _ = advance(WarningState(), 5, [100, 100], 160, plan=CHENGDU)
    again, event = advance(state, 5, [210, 100], plan=CHENGDU)
    assert (event.kind, again.episode) == ("start", (160.0,))
    with pytest.raises(ValueError, match="day is 4, expected 5"):
        advance(state, 4, [100], plan=CHENGDU)


def test_days_passed_over_are_missing_days():
    state, _ = advance(WarningState(), 0, [160, 160], 160, plan=CHENGDU)
    state, event = advance(state, 4, [160, 100, 100], 100, plan=CHENGDU)
    assert event.kind == "keep" and len(state.episode) == 1


def test_plans_are_chosen_by_date_place_and_cause():
    day = dt.date(2026, 1, 15)
    assert plan_for(day, place="510100").name == "chengdu_2024"
    assert plan_for(day, place="510600").name == "sichuan_2024"
    assert plan_for(day, place="110000").name == plan_for(day).name == "national_2024"
    assert plan_for(dt.date(2024, 11, 17), place="510100").name == "sichuan_2024"
    assert plan_for(dt.date(2024, 10, 17), place="510100").name == "national_2024"
    assert plan_for(dt.date(2023, 12, 31), place="510100") is None
    assert plan_for(day, cause="o3", place="510100") is None
    assert plan_for(day, cause="o3", place="510100", optional=True) is OZONE
    assert plan_for(day, cause="o3", place="510600", optional=True) is None
    with pytest.raises(ValueError, match="cause is 'dust', expected one of pm25, o3"):
        plan_for(day, cause="dust")
    with pytest.raises(ValueError, match="place is 'Chengdu'"):
        plan_for(day, place="Chengdu")


def test_notice_and_shares_are_those_of_the_plan():
    midnight = first_hour_of_day(20_000) - 1
    assert latest_notice(20_000, plan=CHENGDU) == midnight - 24
    assert latest_notice(20_000, plan=CHENGDU, aim=True) == midnight - 48
    for plan in PM25_PLANS:
        for species in ("so2", "nox", "pm", "voc"):
            assert [reduction_share(species, level, plan=plan) for level in range(4)] == [0, 0.1, 0.2, 0.3]
        assert plan.traded == ("so2", "nox")
    assert np.isnan(reduction_share("so2", 1, plan=OZONE))
    with pytest.raises(ValueError, match="level is 4, expected 0 to 3"):
        reduction_share("so2", 4, plan=CHENGDU)
    with pytest.raises(ValueError, match="species is 'co'"):
        reduction_share("co", 1, plan=CHENGDU)


def test_every_value_of_every_file_names_its_source_and_how_far_to_trust_it():
    for path in FOLDER.glob("*.toml"):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        sections = [data, *data["level"], *(value for value in data.values() if isinstance(value, dict))]
        assert all(section["source"] and section["confidence"] for section in sections), path.name
        assert data["name"] == path.stem
    assert len({plan.name for plan in plans()}) == len(plans())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('cause = "pm25"', 'cause = "dust"', "plan chengdu_2024: cause is 'dust', expected one of pm25, o3"),
        ("level = 3", "level = 4", "levels is"),
        ("hours = 36", "hours = 0", "lift hours is 0"),
        ("max_break_days = 1", "max_break_days = 2", "max_break_days is 2, expected 0 to 1"),
        ("any_of = [[{ above = 200, days = 3 }, { above = 300, days = 1 }]]", "any_of = [[]]", "any_of of level 3"),
        ("days = 2", "hours = 48", "lacks or misstates"),
        ("days = 2", "days = 0", "days is 0"),
        ("voc = [0.10", "voc = [10", "reduction"),
        ("aim_hours = 48", "", "lacks or misstates 'aim_hours'"),
    ],
)
def test_a_wrong_file_is_refused_by_name(old, new, message):
    text = (FOLDER / "chengdu_2024.toml").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(ValueError, match=message):
        parse_plan(text.replace(old, new))


@pytest.mark.parametrize("bad", [-1, 501, float("inf")])
def test_impossible_indices_are_refused(bad):
    with pytest.raises(ValueError, match=r"aqi_d is .*, expected 0 to 500"):
        warning_level([100, bad], plan=CHENGDU)
    with pytest.raises(ValueError, match="forecast_aqi is"):
        advance(WarningState(), 0, [bad], plan=CHENGDU)
    with pytest.raises(ValueError, match="observed_aqi is"):
        advance(WarningState(), 0, [100], bad, plan=CHENGDU)
    with pytest.raises(ValueError, match=r"shape \(1, 2\)"):
        warning_level([[100, 100]], plan=CHENGDU)


indices = st.one_of(st.just(NAN), st.integers(0, 500).map(float), st.sampled_from([150.0, 151.0, 200.0, 201.0, 301.0]))
sequences = st.lists(indices, max_size=8)
any_plan = st.sampled_from(plans())


@given(plan=any_plan, days=sequences, data=st.data())
@settings(max_examples=200)
def test_raising_an_index_never_lowers_the_level(plan, days, data):
    lifts = data.draw(st.lists(st.integers(0, 500), min_size=len(days), max_size=len(days)))
    raised = [min(500.0, d + up) if d == d else d for d, up in zip(days, lifts, strict=True)]
    assert (warning_level(raised, plan=plan) or 0) >= (warning_level(days, plan=plan) or 0)


@given(plan=any_plan, days=sequences, data=st.data())
@settings(max_examples=200)
def test_losing_a_day_never_raises_the_level(plan, days, data):
    lost = [NAN if data.draw(st.booleans()) else d for d in days]
    assert (warning_level(lost, plan=plan) or 0) <= (warning_level(days, plan=plan) or 0)


@given(plan=any_plan, days=st.lists(st.tuples(sequences, indices), max_size=12))
@settings(max_examples=300)
def test_a_warning_only_does_what_its_rule_says(plan, days):
    state = again = WarningState()
    for day, (forecast, observed) in enumerate(days):
        before = state
        state, event = advance(before, day, forecast, observed, plan=plan)
        again, same = advance(again, day, forecast, observed, plan=plan)
        assert (repr(again), same) == (repr(state), event)
        assert (event.previous, event.level) == (before.level, state.level)
        assert (state.level == 0) == (state.first_day is None)
        sign = {"start": 1, "upgrade": 1, "downgrade": -1, "lift": -1, "keep": 0}[event.kind]
        assert np.sign(state.level - before.level) == sign
        if event.kind in ("lift", "downgrade"):
            wait = max(0, before.first_day - day - 1)
            next_days = forecast[wait : wait + 2]  # 36 hours are two natural days
            assert len(next_days) == 2 and all(d <= plan.levels[before.level - 1].floor for d in next_days)
        if event.kind in ("start", "upgrade"):
            assert any(d > plan.levels[state.level - 1].floor for d in forecast)
            assert event.first_day > day
