"""The page of verification says what pandas and scikit-learn compute from the same rows, and draws it where it belongs."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_squared_error

from dashboards import judged
from dashboards.asked import Judging
from dashboards.components.judged_words import number
from dashboards.queries import verification as queries
from standards.verification import fairmode
from streams.store.schema import air_city_hour, forecast_city_hour, model_hour
from tests.dashboards.judging import forecasts
from tests.dashboards.judging.conftest import said, scene_on

DAY = dt.timedelta(days=1)
SPAN = queries.Span(dt.datetime(2023, 1, 17, 16), dt.datetime(2023, 1, 31, 15), forecasts.NEWEST)
"""Issued on 18 to 31 January in Beijing."""


@pytest.fixture(scope="module")
def page(overview):
    from dashboards.pages import verification

    return verification


@pytest.fixture(scope="module")
def by_hand(judged_engine) -> pd.DataFrame:
    """Pairs of the first city put together by pandas alone."""
    with judged_engine.connect() as connection:
        seen = pd.read_sql(air_city_hour.select().where(air_city_hour.c.city == "510100"), connection)
        said_ = pd.read_sql(forecast_city_hour.select().where(forecast_city_hour.c.city == "510100"), connection)
    said_ = said_[(said_.run_init >= SPAN.first) & (said_.run_init <= SPAN.last) & (said_.hour_end <= SPAN.until)]
    seen = seen[["hour_end", "pm25_ugm3"]]
    both = said_.merge(seen, on="hour_end", how="left")
    both["back"] = both.hour_end - pd.to_timedelta(np.ceil(both.lead_hours / 24) * 24, unit="h")
    return both.merge(seen.rename(columns={"hour_end": "back", "pm25_ugm3": "persisted"}), on="back", how="left")


def test_scores_of_each_day_of_lead_are_those_of_pandas_and_scikit_learn(judged_engine, by_hand) -> None:
    with judged_engine.connect() as connection:
        found = judged.by_lead_day(queries.pairs(connection, ("510100",), "pm25", SPAN), ["CDAQS"])
    assert sorted(found) == [1, 2, 3, 4, 5]
    for day, (own, base) in found.items():
        part = by_hand[np.ceil(by_hand.lead_hours / 24) == day].dropna(
            subset=["forecast_pm25_ugm3", "pm25_ugm3", "persisted"]
        )
        f, o, p = part.forecast_pm25_ugm3, part.pm25_ugm3, part.persisted
        assert own.n == base.n == len(part) > 200
        assert own.values["rmse"] == pytest.approx(mean_squared_error(o, f) ** 0.5)
        assert base.values["rmse"] == pytest.approx(mean_squared_error(o, p) ** 0.5)
        assert own.values["mb"] == pytest.approx((f - o).mean())
        assert own.values["nmb"] == pytest.approx(100 * (f.sum() / o.sum() - 1))
        assert own.values["nme"] == pytest.approx(100 * (f - o).abs().sum() / o.sum())
        assert own.values["r"] == pytest.approx(f.corr(o)) and base.values["r"] == pytest.approx(p.corr(o))
        assert own.values["fac2"] == pytest.approx(((f >= o / 2) & (f <= 2 * o)).mean())
        assert own.ratio == pytest.approx(f.std() / o.std())
        assert own.skill == pytest.approx(1 - own.values["rmse"] / base.values["rmse"])


def test_events_are_counted_as_a_cross_table_does(judged_engine, by_hand) -> None:
    """75 ug/m3 is the breakpoint of an index of 100 (HJ 633-2012, table 1)."""
    part = by_hand.dropna(subset=["forecast_pm25_ugm3", "pm25_ugm3", "persisted"])
    happened, forecast = part.pm25_ugm3 > 75, part.forecast_pm25_ugm3 > 75
    assert judged.thresholds("pm25", dt.date(2023, 1, 31))[100] == 75.0
    with judged_engine.connect() as connection:
        own, base = judged.events(queries.pairs(connection, ("510100",), "pm25", SPAN), "CDAQS", 75.0)
    counts = (happened & forecast).sum(), (~happened & forecast).sum(), (happened & ~forecast).sum()
    assert own.counts[:3] == counts and own.n == base.n == len(part)
    assert own.values["csi"] == pytest.approx(counts[0] / sum(counts))


def test_the_quality_is_that_of_the_guidance_on_means_of_days(judged_engine, by_hand) -> None:
    """FAIRMODE v3.3 was in force in 2023: MQI = RMSE / (beta RMSU), U = u_r sqrt((1 - a^2) O^2 + a^2 RV^2)."""
    part = by_hand[by_hand.lead_hours <= 24].dropna(subset=["forecast_pm25_ugm3", "pm25_ugm3"]).copy()
    part["day"] = (part.hour_end + pd.Timedelta(hours=8) - pd.Timedelta(hours=1)).dt.date
    days = part.groupby("day").agg(o=("pm25_ugm3", "mean"), f=("forecast_pm25_ugm3", "mean"), n=("run", "size"))
    days = days[days.n >= 20]
    by = fairmode.uncertainty_of("pm25", "day", edition="v3.3")
    u2 = by.u_r**2 * ((1 - by.alpha**2) * days.o**2 + by.alpha**2 * by.rv**2)
    expected = mean_squared_error(days.o, days.f) ** 0.5 / (by.beta * u2.mean() ** 0.5)
    with judged_engine.connect() as connection:
        table = queries.pairs(connection, ("510100",), "pm25", SPAN)
    found = judged.quality(table[table["lead"] <= 24], "CDAQS", "pm25", dt.date(2023, 1, 31))
    assert found.n == len(days) and found.mqi == pytest.approx(
        expected, rel=2e-3
    )  # days are averaged exactly, 0.1 steps
    assert np.hypot(found.bias, found.centred) == pytest.approx(found.mqi, rel=1e-9)
    assert judged.quality(table, "CDAQS", "so2", dt.date(2023, 1, 31)) is None, "v3.3 has no uncertainty of SO2"


def test_a_served_model_is_judged_too_and_its_quantiles_are_counted(judged_engine) -> None:
    with judged_engine.connect() as connection:
        table = queries.pairs(connection, ("510100",), "pm25", SPAN)
        served = pd.read_sql(model_hour.select(), connection)
        seen = pd.read_sql(air_city_hour.select().where(air_city_hour.c.city == "510100"), connection)
    name = f"{forecasts.SERVED} {forecasts.VERSION}"
    assert queries.models_of(table) == ["CDAQS", name]
    start = pd.to_datetime(served.run.str.partition("/")[2], format="%Y-%m-%dT%HZ")
    served = served[(start >= SPAN.first) & (start <= SPAN.last) & (served.hour_end <= SPAN.until)]
    both = served.merge(seen[["hour_end", "pm25_ugm3"]], on="hour_end").dropna(subset=["pm25_ugm3"])
    below = (both.pm25_ugm3 <= both.value).groupby(both.quantity).mean()
    for level, share, n in judged.reliability(table, name):
        assert share == pytest.approx(below[f"pm25_ugm3_q{100 * level:.0f}"]) and n == len(both) // 3
    assert judged.reliability(table, "CDAQS") == []
    assert table[table["model"] == name]["simulated"].all() and not table[table["model"] == "CDAQS"]["simulated"].any()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_of_the_table_has_n_and_persistence_beside_it(page, looking, by_hand, lang) -> None:
    shown = said(page._leads(looking(lang=lang)))
    part = by_hand[by_hand.lead_hours <= 24].dropna(subset=["forecast_pm25_ugm3", "pm25_ugm3", "persisted"])
    rmse = mean_squared_error(part.pm25_ugm3, part.forecast_pm25_ugm3) ** 0.5
    base = mean_squared_error(part.pm25_ugm3, part.persisted) ** 0.5
    for words in (number(rmse, 1), number(base, 1), f"{len(part):,}", "CDAQS/2023-01-18T00Z", "CDAQS/2023-01-31T00Z"):
        assert words in shown, words
    assert ("持续性" if lang == "zh" else "persistence") in shown
    assert (re.search("[\u4e00-\u9fff]", shown) is None) == (lang == "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_cities_events_and_quality_stand_on_the_page(page, looking, lang) -> None:
    shown = said(page._cities(looking(lang=lang, params={"lead": "2"})))
    for words in ("> 75 µg/m³", "> 150 µg/m³", "MQI", "FAIRMODE", "第 2 天" if lang == "zh" else "day 2"):
        assert words in shown, words


def test_what_came_after_the_hour_shown_is_not_judged(judged_engine) -> None:
    hour = dt.datetime(2023, 1, 25, 6)
    with judged_engine.connect() as connection:
        span = queries.Span(SPAN.first, hour, hour)
        table = queries.pairs(connection, ("510100",), "pm25", span)
    assert table["hour_end"].max() == hour and table["run"].max() == "CDAQS/2023-01-25T00Z"


def test_a_day_of_forecasts_is_too_little_for_a_score(page, looking, judged_engine) -> None:
    hour = dt.datetime(2023, 1, 31, 10)
    scene = looking(hour=hour, params={"first": "2023-01-31", "last": "2023-01-31"})
    with judged_engine.connect() as connection:
        table = queries.pairs(connection, ("510100",), "pm25", page._span(scene, Judging.read(scene.params, hour)))
    own, _ = judged.scored(table, "CDAQS")
    assert 0 < own.n < judged.FEWEST and all(np.isnan(v) for v in own.values.values())
    assert "NA" in said(page._leads(scene))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_store_and_a_span_without_forecasts_say_so(page, looking, lang) -> None:
    nothing = scene_on(None, None, lang=lang)
    for part in (page._choice, page._leads, page._cities):
        assert nothing.text("card.awaiting") in said(part(nothing))
    before = looking(lang=lang, params={"first": "2015-01-01", "last": "2015-01-03"})
    for part in (page._leads, page._cities):
        assert before.text("judging.no_forecasts") in said(part(before))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "params",
    [{"first": "yesterday"}, {"last": "2023-13-01"}, {"lead": "0"}, {"lead": "8"}, {"lead": "٣"}, {"lead": "-1"},
     {"first": "2023-01-31", "last": "2023-01-01"}, {"first": "2001-01-01"}, {"last": "2999-01-01"}, {"model": "\x00"}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_read_falls_back_and_is_named(page, looking, params, lang) -> None:
    asked = Judging.read(params, forecasts.NEWEST)
    assert len(asked.troubles) == 1 and asked.troubles[0] in params
    assert 1 <= asked.days.count <= 60 and 1 <= asked.lead_day <= 7 and asked.days.last <= dt.date(2023, 1, 31)
    scene = looking(lang=lang, params=params)
    assert scene.text(f"judging.parameter_{asked.troubles[0]}") in said(page._choice(scene))
    page._leads(scene), page._cities(scene)


def test_a_model_that_is_not_there_is_said_to_be_unknown(page, looking) -> None:
    assert "模式（model）" in said(page._leads(looking(params={"model": "WRF"})))
    assert "模式（model）" not in said(page._leads(looking(params={"model": "CDAQS"})))
