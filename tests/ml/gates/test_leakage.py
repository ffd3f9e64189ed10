"""A feature that looks ahead is found, at any offset and in any feed; one that does not is not accused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.gates import scorer_leaks
from ml.gates.errors import GateError
from ml.gates.features import CALENDAR, OBSERVED, RELEASED, RUN, Feature, Known, Timed, timed
from ml.gates.leakage import Leak, leakage, leaks
from streams.assess.joined import JoinedHours
from streams.scorers import Scorer

HOURS = np.arange(1000, 1300)
ISSUES = (1100, 1101, 1130)


def frame(seed: int, *, delay_h: float = 0.0, missing: float = 0.0) -> dict[str, Timed]:
    rng = np.random.default_rng(seed)
    observed = rng.gamma(2.0, 30.0, (2, len(HOURS)))
    observed[rng.random(observed.shape) < missing] = np.nan
    forecast = rng.gamma(2.0, 30.0, (1, len(HOURS)))
    init = HOURS // 24 * 24
    return {
        "observation": Timed(observed, Known(OBSERVED, delay_h).at(HOURS)),
        "forecast": Timed(forecast, Known(RUN, 6.0).at(HOURS, since=init)),
        "calendar": Timed(np.sin(HOURS / 24.0)[None], Known(CALENDAR).at(HOURS)),
    }


def at(inputs: dict[str, Timed], name: str, hour: int) -> np.ndarray:
    return inputs[name].values[:, hour - HOURS[0]]


def honest(inputs: dict[str, Timed], issue: int, delay: int = 0) -> dict[str, np.ndarray]:
    """Look back from the newest known hour, at the newest run that was out, and at the calendar ahead."""
    observation = inputs["observation"]
    last = issue - HOURS[0] - delay
    run = inputs["forecast"].values[:, inputs["forecast"].known_at <= issue]
    return {
        "mean_24h": np.nanmean(observation.values[:, last - 23 : last + 1], axis=1),
        "last": observation.values[:, last],
        "run_max": run.max(axis=1),
        "calendar_ahead": at(inputs, "calendar", issue + 48),
    }


@given(st.integers(0, 10_000), st.integers(0, 5), st.sampled_from([0.0, 0.2]))
@settings(max_examples=25, deadline=None)
def test_features_of_the_past_are_not_accused(seed, delay, missing) -> None:
    inputs = frame(seed, delay_h=delay, missing=missing)
    assert leaks(lambda i, t: honest(i, t, delay), inputs, ISSUES, seed=seed) == []


@given(st.integers(0, 10_000), st.integers(1, 160))
@settings(max_examples=60, deadline=None)
def test_a_planted_feature_of_the_future_is_found_with_its_offset(seed, offset) -> None:
    def planted(inputs, issue):
        return honest(inputs, issue) | {"planted": at(inputs, "observation", issue + offset)}

    (leak,) = leaks(planted, frame(seed), ISSUES, seed=seed)
    assert (leak.name, leak.ahead_h) == ("planted", offset)


@given(st.integers(0, 10_000), st.integers(1, 160), st.sampled_from(["max", "window", "count", "sign", "nan_to_zero"]))
@settings(max_examples=60, deadline=None)
def test_a_leak_that_hides_in_a_statistic_is_found(seed, offset, kind) -> None:
    def planted(inputs, issue):
        window = inputs["observation"].values[:, issue - HOURS[0] - 23 : issue - HOURS[0] + offset + 1]
        value = {
            "max": lambda: np.nanmax(window),
            "window": lambda: np.nanmean(window),
            "count": lambda: np.isfinite(window).sum() * 1.0,
            "sign": lambda: np.sign(np.nan_to_num(window[:, -1]) - 60.0).sum(),
            "nan_to_zero": lambda: np.nan_to_num(window).sum(),
        }[kind]()
        return {"planted": np.array([value])}

    assert [leak.name for leak in leaks(planted, frame(seed), ISSUES, seed=seed)] == ["planted"]


@given(st.integers(1, 12))
@settings(max_examples=12, deadline=None)
def test_a_value_that_is_not_published_yet_is_the_future(delay) -> None:
    # The hour is over, but its observation comes only after the delay: the newest hour must not be used.
    (leak,) = leaks(lambda i, t: {"last": at(i, "observation", t)}, frame(1, delay_h=delay), ISSUES)
    assert leak == Leak("last", leak.issue, float(delay))


def test_a_run_that_is_not_out_yet_is_the_future() -> None:
    issue = 1104 + 3  # the run of 1104 comes out at 1110
    found = leaks(lambda i, t: {"run": at(i, "forecast", t)}, frame(1), [issue])
    assert found == [Leak("run", issue, 3.0)]


def test_predictions_must_not_change_when_the_future_changes_places() -> None:
    def predict(inputs, issue):
        scale = np.nanmean(inputs["observation"].values)  # a normalisation over all of the data: the classical slip
        return {"pm25_ugm3": at(inputs, "observation", issue) / scale}

    said = leakage(predict, frame(3), ISSUES)
    assert said.outcome == "failed" and not said.allows
    assert said.words("en").startswith("pm25_ugm3 uses what is known only")
    assert "起报后" in said.words("zh")


def test_several_leaks_are_all_named_the_furthest_first() -> None:
    def planted(inputs, issue):
        return {f"ahead_{k}": at(inputs, "observation", issue + k) for k in (1, 7, 30)}

    assert [leak.name for leak in leaks(planted, frame(4), ISSUES)] == ["ahead_30", "ahead_7", "ahead_1"]
    said = leakage(planted, frame(4), ISSUES)
    assert said.words("en") == "ahead_30 uses what is known only 30 h after the issue time; so do ahead_7, ahead_1"


def test_a_feature_that_is_not_declared_fails_and_so_does_one_that_is_declared_and_missing() -> None:
    declared = [Feature("last", "ug m-3", "observation", Known(OBSERVED)), Feature("gone", "1", "map", Known(CALENDAR))]
    said = leakage(
        lambda i, t: {"last": at(i, "observation", t), "more": np.ones(1)}, frame(1), ISSUES, features=declared
    )
    assert (said.outcome, said.values["names"]) == ("failed", "gone, more")


def test_nothing_is_shown_where_there_is_no_future_or_no_answer_twice() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(GateError, match="none of 1 issue times has anything after it"):
        leaks(honest, frame(1), [int(HOURS[-1]) + 10])
    with pytest.raises(GateError, match="x came out differently from the same inputs"):
        leaks(lambda i, t: {"x": rng.random(2)}, frame(1), ISSUES)


def test_when_a_value_is_known_follows_its_rule() -> None:
    hours = np.array([10, 11])
    assert Known(CALENDAR).at(hours).tolist() == [-np.inf, -np.inf]
    assert Known(OBSERVED, 1.5).at(hours).tolist() == [11.5, 12.5]
    assert Known(RUN, 6).at(hours, since=0).tolist() == [6, 6]
    assert Known(RELEASED).at(hours, since=[3, 4]).tolist() == [3, 4]
    with pytest.raises(GateError, match="expected since="):
        Known(RELEASED).at(hours)
    with pytest.raises(GateError, match="nothing is known before"):
        Known(OBSERVED, -1)
    with pytest.raises(GateError, match="'guess' says nothing of when"):
        Known("guess")


def test_an_input_is_timed_by_the_declaration_of_its_feature() -> None:
    late = Feature("pm25_ugm3", "ug m-3", "observation", Known(OBSERVED, 2.0))
    values = frame(1)["observation"].values
    inputs = {"observation": timed(late, values, HOURS)}
    assert [x.ahead_h for x in leaks(lambda i, t: {"x": at(i, "observation", t)}, inputs, ISSUES)] == [2.0]
    assert leaks(lambda i, t: {"x": at(i, "observation", t - 2)}, inputs, ISSUES) == []
    with pytest.raises(GateError, match=r"values \(2, 300\) and moments \(299,\)"):
        timed(late, values, HOURS[1:])


def joined(run: str = "") -> JoinedHours:
    rng = np.random.default_rng(5)
    columns = {name: rng.gamma(2.0, 30.0, 72) for name in ("pm25_ugm3", "forecast_pm25_ugm3", "pm25_kgh")}
    return JoinedHours("510100", run, 1000, 24, columns, np.zeros(72, bool), np.ones(72, bool))


def scorer(score) -> Scorer:
    return Scorer("x", "1", ("pm25_ugm3", "forecast_pm25_ugm3"), score, lookback_h=24)


def test_a_scorer_of_hours_that_centres_its_window_is_found() -> None:
    def trailing(hours):
        values = np.convolve(hours.columns["pm25_ugm3"], np.ones(3) / 3)[: len(hours.simulated)]
        return {"x": values[hours.context :]}

    def centred(hours):
        return {"x": np.convolve(hours.columns["pm25_ugm3"], np.ones(3) / 3, "same")[hours.context :]}

    issues = [1030, 1050]
    assert scorer_leaks.of_hours(scorer(trailing), joined(), issues=issues).allows
    said = scorer_leaks.of_hours(scorer(centred), joined(), issues=issues)
    assert not said.allows and said.values["ahead"] == 1.0


def test_a_scorer_of_runs_may_use_the_whole_run_and_no_observation_after_its_start() -> None:
    def good(hours):
        last = hours.columns["pm25_ugm3"][hours.context - 1]
        return {"x": hours.columns["forecast_pm25_ugm3"][hours.context :].max() + 0 * last + np.zeros(48)}

    def bad(hours):
        return {"x": hours.columns["pm25_ugm3"][hours.context :]}

    run_init = 1000 + 24 - 1
    assert scorer_leaks.of_run(scorer(good), joined("CDAQS/x"), run_init=run_init).allows
    assert not scorer_leaks.of_run(scorer(bad), joined("CDAQS/x"), run_init=run_init).allows
