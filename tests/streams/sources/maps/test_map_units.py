"""Units of tables: spellings, and what values become."""

from __future__ import annotations

import numpy as np
import pytest

from streams.sources.maps.units import converted, unit_of, why_not

AFTER, BEFORE = np.array([438_000]), np.array([400_000])
"""2019-12-20 and 2015-08-19: after and before 2018-09-01."""


@pytest.mark.parametrize(
    "text",
    [
        "ug/m3", "μg/m3", "µg/m³", "μg/m³", "ug m-3", "µg m⁻³", "ug/m^3", "UG/M3", "微克/立方米", "微克每立方米", "μg·m-3",
        "ug*m-3", "Micrograms/cubic meter (LC)", "micrograms per cubic metre", " ug / m3 ", "μｇ／ｍ³", "mcg/m3", "ugm3",
        "渭g/m3", "ug.m-3",
    ],
)  # fmt: skip
def test_a_microgram_is_known_however_it_is_written(text: str) -> None:
    assert unit_of(text).per_unit == 1.0 and not unit_of(text).is_mixing_ratio


@pytest.mark.parametrize(
    ("text", "per_unit"),
    [("mg/m3", 1e3), ("毫克/立方米", 1e3), ("ng/m3", 1e-3), ("g/m3", 1e6), ("kg m-3", 1e9), ("纳克/立方米", 1e-3)],
)
def test_a_mass_is_as_large_as_its_prefix_says(text: str, per_unit: float) -> None:
    assert unit_of(text).per_unit == per_unit


@pytest.mark.parametrize(
    ("text", "fraction"),
    [("ppb", 1e-9), ("PPBV", 1e-9), ("ppm", 1e-6), ("Parts per billion", 1e-9), ("Parts per million", 1e-6), ("nmol/mol", 1e-9),
     ("nmol mol-1", 1e-9), ("umol/mol", 1e-6), ("ppt", 1e-12)],
)  # fmt: skip
def test_a_mixing_ratio_is_known_however_it_is_written(text: str, fraction: float) -> None:
    assert unit_of(text).per_unit == fraction and unit_of(text).is_mixing_ratio


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ug",
        "m3",
        "ug/m2",
        "ug/Nm3",
        "ug/m3 (STP)",
        "deg C",
        "1",
        "ug/m-3",
        "ug m3",
        "g",
        "μ",
        "ppq",
        "AQI",
        "ug/ft3",
    ],
)
def test_what_is_no_concentration_is_none(text: str) -> None:
    assert unit_of(text) is None


@pytest.mark.parametrize(
    ("item", "text", "hours", "value", "right"),
    [
        # M p / (R T): 46.0055 g/mol at 298.15 K and 1013.25 hPa is 1.8804 ug/m3 per ppb (1.9125 at 293 K).
        ("no2", "ppb", AFTER, 10, 18.804),
        ("o3", "ppb", AFTER, 10, 19.619),
        ("so2", "ppb", AFTER, 10, 26.187),
        ("co", "ppm", AFTER, 1, 1.1449),
        # Before 2018-09-01 at 273 K: the same air weighs 298.15/273 as much in a cubic metre.
        ("no2", "ppb", BEFORE, 10, 18.804 * 298.15 / 273),
        ("co", "ug/m3", AFTER, 700, 0.7),
        ("pm25", "mg/m3", AFTER, 0.035, 35),
        ("o3", "ug/m3", BEFORE, 100, 100),
        ("o3", "Micrograms/cubic meter (25 C)", AFTER, 100, 100),
        ("o3", "Micrograms/cubic meter (25 C)", BEFORE, 100, 100 * 298.15 / 273),
    ],
)
def test_values_are_told_in_the_unit_and_at_the_state_of_their_day(
    item: str, text: str, hours: np.ndarray, value: float, right: float
) -> None:
    np.testing.assert_allclose(converted(np.array([float(value)]), hours, item, unit_of(text)), [right], rtol=1e-4)


def test_gases_that_are_told_at_20_degrees_are_brought_to_the_reference_state() -> None:
    found = converted(np.array([100.0]), AFTER, "o3", unit_of("ug/m3"), 293.15)
    np.testing.assert_allclose(found, [100 * 293.15 / 298.15])
    np.testing.assert_allclose(converted(np.array([100.0]), AFTER, "pm10", unit_of("ug/m3"), 293.15), [100])


def test_particles_have_neither_mixing_ratios_nor_a_temperature_of_a_laboratory() -> None:
    assert (
        why_not("ppb", "pm25")
        and why_not("Micrograms/cubic meter (25 C)", "pm10")
        and not why_not("ug/m3 (LC)", "pm10")
    )
    assert not why_not("Micrograms/cubic meter (25 C)", "so2") and why_not("nonsense", "so2")
