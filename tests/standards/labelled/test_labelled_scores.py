"""Scores of events and of the index, and benchmarks, on labelled forecasts: the numbers of standards."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import standards.verification.benchmarks
import standards.verification.event_scores
import standards.verification.forecast_scores
import standards.verification.shanghai
from standards import labelled

N_DAYS, LEADS, CITIES = 30, (0, 1, 2), ("510100", "510600")


def forecasts() -> pd.DataFrame:
    """Every city, day and lead, the observed index the same for all leads."""
    rng = np.random.default_rng(11)
    index = pd.MultiIndex.from_product(
        [CITIES, pd.date_range("2025-01-01", periods=N_DAYS), LEADS], names=["city", "day", "lead_day"]
    )
    obs = np.repeat(rng.integers(20, 250, len(CITIES) * N_DAYS), len(LEADS)).astype(float)
    frame = pd.DataFrame({"aqi": obs, "forecast_aqi": (obs * rng.uniform(0.7, 1.3, len(obs))).round()}, index)
    frame["primary_pollutants"] = np.where(obs > 50, "pm25", "")
    frame["forecast_primary_pollutants"] = np.where(rng.random(len(obs)) > 0.3, "pm10,pm25", "o3")
    frame.iloc[7, 1] = np.nan
    frame.attrs = {"simulated": 1}
    return frame


def test_events_are_scored_by_lead():
    frame = forecasts()
    made = labelled.event_scores_by_lead(frame, "aqi_100")
    for lead in LEADS:
        part = frame.xs(lead, level="lead_day")
        table = standards.verification.event_scores.contingency(
            part["aqi"].to_numpy(), part["forecast_aqi"].to_numpy(), above=100
        )
        assert made.loc[lead, ["hits", "false_alarms", "misses", "rejections"]].tolist() == [
            table.hits, table.false_alarms, table.misses, table.rejections,
        ]  # fmt: skip
        for name in ("pod", "far", "csi", "frequency_bias", "hss"):
            assert made.loc[lead, name] == getattr(standards.verification.event_scores, name)(table).value
    assert made["n"].tolist() == [60, 59, 60] and made.attrs["simulated"] == 1 and made.attrs["above"] == 100
    pd.testing.assert_frame_equal(labelled.event_scores_by_lead(frame.reset_index(), "aqi_100"), made)
    data = frame[["aqi", "forecast_aqi"]].to_xarray().assign_attrs(simulated=1)
    pd.testing.assert_frame_equal(labelled.event_scores_by_lead(data, "aqi_100"), made)
    ozone = frame.rename(columns={"aqi": "o3_mda8_ugm3", "forecast_aqi": "forecast_o3_mda8_ugm3"})
    assert labelled.event_scores_by_lead(ozone, "o3_160", by=("city", "lead_day")).attrs["above"] == 160
    own = labelled.event_scores_by_lead(frame, "aqi", above=100)
    np.testing.assert_array_equal(own["pod"], made["pod"])


def test_the_index_is_scored_by_lead():
    frame = forecasts()
    made = labelled.index_scores_by_lead(frame)
    scores = standards.verification.forecast_scores
    for lead in LEADS:
        part = frame.xs(lead, level="lead_day")
        obs, fcst = part["aqi"].to_numpy(), part["forecast_aqi"].to_numpy()
        around = np.stack(scores.aqi_range(fcst))
        masks = [
            part[name].map({"": 0, "o3": 8, "pm25": 32, "pm10,pm25": 48}).to_numpy()
            for name in ("primary_pollutants", "forecast_primary_pollutants")
        ]
        expected = {
            "range": scores.range_accuracy(obs, around),
            "level": scores.level_accuracy(obs, around),
            "strict_level": scores.strict_level_accuracy(obs, fcst),
            "half_level": scores.half_level_accuracy(obs, fcst),
            "primary": scores.primary_accuracy(np.stack([obs, masks[0]]), np.stack([fcst, masks[1]])),
            "shanghai": standards.verification.shanghai.shanghai_score(
                np.stack([obs, masks[0]]), np.stack([fcst, masks[1]])
            ),
        }
        if lead:
            before = scores.persisted(obs.reshape(2, -1), lead=lead).ravel()
            expected["persistence_skill"] = scores.persistence_skill(obs, np.stack([fcst, before]))
        for name, score in expected.items():
            assert (made.loc[lead, name], made.loc[lead, f"{name}_n"]) == (score.value, score.n), name
    assert np.isnan(made.loc[0, "persistence_skill"]) and made.attrs["simulated"] == 1
    own = frame.assign(forecast_aqi_low=0.0, forecast_aqi_high=500.0)
    assert (labelled.index_scores_by_lead(own)["range"] == 1).all()
    bare = labelled.index_scores_by_lead(frame[["aqi", "forecast_aqi"]], by=("city", "lead_day"))
    assert bare["primary"].isna().all() and bare.index.names == ["city", "lead_day"] and bare["shanghai"].isna().all()
    wide = labelled.index_scores_by_lead(frame, range_method="quarter")
    expected = scores.range_accuracy(
        frame.xs(1, level="lead_day")["aqi"],
        np.stack(scores.aqi_range(frame.xs(1, level="lead_day")["forecast_aqi"], method="quarter")),
    )
    assert wide.loc[1, "range"] == expected.value and wide.attrs["range_method"] == "quarter"


def test_benchmarks_judge_scores_by_lead():
    rng = np.random.default_rng(3)
    obs = rng.uniform(90, 200, 300)
    frame = pd.DataFrame(
        {"o3_ugm3": obs, "forecast_o3_ugm3": obs * rng.uniform(0.8, 1.3, 300), "lead_day": np.repeat([1, 2, 3], 100)}
    )
    frame.attrs = {"simulated": 1}
    scores = labelled.scores_by_lead(frame, "o3")
    made = labelled.benchmark_verdicts(scores, benchmark="emery2017", period="hour")
    for lead in (1, 2, 3):
        expected = standards.verification.benchmarks.verdicts(
            scores.loc[lead].to_dict(), benchmark="emery2017", species="o3", period="hour"
        )
        for name, verdict in expected.items():
            row = made.loc[(lead, name)]
            assert (row["grade"], row["reason"], row["value"]) == (
                verdict.grade,
                verdict.reason,
                scores.loc[lead, name],
            )
    assert made.index.names == ["lead_day", "score"] and made.attrs["simulated"] == 1
    with pytest.raises(ValueError, match="no benchmark 'emery2017', 'no2'"):
        labelled.benchmark_verdicts(scores, benchmark="emery2017", period="hour", species="no2")
    scores.attrs["units"]["nmb"] = "1"
    with pytest.raises(ValueError, match="nmb is in '1', expected %"):
        labelled.benchmark_verdicts(scores, benchmark="emery2017", period="hour")


@pytest.mark.parametrize(
    "function", [lambda f: labelled.event_scores_by_lead(f, "aqi_100"), labelled.index_scores_by_lead]
)
def test_what_would_be_scored_wrongly_is_refused(function):
    frame = forecasts()
    with pytest.raises(ValueError, match="missing are forecast_aqi"):
        function(frame.drop(columns="forecast_aqi"))
    with pytest.raises(ValueError, match=r"city, day, lead_day .* occurs more than once"):
        function(pd.concat([frame, frame.iloc[:1]]))
    flat = frame.reset_index()
    with pytest.raises(ValueError, match="have the time zone Asia/Shanghai"):
        function(flat.assign(day=flat["day"].dt.tz_localize("Asia/Shanghai")))
    with pytest.raises(ValueError, match="have no time zone"):
        function(flat.rename(columns={"day": "hour_end"}))
    frame.attrs["units"] = {"forecast_aqi": "ug m-3"}
    with pytest.raises(ValueError, match="forecast_aqi is in 'ug m-3'"):
        function(frame)


def test_a_day_has_one_observed_index_and_a_range_two_ends():
    frame = forecasts()
    with pytest.raises(ValueError, match="expected both or none"):
        labelled.index_scores_by_lead(frame.assign(forecast_aqi_low=0.0))
    with pytest.raises(ValueError, match="primary pollutants are 'PM'"):
        labelled.index_scores_by_lead(frame.assign(primary_pollutants="PM"))
    frame.iloc[0, 0] += 1
    with pytest.raises(ValueError, match="aqi has two values on a day"):
        labelled.index_scores_by_lead(frame)
    with pytest.raises(ValueError, match="event is 'fog', expected one of aqi_100"):
        labelled.event_scores_by_lead(frame, "fog")
