"""What a model gives has a name and a unit on the page, in both languages: a reader knows no columns."""

from __future__ import annotations

import re

import pytest

from dashboards.components.quantities import GROUPS, group_of, named, unit_written
from dashboards.text import Text
from standards.pollutants import POLLUTANTS

HOURS = [p.column for p in POLLUTANTS.values()]
DAYS = [c.replace("_", "_day_") if c != "o3_ugm3" else "o3_mda8_ugm3" for c in HOURS]
QUANTILES = [f"{name}_q{level}" for name in (*HOURS, *DAYS, "aqi_day") for level in ("10", "50", "90")]
CHANCES = [*(f"level{n}_day_pct" for n in range(1, 7)), *(f"primary_{i}_day_pct" for i in POLLUTANTS), "heavy_day_pct"]
GIVEN = [*HOURS, *DAYS, *QUANTILES, *CHANCES, "heavy_day_called"]
"""All that the job's models give of a run (ml.forecast.serving)."""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_whatever_a_model_gives_has_a_name_of_its_own_without_code(lang):
    names = [named(Text(lang), code) for code in GIVEN]
    assert not [name for name, _ in names if re.search(r"_|ugm3|mgm3|pct", name)]
    assert len({name for name, _ in names}) == len(GIVEN)


@pytest.mark.parametrize(
    ("code", "zh", "en", "unit"),
    [
        ("co_mgm3", "CO 小时值", "CO, hour", "mg/m³"),
        ("pm25_day_ugm3_q90", "PM₂.₅ 日均值（90% 分位）", "PM₂.₅, day (90 % quantile)", "µg/m³"),
        ("o3_mda8_ugm3", "O₃ 日最大 8 小时", "O₃, largest 8 hours of the day", "µg/m³"),
        # GB 3095 and HJ 633, the fifth level of six.
        ("level5_day_pct", "当日为“重度污染”的概率", "Probability of a day “Heavily polluted”", "%"),
        ("primary_o3_day_pct", "首要污染物为 O₃ 的概率", "Probability that O₃ is the primary pollutant", "%"),
        ("aqi_day_q50", "AQI 日值（50% 分位）", "AQI of the day (50 % quantile)", ""),
        ("heavy_day_called", "是否判为重污染日（1 是，0 否）", "Called a heavy day (1 yes, 0 no)", ""),
        ("something_pct", "something_pct", "something_pct", ""),
        ("soot_day_ugm3", "soot_day_ugm3", "soot_day_ugm3", ""),
    ],
)
def test_a_quantity_is_named_with_its_unit_and_an_unknown_one_stands_for_itself(code, zh, en, unit):
    assert named(Text("zh"), code) == (zh, unit) and named(Text("en"), code) == (en, unit)


def test_a_unit_is_written_as_people_do():
    assert [unit_written(each) for each in ("ug m-3", "mg m-3", "m s-1", "hPa")] == ["µg/m³", "mg/m³", "m/s", "hPa"]


def test_all_that_a_model_gives_falls_into_groups_that_can_be_read():
    groups = {name: [code for code in GIVEN if group_of(code) == name] for name in GROUPS}
    assert sum(map(len, groups.values())) == len(GIVEN) and groups["other"] == []
    assert set(groups["hour"]) == {*HOURS, *(f"{name}_q{q}" for name in HOURS for q in (10, 50, 90))}
    assert len(groups["level"]) == 6 + 2 and len(groups["primary"]) == len(POLLUTANTS)
    assert group_of("soot") == "other"
