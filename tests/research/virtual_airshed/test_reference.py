"""The real days and what is asked of the simulated ones: facts computed anew, bands that are held, a judge that can say no."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.virtual_airshed.reference import judge as judging
from research.virtual_airshed.reference import real, weather_reports
from research.virtual_airshed.reference.describing import describe, monthly_means
from research.virtual_airshed.reference.judge import EXEMPT, FEW_DAYS, INSIDE, NO_BAND, OUTSIDE, is_inside, judge
from research.virtual_airshed.reference.simulated import receptors, simulated_days
from research.virtual_airshed.run import simulate
from research.virtual_airshed.scenarios import scenario
from research.virtual_airshed.tracers import Tags
from research.virtual_airshed.world import shipped_world
from standards.editions import edition_for
from standards.index.aqi import iaqi
from tests.streams.real_data import real as real_file

NAN = float("nan")


def days_like_the_real_ones(**changes: float) -> pd.DataFrame:
    """Daily values whose year mean of SO2 in Chengdu is 14.92 ug/m3, the real one, on every day; other items missing."""
    dates = pd.date_range("2015-01-01", "2015-12-31")
    index = pd.MultiIndex.from_product([["510100"], dates], names=["city", "date"])
    return pd.DataFrame({"so2_ugm3": 14.92} | changes, index=index)


def verdict(table: pd.DataFrame, *keys: str) -> str:
    chosen = table[(table[judging.KEYS] == list(keys)).all(axis=1)]
    assert len(chosen) == 1
    return str(chosen["verdict"].item())


# The real days


@pytest.mark.parametrize("name", ["city_daily.csv", "city_months.csv"])
def test_the_shipped_tables_are_those_of_the_real_days(name: str) -> None:
    anew = real.describe_real(real_file("sichuan_city_daily"))[name]
    shipped = real.load(name)
    keys = [column for column in shipped if column != "value"]
    assert shipped[keys].astype(str).to_numpy().tolist() == anew[keys].astype(str).to_numpy().tolist()
    assert shipped["value"].to_numpy() == pytest.approx(anew["value"].to_numpy(), rel=1e-9)


def test_the_ozone_of_the_collection_is_the_largest_hourly_mean() -> None:
    # On days of high ozone and little PM2.5 it is ozone that makes the largest hourly index. That is then the index of HJ 633-2012
    # for an hour of the very value (never less, for that hour is one of the day), and never its index for 8 hours.
    days = real.read_days(real_file("sichuan_city_daily"))
    edition = edition_for(pd.Timestamp("2015-07-01").date())
    high = days[(days["o3_1h_max_ugm3"] > 200) & (days["pm25_ugm3"] < 40)]
    largest = high["range"].str.extract(r"(\d+)\D*$")[0].astype(float).to_numpy()
    of_hour, of_eight = (iaqi(high["o3_1h_max_ugm3"].to_numpy(), "o3", p, edition=edition) for p in ("hour", "8h"))
    assert len(high) > 50
    assert (np.abs(largest - of_hour) <= 1).mean() > 0.8
    assert (largest >= of_hour - 1).all()
    assert not (np.abs(largest - of_eight) <= 1).any()


def test_an_odd_series_is_left_out_of_the_sound_likeness_alone() -> None:
    dates = pd.date_range("2015-01-01", periods=40)
    wave, other = np.sin(np.arange(40.0)), np.cos(np.arange(40.0) * 2.7)
    index = pd.MultiIndex.from_product([["510100", "510600", "511800"], dates], names=["city", "date"])
    table = describe(pd.DataFrame({"o3_1h_max_ugm3": np.concatenate([wave, wave, other])}, index=index))
    value = table.set_index("statistic")["value"]
    assert value["likeness_sound"] == pytest.approx(1.0)
    assert value["likeness"] < 0.5


def test_months_of_all_years_are_put_together_and_missing_days_left_out() -> None:
    dates = pd.to_datetime(["2015-01-01", "2015-01-02", "2016-01-01", "2015-02-01"])
    index = pd.MultiIndex.from_product([["510100"], dates], names=["city", "date"])
    found = monthly_means(pd.DataFrame({"so2_ugm3": [1.0, NAN, 3.0, NAN]}, index=index)).set_index("month")["value"]
    assert found[1] == 2.0
    assert np.isnan(found[2])


# The weather


def test_the_shipped_facts_are_those_of_the_published_weather() -> None:
    anew = weather_reports.describe_weather(weather_reports.read_reports(next(real_file("uci_chengdu").glob("*.csv"))))
    shipped = weather_reports.load()
    keys = ["statistic", "item", "key"]
    assert shipped[keys].to_numpy().tolist() == anew[keys].to_numpy().tolist()
    assert shipped["value"].to_numpy() == pytest.approx(anew["value"].to_numpy(), rel=1e-3, abs=1e-4)


def test_spells_are_counted_by_their_length_and_a_gap_ends_one() -> None:
    days = pd.Series(
        [True, True, False, True, True, True],
        index=pd.to_datetime(["2015-01-01", "2015-01-02", "2015-01-03", "2015-01-04", "2015-01-05", "2015-01-07"]),
    )
    found = weather_reports.spells_per_year(days)
    assert {n: v * 6 / 365 for n, v in found.items() if v} == pytest.approx({1: 1, 2: 2})


@pytest.mark.parametrize(
    ("u", "v", "name"), [(1.0, 1.0, "SW"), (-1.0, 1.0, "SE"), (1.0, -1.0, "NW"), (-1.0, -1.0, "NE")]
)
def test_a_wind_is_named_by_where_it_comes_from(u: float, v: float, name: str) -> None:
    assert weather_reports.quadrant_of(np.array(u), np.array(v)) == name


# The judge


def test_a_number_is_inside_by_its_ratio_or_by_its_distance() -> None:
    assert is_inside(110.0, 100.0, 0.9, 1.1000001, NAN)
    assert not is_inside(111.0, 100.0, 0.9, 1.1, NAN)
    assert is_inside(60.0, 46.0, 0.65, 1.25, 15.0)
    assert not is_inside(62.0, 46.0, 0.65, 1.25, 15.0)
    assert is_inside(0.62, 0.8, NAN, NAN, 0.2)


def test_nothing_that_is_missing_is_inside() -> None:
    assert not is_inside(NAN, 1.0, 0.0, 9.0, 9.0)
    assert not is_inside(1.0, NAN, 0.0, 9.0, 9.0)
    assert not is_inside(1.0, 1.0, NAN, NAN, NAN)


def test_the_judge_says_inside_outside_and_no_band() -> None:
    keys = ("mean", "so2_ugm3", "year", "510100")
    assert verdict(judge(days_like_the_real_ones()), *keys) == INSIDE
    assert verdict(judge(days_like_the_real_ones(so2_ugm3=20.0)), *keys) == OUTSIDE
    missing = judge(days_like_the_real_ones(so2_ugm3=NAN))
    assert set(missing["verdict"]) == {NO_BAND}


def test_a_run_that_is_too_short_is_not_judged() -> None:
    short = judge(days_like_the_real_ones().iloc[:70])
    assert verdict(short, "mean", "so2_ugm3", "year", "510100") == FEW_DAYS
    assert verdict(short, "mean", "so2_ugm3", "spring", "510100") == FEW_DAYS
    assert verdict(judge(days_like_the_real_ones().iloc[:160]), "mean", "so2_ugm3", "spring", "510100") == INSIDE


def test_what_is_let_off_by_name_is_exempt_and_nothing_else() -> None:
    dates = pd.date_range("2015-01-01", "2015-12-31")
    index = pd.MultiIndex.from_product([["510100", "511800"], dates], names=["city", "date"])
    table = judge(pd.DataFrame({"o3_1h_max_ugm3": np.linspace(290.0, 310.0, len(index))}, index=index))
    assert verdict(table, "mean", "o3_1h_max_ugm3", "year", "511800") == EXEMPT
    assert verdict(table, "mean", "o3_1h_max_ugm3", "year", "510100") == OUTSIDE


@pytest.fixture(scope="module")
def judged_year() -> pd.DataFrame:
    """A year of the default scenario, without tags, judged: about a minute."""
    world, whole = shipped_world(), scenario("full_year")
    stations, plain = receptors(world, whole.start), Tags(world.grid.cities, tagged=False)
    return judge(simulated_days(simulate(whole.plan(), world, tags=plain, cells=stations.cells), stations))


def test_the_virtual_year_keeps_every_band(judged_year: pd.DataFrame) -> None:
    outside = judged_year[judged_year["verdict"] == OUTSIDE]
    assert outside.empty, outside.to_string()
    assert (judged_year["verdict"] == INSIDE).sum() > 480
    assert FEW_DAYS not in set(judged_year["verdict"])


def test_every_band_and_every_exemption_is_needed(judged_year: pd.DataFrame) -> None:
    used = judged_year[judged_year["verdict"].isin([INSIDE, EXEMPT])]
    for band in judging.read_bands().itertuples():
        assert ((used["statistic"] == band.statistic) & (used["item"] == band.item)).any(), band
    let_off = judged_year[judged_year["verdict"] == EXEMPT][judging.KEYS].to_numpy().tolist()
    for line in judging.read_exempt().itertuples(index=False):
        assert any(all(w in (judging.ANY, k) for w, k in zip(line[:4], keys, strict=True)) for keys in let_off), line


def test_the_documentation_tells_what_was_judged(judged_year: pd.DataFrame) -> None:
    inside, exempt = ((judged_year["verdict"] == verdict_).sum() for verdict_ in (INSIDE, EXEMPT))
    text = (Path(__file__).parents[3] / "docs" / "virtual_airshed.md").read_text(encoding="utf-8")
    assert f"{inside + exempt} 个统计量，{inside} 个在事先写明的范围内，{exempt} 个点名说明" in text
