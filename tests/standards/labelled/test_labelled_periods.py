"""Periods on labelled data: the numbers of standards.assessment.assess under the edition that is asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from standards import labelled
from standards.assessment.assess import assess_period, flat_numbers
from standards.assessment.periods import quarter, year
from standards.days import day_of_date
from standards.editions import edition_named
from standards.labelled.columns import DAY_COLUMNS

CITIES = ("510100", "510600")


def days(first: str = "2025-01-01", n: int = 365) -> pd.DataFrame:
    """Made daily values of two cities, every 40th day missing."""
    rng = np.random.default_rng(5)
    index = pd.date_range(first, periods=n, name="day")
    middle = np.array([6, 28, 0.8, 120, 58, 32])
    frames = {
        c: pd.DataFrame(middle * rng.uniform(0.4, 1.6, (n, 6)), index, list(DAY_COLUMNS.values())) for c in CITIES
    }
    return pd.concat(frames, names=["city"]).drop(index[::40], level="day")


@pytest.mark.parametrize("edition", ["2012", "2026T", "2031"])
@pytest.mark.parametrize(("name", "period"), [("2025", year(2025)), ("2025-Q3", quarter(2025, 3))])
def test_an_assessment_is_that_of_standards(edition, name, period):
    frame = days()
    made = labelled.assess_period(frame, name, edition=edition)
    whole = frame.to_xarray()
    values = np.stack([whole[column].reindex(day=pd.date_range("2025-01-01", "2025-12-31")) for column in frame])
    first = day_of_date(pd.Timestamp("2025-01-01").date())
    expected = flat_numbers(assess_period(values, first, period, edition=edition_named(edition)))
    for column, numbers in expected.items():
        np.testing.assert_array_equal(made[column], numbers, err_msg=column)
    assert list(made.index) == list(CITIES) and made.attrs["edition"] == edition
    assert made.attrs["units"]["pm25_mean_ugm3"] == "ug m-3" and made.attrs["units"]["pm25_valid_days"] == "days"


def test_a_dataset_gives_the_same_and_keeps_its_dimensions():
    data = days().to_xarray()
    made = labelled.assess_period(data, "2025")
    frame = labelled.assess_period(days(), "2025")
    assert made["ranking_index"].dims == ("city",) and made["period"].item() == "2025"
    np.testing.assert_array_equal(made["ranking_index"], frame["ranking_index"])
    assert made["co_p95_mgm3"].attrs["units"] == "mg m-3"
    by_member = xr.concat([data, data * 1.1], pd.Index(["a", "b"], name="member"))
    assert labelled.assess_period(by_member, "2025")["ranking_index"].shape == (2, 2)


def test_one_city_gives_one_row_named_by_the_period():
    made = labelled.assess_period(days().loc["510100"], "2025-H1")
    assert made.index.tolist() == ["2025-H1"] and made.index.name == "period"


def test_the_edition_follows_the_date_and_two_editions_need_a_choice():
    assert labelled.assess_period(days(), "2025").attrs["edition"] == "2012"
    later = days("2026-01-01")
    assert labelled.assess_period(later, "2026-Q2").attrs["edition"] == "2026T"
    with pytest.raises(ValueError, match=r"period 2026 runs over the editions 2012 and 2026T.*expected edition="):
        labelled.assess_period(later, "2026")
    assert labelled.assess_period(later, "2026", edition="2026T").attrs["edition"] == "2026T"


def test_too_few_days_give_no_verdict_and_say_why():
    made = labelled.assess_period(days(n=100), "2025")
    assert (made["pm25_valid_days"] == 97).all() and (made["complies"] < 1).all()
    assert made["reasons"].str.contains("PM2.5 has 97 valid days, 324 are needed").all()
    assert labelled.assess_period(days(n=1).iloc[:0], "2025").empty


def test_a_missing_item_is_named_where_it_alone_makes_the_whole_not_comply():
    clean = days().copy()
    for column in ("so2_ugm3", "no2_ugm3", "co_mgm3", "o3_mda8_ugm3", "pm10_ugm3", "pm25_ugm3"):
        clean[column] = 1.0
    clean["co_mgm3"] = np.nan
    made = labelled.assess_period(clean, "2025")
    assert (
        (made["complies"] == 0).all() and made["complies_for_missing"].all() and (made["invalid_items"] == "co").all()
    )
    assert made["reasons"].str.contains("CO is missing or not valid, so that the whole counts as not complying").all()


@pytest.mark.parametrize("name", ["2025-13", "25", "2025-Q5", "2025-H3", "2025-1", "last year"])
def test_a_period_that_is_none_is_refused(name):
    with pytest.raises(ValueError, match=r"expected|must|1 to"):
        labelled.assess_period(days(), name)


def test_a_missing_column_and_a_wrong_unit_are_named():
    with pytest.raises(ValueError, match="missing are so2_ugm3"):
        labelled.assess_period(days().drop(columns="so2_ugm3"), "2025")
    data = days().to_xarray()
    data["co_mgm3"].attrs["units"] = "ug m-3"
    with pytest.raises(ValueError, match="co_mgm3 is in 'ug m-3', expected mg/m3"):
        labelled.assess_period(data, "2025")


def test_the_index_of_other_limits_is_computed_from_the_same_statistics():
    # The worked example of three limit sets: sums of rounded single indices 3.92, 4.23, 5.11 (worked by hand).
    row = pd.DataFrame([[7, 28, 1.1, 158, 58, 35]], index=["x"], columns=list(labelled.periods.RANKED_COLUMNS))
    sums = [labelled.composite_index(row, edition=e)["ranking_index"].item() for e in ("2012", "2026T", "2031")]
    assert sums == [3.92, 4.23, 5.11]
    made = labelled.composite_index(row, edition="2026T", method="unweighted_rounded_sum")
    assert made["ranking_index"].item() == 4.21 and made["main_pollutants"].item() == "pm25"
    data = labelled.composite_index(row.rename_axis("city").to_xarray(), edition="2012")
    assert data["ranking_index"].dims == ("city",) and data.attrs["limit_set"] == "2012"
    with pytest.raises(ValueError, match="missing are co_p95_mgm3, expected what assess_period gives"):
        labelled.composite_index(row.drop(columns="co_p95_mgm3"), edition="2012")
