"""Units of forecast variables: any spelling of a product is read, and no text raises or takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sources.forecasts.units import unit_of
from streams.sources.forecasts.variables import conversion
from streams.sources.tally import Unusable
from tests.streams.sources.forecasts.making import plain, read, series

# 40 ppb of ozone are 40 x 47.998 / 24.465 = 78.48 ug/m3 at 298.15 K and 1013.25 hPa; 40 ug/kg of air are
# 40 x 28.9647 / 24.465 = 47.36 ug/m3.
PPB, PER_KG = 78.477, 47.357


@pytest.mark.parametrize(
    ("units", "value", "expected"),
    [
        ("nmol mol-1", 40, PPB),
        ("mol mol-1 dry", 40e-9, PPB),
        ("µg/m³", 40, 40),
        ("ppbv", 40, PPB),
        ("ppb", 40, PPB),
        ("ppmV            ", 0.04, PPB),
        ("PPBV", 40, PPB),
        ("pptv", 40_000, PPB),
        ("1e-9", 40, PPB),
        ("1.e-9", 40, PPB),
        ("10^-9 mol/mol", 40, PPB),
        ("nmol.mol^-1", 40, PPB),
        ("nanomol/mol", 40, PPB),
        ("umol mol**-1", 0.04, PPB),
        ("mole mole-1", 40e-9, PPB),
        ("m3 m-3", 40e-9, PPB),
        ("uL/L", 0.04, PPB),
        ("mol/mol dry air", 40e-9, PPB),
        ("μg m⁻³", 40, 40),
        ("μg·m⁻³", 40, 40),
        ("ug.m-3", 40, 40),
        ("ug m^-3", 40, 40),
        ("ug m**-3", 40, 40),
        ("UG/M3", 40, 40),
        ("micrograms/m3", 40, 40),
        ("micrograms/m**3", 40, 40),
        ("microg m-3", 40, 40),
        ("ug * m-3", 40, 40),
        ("mg m-3", 0.04, 40),
        ("ng/m3", 40_000, 40),
        ("1e-9 kg m-3", 40, 40),
        ("ug/(m3)", 40, 40),
        ("ug per m3", 40, 40),
        ("微克/立方米", 40, 40),
        ("mg L-1", 40e-6, 40),
        ("kg kg**-1", 40e-9, PER_KG),
        ("ug/kg-dryair", 40, PER_KG),
        ("1e-9 kg/kg", 40, PER_KG),
        ("mg/kg", 0.04, PER_KG),
    ],
)
def test_ozone_in_any_spelling_of_its_unit_has_one_value(tmp_path, units, value, expected) -> None:
    parsed = read(tmp_path, plain("O3", units, value))
    assert parsed.rejected == [] and series(parsed)[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    "units",
    [
        "1", "", "K", "ppbC", "ugN m-3", "ug(N) m-3", "DU", "mol m-2", "kg m-2", "ug m-3 h-1", "ug/m-3", "kg", "furlongs",
        "m**9**9**9", "ug m-3 (daily mean)", "%", "-", "unknown", "2", "inf", "nan m", "0 m", "1e99999", "(" * 50, "m" * 5000,
    ],
)  # fmt: skip
def test_a_unit_that_ozone_cannot_have_is_refused_and_says_what_it_can(tmp_path, units) -> None:
    parsed = read(tmp_path, plain("O3", units))
    (reject,) = parsed.rejected
    assert parsed.blocks == [] and reject.position == "variable O3" and reject.reason in ("unknown unit", "no unit")
    assert "ppbv" in reject.expected and "ug m-3" in reject.expected


def test_a_unit_of_a_thousand_times_as_much_is_found_out(tmp_path) -> None:
    # Mg is a megagram in UDUNITS; no air holds 40 t of ozone in a cubic metre.
    (reject,) = read(tmp_path, plain("O3", "Mg m-3")).rejected
    assert "unit is not what it says" in reject.reason


@pytest.mark.parametrize(
    ("name", "units", "value", "variable", "expected"),
    [
        ("T2", "°C", 7, "temperature_c", 7), ("T2", "℃", 7, "temperature_c", 7), ("T2", "deg C", 7, "temperature_c", 7),
        ("T2", "degrees Celsius", 7, "temperature_c", 7), ("T2", "KELVIN", 280.15, "temperature_c", 7),
        ("T2", "degF", 44.6, "temperature_c", 7), ("PBLH", "KM", 0.4, "mixing_height_m", 400),
        ("PBLH", "M", 400, "mixing_height_m", 400),
        ("RH2", "percent", 60, "humidity_pct", 60), ("RH2", "1", 0.6, "humidity_pct", 60),
        ("RH2", "kg kg-1", 0.6, "humidity_pct", None), ("T2", "m", 280, "temperature_c", None),
        ("prate", "kg m-2 s-1", 1 / 3600, "rain_mm", 1), ("prate", "mm/s", 1 / 3600, "rain_mm", 1),
        ("prate", "mm h-1", 1, "rain_mm", 1), ("prate", "kg/(m2 s)", 1 / 3600, "rain_mm", 1),
        ("rain_mm", "m of water", 1e-3, "rain_mm", 1),
        ("rain_mm", "kg m-2", 1, "rain_mm", 1),
    ],
)  # fmt: skip
def test_weather_in_any_spelling_of_its_unit_has_one_value(tmp_path, name, units, value, variable, expected) -> None:
    parsed = read(tmp_path, plain(name, units, value))
    if expected is None:
        assert "unknown unit" in parsed.rejected[0].reason and parsed.blocks == []
    else:
        assert parsed.rejected == [] and series(parsed, variable)[1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("units", "value"),
    [("HPA", 950), ("hPa", 950), ("mb", 950), ("millibars", 950), ("kPa", 95), ("N m-2", 95_000), ("PA", 95_000)],
)
def test_pressure_in_any_spelling_of_its_unit_has_one_value(units, value) -> None:
    way = conversion("pressure_pa", "PSFC", {"units": units})
    assert value * way.factor + way.offset == pytest.approx(95_000)


@pytest.mark.parametrize(
    ("standard_name", "units", "value", "expected"),
    [
        ("mole_fraction_of_ozone_in_air", "1", 40e-9, PPB), ("mole_fraction_of_ozone_in_air", "ppb", 40, PPB),
        ("mass_fraction_of_ozone_in_air", "1", 40e-9, PER_KG), ("mass_fraction_of_ozone_in_air", "1e-9", 40, PER_KG),
        ("mass_concentration_of_ozone_in_air", "ug m-3", 40, 40), ("unknown", "ppb", 40, PPB), ("O3", "ppb", 40, PPB),
        ("mole_fraction_of_ozone_in_air", "ug m-3", 40, None), ("mass_concentration_of_ozone_in_air", "ppb", 40, None),
        ("mass_fraction_of_ozone_in_air", "mol mol-1", 40e-9, None), ("mole_fraction_of_ozone_in_air", "kg kg-1", 40e-9, None),
        ("atmosphere_mass_content_of_ozone", "kg m-2", 40, None), ("tendency_of_ozone", "ppb", 40, None),
        ("mole_fraction_of_nitrogen_dioxide_in_air", "ppb", 40, None),
    ],
)  # fmt: skip
def test_a_standard_name_goes_before_name_and_unit_and_may_not_contradict_them(
    tmp_path, standard_name, units, value, expected
) -> None:
    run = plain("O3", units, value)
    run["variables"]["O3"][3]["standard_name"] = standard_name
    parsed = read(tmp_path, run)
    if expected is not None:
        assert parsed.rejected == [] and series(parsed)[0] == pytest.approx(expected, rel=1e-4)
    elif "nitrogen" in standard_name:
        assert series(parsed)[0] != series(parsed)[0]
        assert series(parsed, "no2")[0] == pytest.approx(40 * 46.0055 / 24.465, rel=1e-4)
    else:
        assert "standard_name" in parsed.rejected[0].reason and parsed.blocks == []


def test_an_amount_per_volume_needs_the_state_of_the_air(tmp_path) -> None:
    # 40 ppb at 280.15 K and 95,000 Pa: 40e-9 x 95,000 / (8.314463 x 280.15) = 1.63137e-6 mol/m3.
    run = plain("O3", "mol m-3", 1.63137e-6)
    assert "T2 and PSFC" in read(tmp_path, run).rejected[0].expected
    for name, units, value in (("T2", "K", 280.15), ("PSFC", "Pa", 95_000)):
        run["variables"][name] = plain(name, units, value)["variables"][name]
    assert series(read(tmp_path, run))[0] == pytest.approx(PPB, rel=1e-4)
    # The same in molecules: x 6.02214076e23 / 1e6.
    run["variables"]["O3"] = plain("O3", "molecules cm-3", 1.63137e-6 * 6.02214076e17)["variables"]["O3"]
    assert series(read(tmp_path, run))[0] == pytest.approx(PPB, rel=1e-4)


def test_two_variables_of_one_quantity_are_taken_in_the_order_of_the_table(tmp_path) -> None:
    run = plain("o3_conc", "ug m-3", 11)
    run["variables"]["O3"] = plain("O3", "ug m-3", 40)["variables"]["O3"]
    parsed = read(tmp_path, run)
    assert series(parsed)[0] == pytest.approx(40) and "O3 taken, o3_conc left aside" in parsed.blocks[0].provenance


@settings(max_examples=400, deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["m", "kg", "-3", "**", "^", "/", "(", ")", "9", "e", " ", ".", "µ"]), max_size=60).map(
        "".join
    )
)
def test_no_text_makes_the_reader_of_units_raise_or_wait(text: str) -> None:
    started = time.perf_counter()
    unit = unit_of(text)
    assert time.perf_counter() - started < 2 and (unit is None or 0 < unit.factor < float("inf"))
    try:
        assert conversion("o3", "O3", {"units": text}).factor > 0
    except Unusable as problem:
        assert problem.expected
