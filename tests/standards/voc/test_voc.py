"""Ozone formation, OH reactivity, aerosol and ageing of volatile organic compounds, against worked examples."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest

from standards.voc.age import initial_concentrations, photochemical_age
from standards.voc.ratios import RATIOS, diagnostic_ratios, read_ratio, readings_at
from standards.voc.reactivity import (
    ofp,
    oh_reactivity,
    propylene_equivalent,
    relative_incremental_reactivity,
    soa_potential,
    to_ppb,
    to_ugm3,
    tvoc,
)
from standards.voc.species import species_named

FOLDER = Path(os.environ.get("AIRSHED_DATA", Path(__file__).parents[4] / "shared" / "data"))
NAN = float("nan")
NAMES = ["ethene", "propene", "toluene", "m,p-xylene", "isoprene"]
PPB = np.array([4.1, 0.9, 2.3, 1.1, 0.35])


def test_the_worked_example_is_met():
    assert to_ugm3(PPB, NAMES).tolist() == pytest.approx([4.701, 1.548, 8.662, 4.774, 0.975], abs=5e-4)
    ozone = ofp(PPB, NAMES, unit="ppb")
    assert ozone.by_species.tolist() == pytest.approx([42.31, 18.05, 34.65, 37.23, 10.34], abs=0.005)
    assert ozone.total == pytest.approx(142.58, abs=0.005) and ozone.unit == "ug O3/m3"
    loss = oh_reactivity(PPB, NAMES, unit="ppb")
    assert loss.by_species.tolist() == pytest.approx([0.860, 0.583, 0.319, 0.506, 0.862], abs=5e-4)
    assert loss.total == pytest.approx(3.129, abs=5e-4) and loss.unit == "1/s"
    total = tvoc(to_ugm3(PPB, NAMES), NAMES, unit="ug/m3")
    assert total.total == pytest.approx(8.75) and total.unit == "ppb"  # 4.1 + 0.9 + 2.3 + 1.1 + 0.35
    age = photochemical_age(1.8, initial_ratio=3.0)
    assert age.exposure == pytest.approx(4.366e10, rel=1e-4) and age.hours == pytest.approx(6.06, abs=0.005)


def test_units_of_the_values_make_no_difference():
    ugm3 = to_ugm3(PPB, NAMES)
    assert to_ppb(ugm3, NAMES).tolist() == pytest.approx(PPB.tolist())
    for function in (ofp, oh_reactivity, propylene_equivalent, soa_potential):
        assert function(ugm3, NAMES, unit="ug/m3").total == pytest.approx(function(PPB, NAMES, unit="ppb").total)


def test_ozone_in_ppb_is_by_molar_mass():
    ozone = ofp([1.0], ["toluene"], unit="ppb", as_ppb=True)
    assert ozone.total == pytest.approx(92.14 / 48 * 4.00) and ozone.unit == "ppb O3"


def test_propylene_equivalents_count_carbon():
    found = propylene_equivalent([1.0, 1.0], ["propene", "toluene"], unit="ppb")
    assert found.by_species.tolist() == pytest.approx([3.0, 7 * 5.63 / 26.3])


def test_aerosol_by_toluene_equivalents_and_by_fac():
    soap = soa_potential([10.0, 10.0], ["toluene", "styrene"], unit="ug/m3")
    assert soap.by_species.tolist() == pytest.approx([10.0, 21.23])
    fac = soa_potential([10.0], ["toluene"], unit="ug/m3", method="fac")
    assert fac.total == pytest.approx(0.54)
    reacted = soa_potential([10.0, 4.0], ["toluene", "benzene"], unit="ug/m3", method="fac", reacted=[0.5, NAN])
    assert reacted.by_species.tolist() == pytest.approx([1.08, NAN], nan_ok=True) and np.isnan(reacted.total)
    pinene = soa_potential([1.0], ["alpha-pinene"], unit="ug/m3", method="fac")
    assert pinene.total == pytest.approx(0.30)


def test_a_missing_coefficient_is_missing_and_counted():
    found = ofp([3.0, 1.0], ["toluene", "bromoform"], unit="ug/m3")
    assert found.by_species.tolist() == pytest.approx([12.0, NAN], nan_ok=True)
    assert found.total == pytest.approx(12.0)
    assert (found.measured, found.species_share, found.mass_share) == (1.0, 0.5, 0.75)
    nothing = ofp([1.0], ["bromoform"], unit="ug/m3")
    assert np.isnan(nothing.total) and nothing.species_share == 0 and nothing.mass_share == 0


def test_a_missing_value_leaves_no_total_unless_a_share_is_enough():
    values = np.array([[3.0, NAN, NAN], [1.0, 1.0, NAN]])
    strict = ofp(values, ["toluene", "benzene"], unit="ug/m3")
    assert strict.total.tolist() == pytest.approx([12.72, NAN, NAN], nan_ok=True)
    loose = ofp(values, ["toluene", "benzene"], unit="ug/m3", least_measured=0.5)
    assert loose.total.tolist() == pytest.approx([12.72, 0.72, NAN], nan_ok=True)
    assert loose.measured.tolist() == [1.0, 0.5, 0.0] and np.isnan(loose.mass_share[2])


def test_other_sources_and_own_coefficients_can_be_chosen():
    assert ofp([1.0], ["toluene"], unit="ug/m3", mir="zhang2021").total == pytest.approx(2.12)
    own = ofp([1.0, 1.0], ["toluene", "benzene"], unit="ug/m3", mir=np.array([1.5, NAN]))
    assert own.total == pytest.approx(1.5) and own.species_share == 0.5


def test_initial_concentrations_undo_the_ageing():
    exposure = photochemical_age(1.8, initial_ratio=3.0).exposure
    names = ["m,p-xylene", "ethylbenzene", "isoprene", "carbon disulfide"]
    first = initial_concentrations([1.8, 1.0, 0.3, 0.1], names, exposure, unit="ppb")
    assert first[0] / first[1] == pytest.approx(3.0)
    assert np.isnan(first[2]) and np.isnan(first[3])  # plants emit isoprene all the way; no rate of carbon disulfide
    assert initial_concentrations([0.3], ["isoprene"], 0.0, unit="ppb", without=()) == pytest.approx(0.3)
    both = initial_concentrations([[1.0, NAN]], ["toluene"], [NAN, 1e10], unit="ug/m3")
    assert np.isnan(both).all()


def test_air_is_not_fresher_than_fresh():
    age = photochemical_age([3.0, 3.5, NAN, 0.0], initial_ratio=3.0)
    assert age.hours.tolist() == pytest.approx([0.0, NAN, NAN, NAN], nan_ok=True)


def test_incremental_reactivity_is_relative_to_both():
    assert relative_incremental_reactivity(10.0, 9.5) == pytest.approx(0.5)
    found = relative_incremental_reactivity([10.0, 0.0, NAN], [10.5, 1.0, 1.0])
    assert found.tolist() == pytest.approx([-0.5, NAN, NAN], nan_ok=True)


@pytest.mark.parametrize(
    ("ratio", "value", "readings"),
    [
        ("toluene/benzene", 0.5, ["burning of biomass or coal"]),
        ("toluene/benzene", 1.0, []),
        ("toluene/benzene", 2.0, ["traffic"]),
        ("toluene/benzene", 9.0, ["solvents or industry", "strong industry"]),
        ("m,p-xylene/ethylbenzene", 3.0, ["fresh"]),
        ("m,p-xylene/ethylbenzene", 1.6, ["aged", "strongly aged or transported"]),
        ("isopentane/n-pentane", 2.5, ["vehicle exhaust", "liquid gasoline"]),
        ("isobutane/n-butane", 0.45, ["liquefied petroleum gas"]),
        ("voc/nox", 7.9, ["limited by VOC"]),
        ("voc/nox", 8.0, ["transition"]),
        ("voc/nox", 15.1, ["limited by NOx"]),
        ("h2o2/hno3", 0.3, ["limited by VOC or transition"]),
        ("fnr-duncan2010", 1.5, ["transition"]),
        ("fnr-wang2021", 1.5, ["limited by VOC"]),
        ("fnr-jin2020", 4.2, ["limited by NOx"]),
        ("voc/nox", NAN, []),
    ],
)
def test_ratios_are_read_by_their_bands(ratio, value, readings):
    assert [band.reading_en for band in readings_at(read_ratio(ratio, value))] == readings


def test_ratios_of_species_are_found_and_read():
    names = ["toluene", "benzene", "m-xylene", "p-xylene", "ethylbenzene"]
    values = np.array([[4.0, 4.0], [2.0, 0.0], [1.0, 1.0], [0.5, 0.5], [0.5, NAN]])
    found = diagnostic_ratios(values, names, unit="ppb")
    assert set(found) == {"toluene/benzene", "m,p-xylene/ethylbenzene"}
    assert found["toluene/benzene"].value.tolist() == pytest.approx([2.0, NAN], nan_ok=True)
    assert found["m,p-xylene/ethylbenzene"].value.tolist() == pytest.approx([3.0, NAN], nan_ok=True)
    assert readings_at(found["toluene/benzene"], 0)[0].reading_en == "traffic"
    by_mass = diagnostic_ratios(to_ugm3(values, names), names, unit="ug/m3")
    assert by_mass["toluene/benzene"].value[0] == pytest.approx(2.0)
    assert all(band.source and band.confidence for rule in RATIOS.values() for band in rule.bands)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ofp([-1.0], ["toluene"], unit="ppb"), "toluene is -1 ppb, expected 0 to"),
        (lambda: ofp([np.inf], ["toluene"], unit="ppb"), "toluene is inf ppb"),
        (lambda: ofp([1.0], ["toluene"], unit="ppm"), "'ppm', expected one of ppb, ug/m3"),
        (lambda: ofp([1.0], ["toluol"], unit="ppb"), "'toluol'.*did you mean toluene"),
        (lambda: ofp([1.0, 2.0], ["toluene"], unit="ppb"), r"shape \(2,\), expected \(1, ...\)"),
        (lambda: ofp([1.0], ["toluene"], unit="ppb", mir=np.ones(2)), r"mir has shape \(2,\)"),
        (lambda: ofp([1.0], ["toluene"], unit="ppb", least_measured=2), "2, expected 0 to 1"),
        (lambda: soa_potential([1.0], ["toluene"], unit="ppb", method="yield"), "'yield', expected soap or fac"),
        (lambda: soa_potential([1.0], ["toluene"], unit="ppb", reacted=[0.5]), "expected it with fac only"),
        (lambda: soa_potential([1.0], ["toluene"], unit="ppb", method="fac", reacted=[1.0]), "fraction reacted is 1"),
        (lambda: photochemical_age(-1.0, initial_ratio=3.0), "ratio is -1"),
        (lambda: photochemical_age(1.0, initial_ratio=3.0, oh=0), "oh is 0, expected"),
        (
            lambda: photochemical_age(1.0, initial_ratio=3.0, fast="benzene", slow="toluene"),
            "expected the first larger",
        ),
        (lambda: initial_concentrations([1.0], ["toluene"], -1.0, unit="ppb"), "exposure is -1"),
        (lambda: initial_concentrations([1.0], ["toluene"], [1.0, 2.0], unit="ppb"), r"shape \(2,\)"),
        (lambda: read_ratio("a/b", 1.0), "'a/b', expected one of toluene/benzene"),
        (lambda: read_ratio("voc/nox", -1.0), "voc/nox is -1"),
        (lambda: relative_incremental_reactivity(1.0, 1.0, change=0.0), "change is 0.0"),
    ],
)
def test_bad_input_gets_a_clear_answer(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_impossible_values_can_be_taken_for_missing():
    found = ofp([[-1.0, 1.0]], ["toluene"], unit="ug/m3", invalid="missing")
    assert found.total.tolist() == pytest.approx([NAN, 4.0], nan_ok=True)


def test_real_reactivity_table_agrees_with_ours():
    path = FOLDER / "voc_reactivity" / "voc117.csv"
    if not path.is_file():
        pytest.skip(f"the table of reactivity is absent: no file {path}")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert species_named(row["cas"]).number == int(row["n"]) == species_named(row["cn"]).number
            found = ofp([1.0], [row["cas"]], unit="ug/m3").total
            assert found == pytest.approx(float(row["mir"] or NAN), nan_ok=True)


def test_a_total_of_what_was_measured_says_how_much_that_was():
    values = np.array([[1.5, 1.5], [NAN, NAN], [0.25, NAN], [NAN, NAN], [0.0, NAN]])
    made = tvoc(values, NAMES, unit="ppb", least_measured=0.0)
    assert made.total.tolist() == [1.75, 1.5] and made.measured.tolist() == [0.6, 0.2]
    assert np.isnan(tvoc(values, NAMES, unit="ppb").total).all()
    assert np.isnan(tvoc(values[:, :1] * NAN, NAMES, unit="ppb", least_measured=0.0).total).all()
