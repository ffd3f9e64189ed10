"""Labelled data give the numbers of standards, keep their labels, and refuse what would give a wrong number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import standards.averaging
import standards.index.aqi
from standards import labelled
from standards.editions import EDITIONS, edition_named
from standards.pollutants import ITEMS, POLLUTANTS

COLUMNS = [POLLUTANTS[item].column for item in ITEMS]
ZONE = "Asia/Shanghai"


def hours(first: str = "2026-02-27 01:00", n: int = 96, zone: str = ZONE) -> pd.DataFrame:
    """Made hours, each item within the range of its index."""
    rng = np.random.default_rng(7)
    index = pd.date_range(first, periods=n, freq="h", tz=zone, name="hour_end")
    return pd.DataFrame({c: rng.uniform(0, 4 if c == "co_mgm3" else 220, n).round(1) for c in COLUMNS}, index=index)


def dataset(frame: pd.DataFrame, *stations: str) -> xr.Dataset:
    """The frame as the store gives it: UTC without a zone, one copy for each station."""
    flat = frame.tz_convert("UTC").tz_localize(None).to_xarray()
    return flat if not stations else flat.expand_dims(station=list(stations)).copy(deep=True)


def stations(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    return pd.concat({name: frame + i for i, name in enumerate(names)}, names=["station"])


def test_each_hour_is_judged_by_the_edition_of_its_natural_day():
    frame = hours()
    made = labelled.hourly_aqi(frame)
    # The hour ending 00:00 on 1 March belongs to 28 February.
    old = frame.index <= pd.Timestamp("2026-03-01 00:00", tz=ZONE)
    for rows, name in ((old, "2012"), (~old, "2026T")):
        edition = edition_named(name)
        expected = standards.index.aqi.hourly_aqi(frame[rows].to_numpy().T, edition=edition)
        np.testing.assert_array_equal(made["aqi"][rows], expected.aqi)
        np.testing.assert_array_equal(made["pm25_iaqi"][rows], expected.iaqi[5])
        assert set(made["edition"][rows]) == {edition.code}
    assert made.attrs["edition"] == "2012, 2026T"
    assert "HJ 633-2026 4.2.3" in made.attrs["references"]
    assert made.attrs["units"]["aqi"] == "1" and made.attrs["long_name"]["aqi"] == "air quality index"


@pytest.mark.parametrize("edition", [*(each.name for each in EDITIONS), EDITIONS[1]])
def test_an_edition_can_be_chosen_whatever_the_date(edition):
    frame = hours("2019-01-01 01:00")
    each = edition if not isinstance(edition, str) else edition_named(edition)
    made = labelled.hourly_aqi(frame, edition=edition)
    np.testing.assert_array_equal(made["aqi"], standards.index.aqi.hourly_aqi(frame.to_numpy().T, edition=each).aqi)
    assert made.attrs["edition"] == each.name


def test_the_example_of_the_regulation_in_both_editions():
    # PM2.5 65, PM10 95, NO2 35, SO2 6, CO 0.9, O3 70: AQI 88 in 2012, 105 with PM2.5 in 2026 (worked by hand).
    day = pd.DataFrame(
        [[6, 35, 0.9, 70, 95, 65]],
        index=pd.DatetimeIndex(["2026-02-28"], name="day"),
        columns=["so2_ugm3", "no2_ugm3", "co_mgm3", "o3_mda8_ugm3", "pm10_ugm3", "pm25_ugm3"],
    )
    assert labelled.daily_aqi(day)["aqi"].item() == 88
    new = labelled.daily_aqi(day, edition="2026T")
    assert (new["aqi"].item(), new["level"].item(), new["primary_pollutants"].item()) == (105, 3, "pm25")


def test_a_dataset_and_a_frame_give_the_same():
    frame = hours()
    from_frame = labelled.hourly_aqi(frame)
    from_dataset = labelled.hourly_aqi(dataset(frame, "1431A", "1432A"))
    assert from_dataset["aqi"].dims == ("station", "hour_end")
    np.testing.assert_array_equal(from_dataset["aqi"].sel(station="1432A"), from_frame["aqi"])
    assert from_dataset["aqi"].attrs["edition"] == "2012, 2026T"
    assert from_dataset["level"].dtype == np.uint8 and from_dataset["edition"].dims == ("hour_end",)


def test_axes_of_a_dataset_may_come_in_any_order():
    data = dataset(hours(), "a", "b")
    xr.testing.assert_identical(labelled.hourly_aqi(data), labelled.hourly_aqi(data.transpose()))
    xr.testing.assert_identical(labelled.daily_values(data), labelled.daily_values(data.transpose()))


def test_daily_values_are_those_of_standards_by_natural_day():
    frame = hours()
    made = labelled.daily_values(frame)
    first = int(frame.index[0].timestamp() // 3600)
    expected = standards.averaging.daily_values(frame.to_numpy().T, first)
    np.testing.assert_array_equal(made.to_numpy()[:, :6].T, expected.means)
    assert list(made.index) == list(pd.date_range("2026-02-27", periods=4))
    assert made.index.name == "day" and made.columns[3] == "o3_mda8_ugm3"
    assert made.attrs["units"]["co_mgm3"] == "mg m-3"
    assert (made[["pm25_hours", "o3_windows"]] == [24, 17]).all(axis=None)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])
def test_days_are_of_shanghai_whatever_the_zone(zone):
    frame = hours()
    if zone == "Asia/Kathmandu":  # its clock shows a quarter to at whole hours of UTC
        assert frame.tz_convert(zone).index[0].minute == 45
    pd.testing.assert_frame_equal(labelled.daily_values(frame.tz_convert(zone)), labelled.daily_values(frame))


def test_gaps_and_disorder_are_filled_with_missing():
    frame = hours()
    lost = frame.drop(frame.index[[5, 6, 30, 31, 32, 33, 34]]).sample(frac=1, random_state=3)
    whole = frame.copy()
    whole.iloc[[5, 6, 30, 31, 32, 33, 34]] = np.nan
    pd.testing.assert_frame_equal(labelled.daily_values(lost), labelled.daily_values(whole))
    means = labelled.moving_mean(lost, 24, min_count=20)
    assert means.index.equals(pd.DatetimeIndex(frame.index, freq=None))
    expected = standards.averaging.moving_mean(np.rint(whole["pm25_ugm3"].to_numpy()), 24, min_count=20)
    np.testing.assert_array_equal(means["pm25_24h_ugm3"], expected[0])
    np.testing.assert_array_equal(means["pm25_24h_hours"], expected[1])
    assert np.isnan(labelled.daily_values(lost)["pm25_ugm3"].iloc[1])  # 19 hours


@given(
    kept=st.lists(st.integers(0, 95), min_size=1, max_size=96, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_any_gaps_in_any_order_give_what_standards_gives_for_nan(kept, order):
    frame = hours()
    order.shuffle(kept)
    whole = frame.reindex(frame.index[sorted(kept)]).reindex(frame.index[min(kept) : max(kept) + 1])
    first = int(whole.index[0].timestamp() // 3600)
    expected = standards.averaging.daily_values(whole.to_numpy().T, first)
    made = labelled.daily_values(frame.iloc[kept])
    np.testing.assert_array_equal(made.to_numpy()[:, :6].T, expected.means)
    np.testing.assert_array_equal(made["pm25_hours"], expected.hours[5])


def test_a_mistyped_year_does_not_fill_the_memory():
    frame = hours(n=2)
    far = frame.set_axis(pd.DatetimeIndex(["1700-01-01T00Z", "2200-01-01T00Z"], name="hour_end"))
    many = pd.concat({str(i): far for i in range(40)}, names=["station"])
    with pytest.raises(ValueError, match=r"hour_end runs from 1700-01-01 to 2200-01-01 at 40 places, expected at most"):
        labelled.daily_values(many)


def test_a_place_without_a_name_is_a_place():
    frame = pd.concat({"a": hours(), np.nan: hours() + 1}, names=["station"])
    made = labelled.daily_values(frame)
    assert len(made) == 8 and made["pm25_ugm3"].notna().all()


def test_one_series_gives_one_series():
    frame = hours()
    series = frame["o3_ugm3"]
    made = labelled.ozone_8h(series)
    assert (made.name, made.attrs["units"]) == ("o3_8h_ugm3", "ug m-3")
    expected, _ = standards.averaging.ozone_8h(np.rint(series.to_numpy()))
    np.testing.assert_array_equal(made, expected)
    array = dataset(frame)["o3_ugm3"]
    assert labelled.mda8(array).dims == ("day",)
    np.testing.assert_array_equal(labelled.mda8(array), labelled.mda8(series))
    assert labelled.mda8(series).name == "o3_mda8_ugm3"
    within = labelled.ozone_8h(frame, within_day=True, min_hours=1)
    assert within["o3_8h_ugm3"].iloc[24] == np.rint(series.iloc[24])  # the hour ending 01:00 stands alone


def test_an_index_of_one_item_needs_no_time_where_the_edition_is_given():
    plain = pd.Series([35, 60, 61, 75, np.nan], name="pm25_ugm3")
    assert labelled.iaqi(plain, period="day", edition="2026T").tolist()[:4] == [50, 100, 101, 114]
    assert labelled.iaqi(plain.rename("x"), "pm25", "day", edition="2012").attrs["edition"] == "2012"
    with pytest.raises(ValueError, match="0 levels of times"):
        labelled.iaqi(plain, period="day")
    array = xr.DataArray(
        [2.2], dims="hour_end", name="co_mgm3", coords={"hour_end": [np.datetime64("2023-01-01", "ns")]}
    )
    assert labelled.iaqi(array, period="day").item() == 55


@pytest.mark.parametrize("make", [lambda f: stations(f, "a", "b", "c"), lambda f: dataset(f, "a", "b", "c")])
def test_a_city_is_the_mean_of_its_stations(make):
    data = make(hours())
    daily = labelled.daily_values(data)
    cities = {"a": "510100", "b": "510100", "c": "510600"}
    made = labelled.city_mean(daily, cities=cities, min_share=0.75)
    if isinstance(made, pd.DataFrame):
        made = made.to_xarray()
        daily = daily.to_xarray()
    assert made["o3_mda8_ugm3"].dims == ("city", "day")
    pair = daily["pm25_ugm3"].sel(station=["a", "b"]).mean("station")
    np.testing.assert_allclose(made["pm25_ugm3"].sel(city="510100"), pair)
    np.testing.assert_allclose(made["pm25_ugm3"].sel(city="510600"), daily["pm25_ugm3"].sel(station="c"))
    assert made["pm25_stations"].sel(city="510100").values.tolist() == [2, 2, 2, 2]


def test_cities_are_read_from_the_data_as_the_store_gives_them():
    data = dataset(hours(), "a", "b")
    city = np.full((2, 96), "510100", object)
    city[:, 3] = ""  # the store has no row of that hour
    made = labelled.city_mean(data.assign(city=(("station", "hour_end"), city)))
    assert made["city"].values.tolist() == ["510100"] and made["pm25_ugm3"].shape == (1, 96)
    frame = stations(hours(), "a", "b").assign(city="510100")
    assert set(labelled.city_mean(frame).index.get_level_values("city")) == {"510100"}
    city[1, 5] = "510600"
    with pytest.raises(ValueError, match="station b is in the cities 510100 and 510600"):
        labelled.city_mean(data.assign(city=(("station", "hour_end"), city)))
    with pytest.raises(ValueError, match="no station has a city"):
        labelled.city_mean(data)


def test_repeated_hours_raise_or_are_flagged_as_asked():
    frame = hours()
    again = pd.concat([frame, frame.iloc[[3]], frame.iloc[[4]] + 100])
    with pytest.raises(ValueError, match=r"2 times of hour_end occur more than once.*expected each once"):
        labelled.daily_values(again)
    first = labelled.moving_mean(again, 1, min_count=1, duplicates="first")["pm25_1h_ugm3"]
    last = labelled.moving_mean(again, 1, min_count=1, duplicates="last")["pm25_1h_ugm3"]
    flagged = labelled.moving_mean(again, 1, min_count=1, duplicates="flag")
    assert first.iloc[4] == np.rint(frame["pm25_ugm3"].iloc[4]) and last.iloc[4] == pytest.approx(first.iloc[4] + 100)
    assert flagged["pm25_1h_ugm3"].iloc[3] == first.iloc[3]  # both say the same
    assert np.isnan(flagged["pm25_1h_ugm3"].iloc[4])  # they do not
    assert flagged.attrs["duplicates"].startswith("2 times of hour_end occur more than once")
    twice = xr.concat([dataset(frame), dataset(frame).isel(hour_end=[3])], "hour_end")
    with pytest.raises(ValueError, match="occur more than once"):
        labelled.daily_values(twice)
    with pytest.raises(ValueError, match="duplicates is 'drop'"):
        labelled.daily_values(again, duplicates="drop")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda f: f.tz_localize(None),
            r"hour_end have no time zone .*2026-02-27 01:00.*tz_localize\('Asia/Shanghai'\)",
        ),
        (lambda f: f.shift(30, freq="min"), "a time of hour_end is 2026-02-26T17:30.* expected whole hours"),
        (lambda f: f.reset_index(drop=True), "0 levels of times, expected one"),
        (lambda f: f.rename(columns={"o3_ugm3": "o3_ppb"}), "column o3_ppb is in ppb, expected o3_ugm3"),
        (lambda f: f.rename(columns={"pm25_ugm3": "pm25_mgm3"}), "pm25_mgm3 is in mgm3, expected pm25_ugm3"),
        (lambda f: f.drop(columns="so2_ugm3"), "missing are so2_ugm3, expected all of the plan"),
        (lambda f: f.astype({"no2_ugm3": str}).assign(no2_ugm3="a"), "no2_ugm3 holds .*, expected numbers"),
        (lambda f: f.assign(pm10_ugm3=-1.0), "pm10 is -1.0 ug/m3, expected 0 to"),
    ],
)
def test_what_would_give_a_wrong_number_is_refused(spoil, message):
    with pytest.raises(ValueError, match=message):
        labelled.hourly_aqi(spoil(hours()))


@pytest.mark.parametrize("unit", ["ppb", "mg/m3", "mg m-3", "µg/l"])
def test_a_wrong_unit_in_attrs_is_named_with_what_was_expected(unit):
    data = dataset(hours())
    data["pm25_ugm3"].attrs["units"] = unit
    for function in (labelled.hourly_aqi, labelled.daily_values):
        with pytest.raises(ValueError, match=f"pm25_ugm3 is in '{unit}', expected ug/m3"):
            function(data)
    frame = hours()
    frame.attrs["units"] = {"pm25_ugm3": unit}
    with pytest.raises(ValueError, match=f"pm25_ugm3 is in '{unit}', expected ug/m3"):
        labelled.hourly_aqi(frame)
    series = hours()["pm25_ugm3"]
    series.attrs["units"] = unit
    with pytest.raises(ValueError, match=f"'{unit}', expected ug/m3"):
        labelled.moving_mean(series, 24, min_count=1)


@pytest.mark.parametrize("unit", ["ug m-3", "ug/m3", "µg/m³", "μg m⁻³", "ug m^-3"])
def test_a_right_unit_may_be_spelled_in_many_ways(unit):
    data = dataset(hours())
    data["pm25_ugm3"].attrs["units"] = unit
    labelled.hourly_aqi(data)


def test_a_series_of_an_unknown_item_or_in_another_unit_is_refused():
    series = hours()["o3_ugm3"]
    with pytest.raises(ValueError, match="the item is 'ozone', expected one of"):
        labelled.moving_mean(series.rename("ozone"), 8, min_count=1)
    with pytest.raises(ValueError, match="o3_ppb is in ppb, expected ug/m3"):
        labelled.mda8(series.rename("o3_ppb"))


def test_a_days_ozone_is_never_taken_from_a_day_mean():
    daily = labelled.daily_values(hours()).rename(columns={"o3_mda8_ugm3": "o3_ugm3"})
    with pytest.raises(ValueError, match=r"o3_mda8_ugm3.*does not say that it is"):
        labelled.daily_aqi(daily)
    with pytest.raises(ValueError, match="days of day have the time zone Asia/Shanghai"):
        labelled.daily_aqi(labelled.daily_values(hours()).tz_localize(ZONE))


def test_an_item_outside_the_plan_may_be_absent_and_makes_no_na():
    frame = hours().drop(columns="so2_ugm3")
    made = labelled.hourly_aqi(frame, in_plan=[item for item in ITEMS if item != "so2"])
    assert made["aqi"].notna().all() and (made["missing"] == "").all()
    with pytest.raises(ValueError, match="in_plan is"):
        labelled.hourly_aqi(frame, in_plan="pm25")


def test_a_dataset_whose_time_is_not_named_is_refused():
    with pytest.raises(ValueError, match=r"dimensions are time, expected hour_end \(ends of hours, UTC\)"):
        labelled.hourly_aqi(dataset(hours()).rename(hour_end="time"))
    with pytest.raises(ValueError, match="expected hour_end"):
        labelled.daily_values(dataset(hours()).rename(hour_end="time"))


def test_missing_stays_missing_and_simulated_stays_said():
    frame = hours()
    frame.iloc[2] = np.nan
    made = labelled.hourly_aqi(frame.assign(simulated=True))
    assert np.isnan(made["aqi"].iloc[2]) and made["level"].iloc[2] == 0
    assert made["missing"].iloc[2] == "so2,no2,co,o3,pm10,pm25"
    assert made.attrs["simulated"] == 1
    assert labelled.daily_values(dataset(frame).assign_attrs(simulated=1)).attrs["simulated"] == 1


def test_limits_of_a_date_of_an_edition_and_of_all():
    assert labelled.limits("2026-03-01").loc[("2026T", "pm25", "year"), "grade2"] == 30
    assert labelled.limits(edition="2031").loc[("2031", "pm25", "year"), "grade2"] == 25
    side_by_side = labelled.limits()["grade2"].unstack("edition").loc[("pm25", "day")]
    assert side_by_side.to_dict() == {"2012": 75, "2026T": 60, "2031": 50}
    with pytest.raises(ValueError, match="expected one of them"):
        labelled.limits("2026-03-01", edition="2012")
