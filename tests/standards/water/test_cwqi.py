"""The city water-quality index against the worked example of the rules."""

import numpy as np
import pytest

from standards.water.basins import mean_of_sections
from standards.water.classes import BASIC_ITEMS
from standards.water.cwqi import cwqi, cwqi_change, cwqi_city, item_index

NAN = float("nan")
RIVER = {
    "ph": 7.8, "do": 8.2, "codmn": 2.6, "bod5": 1.8, "nh3n": 0.32, "oil": 0.01, "phenol": 0.0003, "hg": 2e-5,
    "pb": 0.001, "cod": 12, "tp": 0.085, "cu": 0.003, "zn": 0.02, "f": 0.28, "se": 4e-4, "as": 0.0012, "cd": 5e-5,
    "cr6": 0.004, "cn": 0.002, "las": 0.04, "s": 0.005,
}  # fmt: skip
LAKE = RIVER | {"tp": 0.04, "codmn": 3.1, "do": 7.6}


def test_the_example_of_the_rules_is_met():
    assert set(RIVER) == set(BASIC_ITEMS)
    assert item_index(7.8, "ph") == pytest.approx(0.4000, abs=5e-5)
    assert item_index(8.2, "do") == pytest.approx(0.6098, abs=5e-5)
    assert cwqi(RIVER) == pytest.approx(4.4101, abs=5e-5)
    assert cwqi(LAKE, water="lake") == pytest.approx(4.9166, abs=5e-5)
    city = cwqi_city(cwqi(RIVER), cwqi(LAKE, water="lake"), river_sections=6, lake_sections=2)
    assert city == pytest.approx(4.5367, abs=5e-5)
    assert cwqi_city(4.4101, 4.9166, river_sections=6, lake_sections=2) == pytest.approx(4.5367, abs=1e-4)


def test_limits_of_class_3_have_the_index_1():
    assert item_index([0.2, 0.1], "tp").tolist() == [1, 0.5]
    assert item_index(0.05, "tp", water="lake") == 1
    assert item_index([5.0, 10.0, 0.0, NAN], "do").tolist() == pytest.approx([1, 0.5, NAN, NAN], nan_ok=True)
    assert item_index([6.0, 6.5, 7.0, 8.0, 9.0], "ph").tolist() == [1, 0.5, 0, 0.5, 1]


def test_half_of_a_detection_limit_counts():
    assert item_index([0.04, 0.04], "nh3n", below_detection=[True, False]).tolist() == [0.02, 0.04]
    lower = cwqi(RIVER, below_detection={"hg": True})
    assert cwqi(RIVER) - lower == pytest.approx(0.5 * 2e-5 / 0.0001)


def test_a_missing_item_leaves_no_index():
    assert np.isnan(cwqi(RIVER | {"tp": NAN}))
    assert np.isnan(cwqi({"tp": 0.1}))
    both = cwqi(RIVER | {"tp": np.array([0.085, NAN])})
    assert both.tolist() == pytest.approx([4.4101, NAN], abs=5e-5, nan_ok=True)


def test_a_city_without_lakes_has_the_index_of_its_rivers():
    assert cwqi_city(4.4, NAN, river_sections=6, lake_sections=0) == pytest.approx(4.4)
    assert np.isnan(cwqi_city(4.4, NAN, river_sections=6, lake_sections=1))
    assert np.isnan(cwqi_city(4.4, 4.9, river_sections=0, lake_sections=0))


def test_change_is_negative_where_the_water_is_better():
    assert cwqi_change([4.0, 5.0, NAN, 1.0], [5.0, 4.0, 5.0, 0.0]).tolist() == pytest.approx(
        [-20, 25, NAN, NAN], nan_ok=True
    )


def test_means_over_sections_leave_out_what_is_missing():
    assert mean_of_sections(np.array([0.1, NAN, 0.3])) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: item_index(1.0, "tn"), "'tn', expected one of ph, do"),
        (lambda: item_index(-1.0, "tp"), "tp is -1 mg/L"),
        (lambda: item_index(20.0, "ph"), "ph is 20, expected 0 to 14"),
        (lambda: cwqi(RIVER | {"tn": 1.0}), "'tn'"),
        (lambda: cwqi({"tp": 0.1}, below_detection={"hg": True}), "'hg'"),
        (lambda: cwqi_city(4.4, 4.9, river_sections=-1, lake_sections=2), "-1 and 2, expected 0 or more"),
        (lambda: cwqi_city(np.inf, 4.9, river_sections=1, lake_sections=2), "river index is inf"),
        (lambda: cwqi_change(4.4, -1), "index before is -1"),
    ],
)
def test_bad_input_gets_a_clear_answer(call, message):
    with pytest.raises(ValueError, match=message):
        call()
