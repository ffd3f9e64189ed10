"""The index against worked vectors, computed outside this code in exact rational arithmetic and rounded up."""

from fractions import Fraction

import numpy as np
import pytest

from standards.editions import EDITIONS
from standards.index.aqi import PRIMARY_CODES, aqi_mark, daily_aqi, hourly_aqi, iaqi, primary_codes
from standards.pollutants import ITEMS

E2012, E2026, E2031 = EDITIONS
NAN = float("nan")

# item, period, concentration [ug/m3, CO mg/m3], index under HJ 633-2012, under HJ 633-2026 (NaN: not computed)
VECTORS = [
    ("pm25", "day", 35, 50, 50),
    ("pm25", "day", 36, 52, 52),
    ("pm25", "day", 50, 69, 80),
    ("pm25", "day", 60, 82, 100),
    ("pm25", "day", 61, 83, 101),
    ("pm25", "day", 75, 100, 114),
    ("pm25", "day", 76, 102, 115),
    ("pm25", "day", 115, 150, 150),
    ("pm25", "day", 116, 152, 152),
    ("pm25", "day", 151, 201, 201),
    ("pm25", "day", 612, 500, 500),
    ("pm10", "day", 121, 86, 101),
    ("pm10", "day", 150, 100, 112),
    ("pm10", "day", 151, 101, 112),
    ("o3", "8h", 160, 100, 100),
    ("o3", "8h", 161, 101, 101),
    ("o3", "8h", 187, 125, 125),
    ("o3", "8h", 216, 151, 151),
    ("o3", "8h", 266, 201, 201),
    ("o3", "8h", 800, 300, 300),
    ("o3", "8h", 801, NAN, 300),
    ("so2", "hour", 800, 200, 200),
    ("so2", "hour", 801, NAN, 200),
    ("so2", "day", 12, 12, 12),
    ("no2", "day", 81, 101, 101),
    ("co", "day", 1.25, 30, 30),
    ("co", "day", 1.35, 35, 35),
    ("co", "day", 4.05, 100, 100),
    ("co", "day", 2.2, 55, 55),
    ("co", "hour", 65.4, 218, 218),
    ("o3", "hour", 201, 101, 101),
    ("pm25", "day", 60.5, 82, 100),
    ("pm25", "day", 61.5, 84, 102),
    ("pm25", "day", 60.51, 83, 101),
    ("pm25", "day", 0, 0, 0),
    ("so2", "day", 1e5, 500, 500),
    ("co", "hour", 150.1, 500, 500),
]


@pytest.mark.parametrize(("item", "period", "concentration", "by_2012", "by_2026"), VECTORS)
def test_worked_indices(item, period, concentration, by_2012, by_2026):
    for edition, expected in ((E2012, by_2012), (E2026, by_2026), (E2031, by_2026)):
        assert np.array_equal(iaqi(concentration, item, period, edition=edition), expected, equal_nan=True)


# SO2, NO2, CO, O3 (MDA8), PM10, PM2.5 -> AQI, level, primary by 2012 and by 2026
DAYS = {
    "winter": ((8, 52, 1.1, 40, 135, 98), (129, 3, "pm25"), (135, 3, "pm25")),
    "summer": ((6, 28, 0.7, 187, 58, 33), (125, 3, "o3"), (125, 3, "o3")),
    "clean": ((4, 18, 0.5, 92, 30, 17), (46, 1, ""), (46, 1, "")),
    "tie": ((5, 30, 0.6, 160, 70, 60), (100, 2, "o3"), (100, 2, "o3,pm25")),
    "between the editions": ((6, 35, 0.9, 70, 95, 65), (88, 2, "pm25"), (105, 3, "pm25")),
}


@pytest.mark.parametrize("name", DAYS)
def test_worked_days(name):
    values, *expected = DAYS[name]
    for edition, (aqi, level, primary) in zip((E2012, E2026), expected, strict=True):
        report = daily_aqi(np.array(values), edition=edition)
        assert (report.aqi, report.level, primary_codes(int(report.primary))) == (aqi, level, primary)
        assert report.missing == 0


def test_particles_of_the_winter_day_have_their_own_index():
    values = np.array(DAYS["winter"][0])
    pm10 = ITEMS.index("pm10")
    assert daily_aqi(values, edition=E2012).iaqi[pm10] == 93
    assert daily_aqi(values, edition=E2026).iaqi[pm10] == 106
    assert daily_aqi(np.array(DAYS["summer"][0]), edition=E2012).iaqi[pm10] == 54


@pytest.mark.parametrize(
    ("period", "points"), [("day", (0, 2, 4, 14, 24, 36, 48, 60)), ("hour", (0, 5, 10, 35, 60, 90, 120, 150))]
)
def test_every_co_on_the_grid_is_exact_where_doubles_are_not(period, points):
    ladder = (0, 50, 100, 150, 200, 300, 400, 500)
    tenths = np.arange(points[-1] * 10 + 1)
    segment = np.clip(np.searchsorted(points, tenths / 10, side="right") - 1, 0, 6)
    exact = []
    for t, s in zip(tenths.tolist(), segment.tolist(), strict=True):
        slope = Fraction(ladder[s + 1] - ladder[s], points[s + 1] - points[s])
        exact.append(_ceil(slope * (Fraction(t, 10) - points[s]) + ladder[s]))
    assert iaqi(tenths / 10, "co", period, edition=E2026).tolist() == exact


def _ceil(x: Fraction) -> int:
    return -(-x.numerator // x.denominator)


def row(**missing_or_changed):
    values = dict(zip(ITEMS, (8.0, 52.0, 1.1, 40.0, 60.0, 30.0), strict=True)) | missing_or_changed
    return np.array([values[item] for item in ITEMS])


def test_a_missing_item_makes_na_unless_the_others_exceed_100():
    low = daily_aqi(row(so2=NAN), edition=E2026)
    assert np.isnan(low.aqi) and (low.level, low.primary, low.missing) == (0, 0, 1)
    assert np.isnan(low.iaqi[0]) and np.isfinite(low.iaqi[1:]).all()
    high = daily_aqi(row(so2=NAN, pm25=98.0), edition=E2026)
    assert (high.aqi, high.level, primary_codes(int(high.primary)), high.missing) == (135, 3, "pm25", 1)
    just = daily_aqi(row(so2=NAN, pm25=60.0), edition=E2026)
    assert np.isnan(just.aqi)


def test_an_item_outside_the_plan_makes_no_na():
    in_plan = np.array([item != "so2" for item in ITEMS])
    for so2 in (NAN, 2000.0):
        report = daily_aqi(row(so2=so2), edition=E2026, in_plan=in_plan)
        assert (report.aqi, report.missing) == (65, 0) and np.isnan(report.iaqi[0])
    several = np.repeat(row(so2=NAN)[:, None, None], 2, axis=1).repeat(3, axis=2)
    plan = np.ones((6, 2), dtype=bool)
    plan[0, 0] = False
    report = hourly_aqi(several, edition=E2026, in_plan=plan)
    assert np.isfinite(report.aqi[0]).all() and np.isnan(report.aqi[1]).all()
    assert report.missing.tolist() == [[0, 0, 0], [1, 1, 1]]


def test_nothing_at_all_is_na():
    for in_plan in (None, np.zeros(6, dtype=bool)):
        report = hourly_aqi(np.full((6, 2, 3), NAN), edition=E2012, in_plan=in_plan)
        assert np.isnan(report.aqi).all() and not report.level.any() and not report.primary.any()
        assert (report.missing == (63 if in_plan is None else 0)).all()


def test_the_hourly_report_of_2012_is_the_networks():
    values = row(so2=801.0, pm25=500.0)
    report = hourly_aqi(values, edition=E2012)
    assert (report.iaqi[0], report.aqi) == (200, 500)
    assert np.isnan(iaqi(801, "so2", "hour", edition=E2012))
    assert iaqi(801, "so2", "hour", edition=E2012, network=True) == 200
    with pytest.raises(ValueError, match=r"HJ 633-2012 has no index for 'pm25' over 'hour', expected one of \['day'\]"):
        iaqi(35, "pm25", "hour", edition=E2012)
    assert iaqi(35, "pm25", "hour", edition=E2012, network=True) == 50


@pytest.mark.parametrize("bad", [-0.1, np.inf, -np.inf])
def test_impossible_concentrations_are_refused_by_name(bad):
    with pytest.raises(ValueError, match=rf"no2 is {bad} ug/m3, expected 0 to"):
        hourly_aqi(row(no2=bad), edition=E2026)
    with pytest.raises(ValueError, match=rf"co is {bad} mg/m3, expected 0 to"):
        iaqi(np.array([NAN, bad]), "co", "day", edition=E2026)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"shape \(5, 2\), expected \(6, ...\)"):
        hourly_aqi(np.zeros((5, 2)), edition=E2026)


def test_no_columns_give_no_rows():
    assert hourly_aqi(np.zeros((6, 0)), edition=E2026).aqi.shape == (0,)


def test_marks_and_codes():
    assert [aqi_mark(135.0), aqi_mark(NAN), aqi_mark(NAN, in_plan=False)] == ["135", "NA", "/"]
    assert len(PRIMARY_CODES) == 64
    assert [primary_codes(m) for m in (0, 1, 0b101000, 63)] == ["", "so2", "o3,pm25", ",".join(ITEMS)]
