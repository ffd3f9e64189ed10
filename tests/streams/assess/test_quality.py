"""Quality flags: each kind finds what it is for, leaves ordinary air alone, and never looks far."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from standards.pollutants import ITEMS
from streams.assess.quality import (
    IMPOSSIBLE,
    KINDS,
    LOOKAHEAD,
    LOOKBACK,
    UNLIKELY,
    flag_text,
    invalid_items,
    judge,
    load_rules,
    pack,
    quality_flags,
    unpack,
)  # fmt: skip
from streams.assess.quality_rules import LIMITS
from streams.store.schema import air_station_hour
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
        ([50, 52, 49, 90, 51], []),  # a step of 39, less than the jump of 30 and 0.2 of 51
        ([50, 52, 49, 200, NAN], []),  # not known whether it stayed
        ([50, 52, NAN, 200, NAN, 51], [3]),  # an hour that is missing hides nothing
        ([50, 52, 49, 200], []),  # the next hour has not come yet
        ([10, 160, 20, 120, 30, 20], [1]),  # as restless before: the second does not stand out
        ([200, 51, 50], []),
    ],
)
def test_a_spike_is_one_hour_far_from_both_sides(series, hours):
    assert flagged(series, "spike") == hours


def test_a_step_that_all_stations_make_is_no_spike():
    # Fireworks: everybody goes up and down again, one of them somewhat higher.
    assert flagged([[50, 52, 49, 400, 51], *[[50, 51, 50, 380, 52]] * 4], "spike") == []
    assert flagged([[50, 52, 49, 400, 51], *[[50, 51, 50, 60, 52]] * 4], "spike") == [3]


@pytest.mark.parametrize(
    ("series", "hours"),
    [
        # Noise of 3.7 at 30: an equal hour has a chance of 1 in 9, two of 1 in 84, three of 1 in 770 (4.5 is 1 in 90).
        ([25, 30, 30, 30, 30, 30, 30, 31], [2, 3, 4, 5, 6]),  # found at the fourth equal hour, and two hours back
        ([30, 30, 30, 30, 31], [1, 2, 3]),
        ([30, 30, 30, 31], []),
        ([30, 30, NAN, 30, 30, 30, 30], [4, 5, 6]),
        ([6] * 30, []),  # small whole numbers repeat by themselves
        ([40.3, 40.3, 40.3, 41], [0, 1, 2]),  # tenths do so more seldom
    ],
)
def test_equal_hours_are_stuck_when_chance_does_not_explain_them(series, hours):
    assert flagged(series, "stuck") == hours


def test_hours_of_nothing_are_stuck_where_others_measure_something():
    around = [[40, 41, 39, 42, 40, 41, 43, 40], [38, 39, 40, 41, 40, 39, 38, 40]] * 2
    assert flagged([[0] * 8, *around], "stuck") == [3, 4, 5, 6, 7], "from the sixth on, and two back"
    assert flagged([[0] * 8, *[[15] * 3 + [16] * 5] * 4], "stuck") == []
    assert flagged([[0] * 8], "stuck") == []


def test_carbon_monoxide_in_tenths_may_stand_still_unless_the_neighbours_move():
    assert flagged([0.6] * 26, "stuck", CO) == []
    around = [[0.6, 0.7, 0.9, 1.1, 1.2, 1.1]] * 4
    assert flagged([[0.6] * 6, *around], "stuck", CO) == [0, 1, 2, 3, 4, 5]
    assert flagged([[0.6] * 6, *[[0.6, 0.6, 0.6, 0.7, 0.7, 0.7]] * 4], "stuck", CO) == []


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
    assert quality_flags(np.zeros((6, 2, 0))).shape == (len(KINDS), 6, 2, 0)
    assert not judge(np.full((6, 5, 40), NAN)).flags.any()


def test_flags_pack_into_one_number_and_read_as_words():
    flags = np.zeros((len(KINDS), len(ITEMS), 2, 3), bool)
    flags[KINDS.index("spike"), PM25, 1, 2] = flags[KINDS.index("stuck"), O3, 1, 2] = True
    code = pack(flags)
    assert (code.dtype, code.shape) == (np.int64, (2, 3))
    assert flag_text(int(code[1, 2])) == "spike:pm25 stuck:o3"
    assert flag_text(0) == ""
    np.testing.assert_array_equal(unpack(code), flags)
    everything = pack(np.ones_like(flags))
    np.testing.assert_array_equal(unpack(everything), np.ones_like(flags))
    assert len(flag_text(int(everything[0, 0]))) <= air_station_hour.c.flags.type.length


def test_thresholds_are_dated_and_incomplete_ones_are_refused(tmp_path):
    shipped = load_rules()
    assert load_rules(dt.date(2023, 1, 1)).high[PM25, 0, 0] == shipped.high[PM25, 0, 0] == 2000
    with pytest.raises(ValueError, match="no line for low of so2, low of no2"):
        load_rules(dt.date(1999, 1, 1))
    bare = tmp_path / "limits.csv"
    bare.write_text(LIMITS.read_text(encoding="utf-8").replace("a concentration is not negative", ""), encoding="utf-8")
    with pytest.raises(ValueError, match="has no source, expected one in every line"):
        load_rules(path=bare)


def test_of_four_years_at_six_stations_few_hours_are_flagged():
    columns = ["SO2", "NO2", "CO", "O3", "PM10", "PM2.5"]
    files = sorted(real("uci_beijing_prsa").glob("*.csv"))
    values = np.stack([pd.read_csv(path, usecols=columns)[columns].to_numpy().T for path in files], axis=1)
    values[CO] /= 1000  # ug/m3 in the file
    per_10000 = dict(zip(KINDS, quality_flags(values).mean(axis=(2, 3)) * 1e4, strict=True))
    assert all((per_10000[kind] < 1).all() for kind in IMPOSSIBLE)
    assert (per_10000["spike"] < 45).all() and (per_10000["apart"] < 40).all()
    # Published values do stand still: CO in tenths of a milligram, ozone at night.
    assert (np.delete(per_10000["stuck"], CO) < 200).all() and per_10000["stuck"][CO] < 400
    assert (per_10000["inverted"] < 150).all()


PM10, SO2 = ITEMS.index("pm10"), ITEMS.index("so2")
CALM = np.array([5.0, 20.0, 0.5, 80.0, 60.0, 40.0])[:, None, None]


def air(stations: int = 7, hours: int = 24) -> np.ndarray:
    """Make ordinary hours, alike at all stations and a little restless: whole numbers, CO in tenths."""
    wave = np.rint(4 * np.sin(np.arange(hours) * 2.1))[None, None, :] * np.array([0.2, 1, 0, 2, 1.5, 1])[:, None, None]
    return np.rint((CALM + wave + np.zeros((6, stations, hours))) * 10) / 10


def told(values, station: int, hour: int, **options) -> str:
    return flag_text(int(judge(values, **options).flags[station, hour]))


def believed(values, item: int, **options) -> list[tuple[int, int]]:
    """Name the stations and hours of an item that have a value and are not believed."""
    gone = np.isnan(judge(values, **options).values[item]) & ~np.isnan(values[item])
    return [(int(s), int(h)) for s, h in np.argwhere(gone)]


@pytest.mark.parametrize(
    ("item", "value", "kind"),
    [(PM25, 9999, "range"), (O3, 999, "sentinel"), (PM10, 9999, "sentinel"), (PM25, 985, "sentinel"), (SO2, 999, "sentinel"),
     (CO, 500, "range"), (CO, 99.9, "sentinel"), (CO, 9.999, "sentinel"), (PM25, -5, "range"), (PM25, 99999, "range")],
)  # fmt: skip
def test_a_number_that_stands_for_nothing_is_set_aside_and_judges_nobody(item, value, kind):
    values = air()
    values[item, 2, 9] = value
    assert believed(values, item) == [(2, 9)]
    assert f"{kind}:{ITEMS[item]}" in told(values, 2, 9).replace(",", " ")
    missing = values.copy()
    missing[item, 2, 9] = NAN
    with_it, without = judge(values), judge(missing)
    with_it.flags[2, 9] = without.flags[2, 9]
    np.testing.assert_array_equal(with_it.flags, without.flags)
    np.testing.assert_array_equal(with_it.values, without.values)


def test_an_impossible_value_says_also_that_it_is_a_spike_and_apart():
    values = air()
    values[PM25, 0, 9] = 9999
    assert told(values, 0, 9) == "range:pm25 spike:pm25 apart:pm25"


def test_in_a_dust_storm_a_full_scale_is_a_measurement():
    values = air()
    values[PM10, :, 8:14] = np.array([400, 700, 900, 950, 800, 500])
    values[PM10, 3, 10:12] = 985, 999
    assert believed(values, PM10) == []
    alone = values[:, 3:4].copy()
    assert believed(alone, PM10) == [], "the hours beside it say so"
    alone[PM10, 0, [*range(5, 10), *range(12, 15)]] = 60
    assert believed(alone, PM10) == [(0, 10), (0, 11)]


def test_a_run_of_fills_excuses_itself_not_even_where_nobody_else_measures():
    values = air(1)
    values[O3, 0, 3:20] = 999
    assert believed(values, O3) == [(0, h) for h in range(3, 20)]
    values[O3] = 999
    assert len(believed(values, O3)) == 24


@pytest.mark.parametrize("factor", [1000, 1 / 1000])
def test_a_station_in_another_unit_is_set_aside_among_others_that_agree(factor):
    values = air()
    values[PM25, 4] = np.rint(values[PM25, 4]) * factor
    values[CO, 5] *= factor
    assert believed(values, PM25) == [(4, h) for h in range(24)]
    assert believed(values, CO) == [(5, h) for h in range(24)]
    assert invalid_items(told(values, 4, 12)) == {"pm25"} and invalid_items(told(values, 5, 12)) == {"co"}


def test_a_station_of_which_all_items_are_in_another_unit_is_set_aside_with_all_of_them():
    for factor in (1000, 1 / 1000):
        values = air()
        values[:, 4] = np.round(values[:, 4], 1) * factor
        assert all(believed(values, item) == [(4, h) for h in range(24)] for item in range(6))


def test_a_whole_feed_in_milligrams_is_seen_by_what_the_air_can_be():
    values = air()
    values[PM25] /= 1000
    assert believed(values, PM25) == [(s, h) for s in range(7) for h in range(24) if h >= 1], "from the third hour on"
    values = air()
    values[CO] = np.linspace(120, 145, 24)  # ug/m3, all within the range of mg/m3
    assert believed(values, CO) == [(s, h) for s in range(7) for h in range(24) if h >= 4]


def test_clean_air_and_detection_limits_are_no_other_unit():
    values = air()
    values[PM25, 1] = [0.4, 0.9, 1.2, 0.3] * 6  # a sensor after rain, in tenths
    values[O3, :, :8] = 0.2142  # a tenth of a ppb, said again and again
    values[SO2, 2] = 0.05
    assert believed(values, PM25) == believed(values, O3) == believed(values, SO2) == []


def test_a_dead_station_is_set_aside_with_all_its_items():
    values = air()
    values[:, 2, 6:] = values[:, 2, 5:6]
    dead = [(2, h) for h in range(8, 24)]
    assert all(believed(values, item) == dead for item in range(6) if item != CO)
    values = air()
    values[:, 2, 10:] = 0
    values[SO2, 2] = NAN
    assert believed(values, PM25) == [(2, h) for h in range(10, 24)]
    assert "dead:no2,co,o3,pm10,pm25" in told(values, 2, 12)


def test_where_all_stations_stand_still_nobody_is_dead():
    still = np.broadcast_to(CALM, (6, 7, 24)).copy()
    assert believed(still, PM25) == []
    assert judge(still[:, :1]).values is not None and believed(still[:, :1], PM25) == []


def test_what_a_person_has_reviewed_counts_and_keeps_its_flag():
    values, reviewed = air(), np.zeros((7, 24), bool)
    values[PM25, 0, 9] = 9999
    reviewed[0, 9] = True
    found = judge(values, reviewed=reviewed)
    assert found.values[PM25, 0, 9] == 9999
    assert flag_text(int(found.flags[0, 9])).startswith("range:pm25")
    assert found.suspect[0, 9] == 0


def test_suspect_items_are_those_that_count_and_are_unlikely():
    values = air()
    values[PM25, 0, 9], values[O3, 0, 9], values[PM10, 0, 9] = 300, 999, 450
    found = judge(values)
    assert flag_text(int(found.flags[0, 9])) == "spike:o3,pm10,pm25 apart:o3,pm10,pm25 sentinel:o3"
    assert found.suspect[0, 9] == 1 << PM25 | 1 << PM10
    assert not found.suspect[1:].any()


def test_more_fine_dust_than_dust_is_named_and_kept():
    values = air()
    values[PM25, 3, 5], values[PM10, 3, 5] = 100, 60
    found = judge(values)
    assert "inverted:pm10,pm25" in told(values, 3, 5)
    assert found.values is values
    values[PM25, 3, 5] = 90
    assert "inverted" not in told(values, 3, 5), "less than a fifth and 20 ug/m3 more"


def test_the_invalid_items_of_a_row_are_read_from_its_flags():
    assert invalid_items("range:pm25 sentinel:o3,co spike:pm10") == {"pm25", "o3", "co"}
    assert invalid_items("") == invalid_items(None) == frozenset()


def test_what_is_judged_is_never_changed():
    values = air()
    values[PM25, 0, 9] = 9999
    before = values.copy()
    judge(values)
    np.testing.assert_array_equal(values, before)
    assert (LOOKBACK, LOOKAHEAD) == (24, 5) and set(IMPOSSIBLE) | set(UNLIKELY) == set(KINDS)
