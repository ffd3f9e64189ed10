"""Quality flags: each kind finds what it is for, leaves ordinary air alone, and never looks far."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from standards.pollutants import ITEMS
from streams.assess.quality import KINDS, LOOKBACK, flag_text, load_rules, pack, quality_flags, unpack
from tests.streams.real_data import real

PM25, O3, CO = ITEMS.index("pm25"), ITEMS.index("o3"), ITEMS.index("co")
NAN = np.nan
pytestmark = pytest.mark.filterwarnings("error")


def flagged(series, kind: str, item: int = PM25, station: int = 0) -> list[int]:
    """Give the hours a kind flags at one station; series is (hour,) or (station, hour) of one item."""
    rows = np.atleast_2d(np.array(series, float))
    values = np.full((len(ITEMS), *rows.shape), NAN)
    values[item] = rows
    flags = quality_flags(values)
    assert not flags[:, [i for i in range(len(ITEMS)) if i != item]].any()
    return np.flatnonzero(flags[KINDS.index(kind), item, station]).tolist()


def test_a_value_outside_the_range_is_flagged_and_its_edges_are_not():
    assert flagged([0, 2000, 2000.5, NAN, 50], "range") == [2]


@pytest.mark.parametrize(
    ("series", "hours"),
    [
        ([50, 52, 49, 200, 51], [3]),  # up and down again
        ([150, 152, 149, 10, 151], [3]),  # down and up again
        ([50, 52, 49, 200, 190], []),  # it stays
        ([50, 52, 49, 128, 51], []),  # a step of 79 and 77, less than the jump of 80
        ([50, 52, 49, 200, NAN], []),  # not known whether it stayed
        ([50, 52, NAN, 200, 51], []),
        ([50, 52, 49, 200], []),  # the next hour has not come yet
        ([10, 90, 20, 140, 30, 20], []),  # as restless before: no single hour stands out
        ([200, 51, 50], []),
    ],
)
def test_a_spike_is_one_hour_far_from_both_sides(series, hours):
    assert flagged(series, "spike") == hours


@pytest.mark.parametrize(
    ("series", "hours"),
    [
        ([30, 40, 40, 40, 40, 40, 40, 41], [5, 6]),  # the fifth equal hour and those after it
        ([40, 40, 40, 40, 41], []),
        ([40, 40, NAN, 40, 40, 40, 40], []),
        ([8] * 30, []),  # small whole numbers repeat by themselves
    ],
)
def test_equal_hours_are_stuck_from_the_fifth_on(series, hours):
    assert flagged(series, "stuck") == hours


def test_carbon_monoxide_in_tenths_may_stand_still_for_a_night():
    assert flagged([0.6] * 23 + [0.7], "stuck", CO) == []
    assert flagged([0.6] * 26, "stuck", CO) == [23, 24, 25]


def test_a_station_far_from_three_others_that_agree_stands_apart():
    assert flagged([[300], [60], [66], [70]], "apart") == [0]
    assert flagged([[300], [60], [66], [NAN]], "apart") == []  # two others are too few
    assert flagged([[300], [60], [66]], "apart") == []
    assert flagged([[300], [60], [180], [250], [120]], "apart") == []  # nobody agrees
    assert flagged([[150], [60], [66], [70]], "apart") == []  # 82 from the median of 68, less than the gap of 100


def test_a_station_is_judged_by_its_like_and_by_nobody_else():
    points, micro = [60, 66, 70, 62], [150, 160, 158, 155, 152]  # sensors in humid air: all read high together
    values = np.full((len(ITEMS), 10, 1), NAN)
    values[PM25, :, 0] = [*points, *micro, 300]
    everybody, like = np.arange(9), (np.array([0, 1, 2, 3, 9]), np.arange(4))  # the last is a super-site
    sensors = np.arange(4, 9)

    def apart(*neighbours) -> list[int]:
        return np.flatnonzero(quality_flags(values, neighbours=neighbours)[KINDS.index("apart"), PM25, :, 0]).tolist()

    assert apart(like) == [9]
    assert apart((everybody, np.arange(4))) == [], "150 to 160 are within 100 of 64, and the gap is 100"
    values[PM25, 4:9] += 100
    assert apart((everybody, np.arange(4))) == [4, 5, 6, 7, 8]
    assert apart((sensors, sensors)) == []
    values[PM25, 6] = 900
    assert apart(like, (sensors, sensors)) == [6, 9]
    assert apart() == []


def test_a_judge_needs_three_stations_beside_the_one_it_judges():
    values = np.full((len(ITEMS), 4, 1), NAN)
    values[PM25, :, 0] = [60, 62, 64, 400]
    three, site = np.arange(3), np.array([0, 1, 2, 3])
    assert np.argwhere(quality_flags(values, neighbours=((site, three),))).tolist() == [
        [KINDS.index("apart"), PM25, 3, 0]
    ]
    assert not quality_flags(values[:, 1:], neighbours=((np.array([0, 1, 2]), np.array([0, 1])),)).any()
    values[PM25, 0] = NAN
    assert not quality_flags(values, neighbours=((site, three),)).any()


def test_what_is_missing_is_never_flagged():
    assert not quality_flags(np.full((6, 5, 40), NAN)).any()
    assert quality_flags(np.zeros((6, 2, 0))).shape == (4, 6, 2, 0)


def test_flags_pack_into_one_number_and_read_as_words():
    flags = np.zeros((len(KINDS), len(ITEMS), 2, 3), bool)
    flags[KINDS.index("spike"), PM25, 1, 2] = flags[KINDS.index("stuck"), O3, 1, 2] = True
    code = pack(flags)
    assert (code.dtype, code.shape) == (np.int32, (2, 3))
    assert flag_text(int(code[1, 2])) == "spike:pm25 stuck:o3"
    assert flag_text(0) == ""
    np.testing.assert_array_equal(unpack(code), flags)
    everything = pack(np.ones_like(flags))
    np.testing.assert_array_equal(unpack(everything), np.ones_like(flags))
    # The store keeps 120 characters.
    assert len(flag_text(int(everything[0, 0]))) <= 120


def test_thresholds_are_dated_and_incomplete_ones_are_refused(tmp_path):
    shipped = load_rules()
    assert load_rules(dt.date(2023, 1, 1)).high[PM25, 0, 0] == shipped.high[PM25, 0, 0] == 2000
    with pytest.raises(ValueError, match="no line for co, no2"):
        load_rules(dt.date(1999, 1, 1))
    with pytest.raises(ValueError, match=f"expected 2 to {LOOKBACK + 1}"):
        dataclasses.replace(shipped, stuck_hours=shipped.stuck_hours + 1)


def test_of_four_years_at_six_stations_few_hours_are_flagged():
    columns = ["SO2", "NO2", "CO", "O3", "PM10", "PM2.5"]
    files = sorted(real("uci_beijing_prsa").glob("*.csv"))
    values = np.stack([pd.read_csv(path, usecols=columns)[columns].to_numpy().T for path in files], axis=1)
    values[CO] /= 1000  # ug/m3 in the file
    per_10000 = quality_flags(values).mean(axis=(2, 3)) * 1e4
    assert (per_10000[KINDS.index("range")] == 0).all()
    assert (per_10000[KINDS.index("spike")] < 5).all()
    assert (np.delete(per_10000[KINDS.index("stuck")], O3) < 2).all()
    assert (per_10000[KINDS.index("apart")] < 40).all()
